import { expect, test } from 'vitest';
import { terminal } from '../../support/terminal.ts';
import { openScreen } from './screen.ts';
import { openView } from './view.ts';

const table = (status: string, age: string) => [
  ['NAME', 'STATUS', 'AGE'],
  ['contoso', status, age],
];
const creating = [{ location: 'japaneast', provisioningState: 'Creating' }];
const ready = [{ location: 'japaneast', provisioningState: 'Succeeded', status: 'Ready' }];

test('on a terminal the table is drawn over, and its last state stays', () => {
  const { output, lines } = terminal(80);
  const screen = openScreen(output);
  screen.say('$ kubectl get');
  const view = openView(screen, 'waiting', () => 0);
  view.show(table('Syncing', '1s'), creating);
  expect(lines()).toEqual([
    '$ kubectl get',
    'NAME      STATUS    AGE',
    'contoso   Syncing   1s',
    '',
    '  japaneast          Creating',
    '',
    '  … waiting  0.0 s',
    '',
  ]);
  view.show(table('Ready', '2s'), ready);
  view.settle();
  screen.say('next');
  expect(lines()).toEqual([
    '$ kubectl get',
    'NAME      STATUS   AGE',
    'contoso   Ready    2s',
    '',
    '  japaneast          Succeeded  Ready',
    'next',
    '',
  ]);
});

test('a line longer than the terminal is cut, so that drawing over it leaves nothing', () => {
  const { output, lines } = terminal(30);
  const screen = openScreen(output);
  screen.live([{ text: 'x'.repeat(100) }]);
  expect(lines()).toEqual([`${'x'.repeat(28)}…`, '']);
  screen.live([]);
  expect(lines()).toEqual(['']);
});

test('without a terminal nothing moves or is coloured, and the table comes again only when a row changed', () => {
  const { output, written } = terminal(undefined);
  const view = openView(openScreen(output), 'waiting', () => 0);
  view.show(table('Syncing', '1s'), creating);
  view.show(table('Syncing', '2s'), creating);
  view.show(table('Ready', '3s'), ready);
  view.show(table('Ready', '4s'), []);
  view.settle();
  expect(written().split('\n')).toEqual([
    'NAME      STATUS    AGE',
    'contoso   Syncing   1s',
    '  japaneast          Creating',
    'NAME      STATUS   AGE',
    'contoso   Ready    3s',
    '  japaneast          Succeeded  Ready',
    '  japaneast          gone',
    '',
  ]);
});

test('without a terminal it says every ten seconds that it still waits', () => {
  const { output, written } = terminal(undefined);
  let now = 0;
  const view = openView(openScreen(output), 'waiting for Azure', () => now);
  for (; now <= 25_000; now += 250) view.show(table('Ready', '1s'), []);
  expect(written().match(/ {2}… waiting for Azure {2}[\d.]+ s\n/g)).toHaveLength(2);
});

test('a step is one line with the time it took, whether it could be drawn over or not', async () => {
  for (const { output, lines } of [terminal(80), terminal(undefined)]) {
    let now = 0;
    const screen = openScreen(output, () => now);
    const work = async (): Promise<string> => {
      now = 65_000;
      return 'here';
    };
    await screen.step('Starting', work, (result) => `It is ${result}`);
    expect(lines()).toEqual([`  ✓ ${'It is here'.padEnd(63)}  1 min 05 s`, '']);
  }
});

test('a failing step leaves no line', async () => {
  const { output, lines } = terminal(80);
  const work = () => Promise.reject(new Error('no'));
  await expect(openScreen(output).step('Starting', work, () => 'done')).rejects.toThrow('no');
  expect(lines()).toEqual(['']);
});

test('a step too long for the terminal is broken between words, with the time behind the last', async () => {
  const { output, lines } = terminal(50);
  const work = () => Promise.resolve('The operator, process 30699, under the role of deploy/');
  await openScreen(output, () => 0).step('Starting', work, (result) => result);
  expect(lines()).toEqual([
    '  ✓ The operator, process 30699,',
    `    under the role of deploy/${' '.repeat(15)}0.0 s`,
    '',
  ]);
});

test('a link stays whole, with the time below where there is no room', async () => {
  const { output, lines } = terminal(50);
  const link = `http://127.0.0.1:8443/?token=${'x'.repeat(20)}`;
  await openScreen(output, () => 0).step(
    'Starting',
    () => Promise.resolve(link),
    (it) => `The map: ${it}`,
  );
  expect(lines()).toEqual(['  ✓ The map:', `    ${link}`, `${' '.repeat(44)}0.0 s`, '']);
});

test('what is said is broken between words on a terminal, and whole elsewhere', () => {
  for (const [columns, expected] of [
    [20, ['one two three four', 'five six', '']],
    [undefined, ['one two three four five six', '']],
  ] as const) {
    const { output, lines } = terminal(columns);
    openScreen(output).say('one two three four five six');
    expect(lines()).toEqual(expected);
  }
});
