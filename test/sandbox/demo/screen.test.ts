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
  expect(lines()).toEqual(['x'.repeat(29), '']);
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
