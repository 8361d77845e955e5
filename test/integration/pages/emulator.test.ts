import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import type { EmulatorControl } from '../../sandbox/emulator/control.ts';
import { EFFECT_KINDS } from '../../sandbox/emulator/control-arguments.ts';
import { CONTROL_FUNCTIONS, emulatorClient } from '../../sandbox/emulator/control-client.ts';
import type { State } from '../../sandbox/emulator/model.ts';
import { obtainTool } from '../../sandbox/tool.ts';
import { type Block, blocksOf, sectionOf } from '../../support/pages.ts';
import { commands, type Machine, machineOf, untyped } from './machine.ts';

const page = 'docs/emulator.md';
const on = (heading: string, nth = 0) => commands(page, heading, nth);
/** What the page says that the commands under a heading print, the last of them where there are several. */
const shown = (heading: string) =>
  blocksOf(page)
    .filter((block) => block.language === 'text' && block.heading === heading)
    .at(-1)
    ?.text.trim();
/** A status stands behind a blank, also where nothing is before it, and a header ends as HTTP has it. */
const lines = (text: string) => text.replaceAll(/^ |\r$/gm, '').trim();

const ends: (() => Promise<unknown>)[] = [];
let machine: Machine;
let control: EmulatorControl;
let fresh: State;

beforeAll(async () => {
  const lifetime = { onTestFinished: (end: () => Promise<unknown>) => void ends.push(end) };
  machine = await machineOf(lifetime, { kubeconfig: '', standIns: { az: 'true' } });
  const started = machine.leave(on('Start it'));
  await vi.waitFor(() => expect(started.lines.join('\n')).toContain('Ctrl-C stops it.'), { timeout: 30_000 });
  await machine.type(on('With curl'));
  control = emulatorClient('https://127.0.0.1:18443', await readFile(join(machine.folder, 'emulator-ca.pem'), 'utf8'));
  fresh = await control.state();
});
afterAll(async () => {
  for (const end of ends) await end();
});

/** Types a block after those that the page has before it, on an Azure as it was at the start. */
async function typed(...blocks: readonly Block[]): Promise<string> {
  await control.clearFaults();
  await control.setState(fresh);
  return lines(await machine.type(on('With curl', 1), ...blocks));
}

describe('every fault is shown by an example, which does what the page says', () => {
  for (const kind of EFFECT_KINDS) {
    test(kind, async () => {
      expect(on(kind).text).toContain(`"kind":"${kind}"`);
      const printed = await typed(on(kind));
      expect(printed).toBe(shown(kind));
      expect(printed).not.toBe('');
    });
  }

  test('and no heading is without one', () => {
    const headings = [...sectionOf(page, 'Faults').matchAll(/^### (\w+)$/gm)].map(([, name = '']) => name);
    expect(headings.toSorted()).toEqual(EFFECT_KINDS.toSorted());
  });
});

test('with curl a replica is created and listed', async () => {
  expect(await typed(on('With curl', 2))).toBe(shown('With curl'));
});

test.each([0, 1])('Resource Graph is asked by flag and by query (%i)', async (nth) => {
  const isText = ({ language, heading }: Block) => language === 'text' && heading === 'Resource Graph';
  const { text } = blocksOf(page).filter(isText)[nth] ?? { text: 'no such block' };
  expect(await typed(on('Resource Graph', nth))).toBe(text.trim());
  await control.setResourceGraph({ ageMs: 1_000 });
});

test('the counters tell what was written', async () => {
  expect(await typed(on('Behind the scenes'))).toBe(shown('Behind the scenes'));
});

test('the page names every control function', () => {
  const named = [...sectionOf(page, 'Behind the scenes').matchAll(/`(\w+)`(?=.*\|)/g)].map(([, name]) => name);
  expect(named).toEqual(expect.arrayContaining([...CONTROL_FUNCTIONS]));
});

test('the Azure CLI is asked to register the cloud in a folder of its own, and nothing of that is left', async () => {
  const { text } = on('With the Azure CLI, and back');
  const there = { ...on('With the Azure CLI, and back'), text: `${text}echo "folder $AZURE_CONFIG_DIR"\n` };
  const printed = await machine.type(on('With the Azure CLI, and back'), there);
  const [folder = ''] = /(?<=folder )\/\S+/.exec(printed) ?? [];
  expect(await machine.asked('az')).toEqual(
    expect.arrayContaining([
      'cloud register --name Emulated --endpoint-resource-manager https://127.0.0.1:18443',
      'cloud set --name Emulated',
      'acr replication list --registry contoso --output table',
    ]),
  );
  const back = on('With the Azure CLI, and back', 1);
  const left = { ...back, text: `env | grep -E '^(AZURE_|REQUESTS_)' || echo nothing; ls ${folder} 2>&1 || true\n` };
  await machine.type(back);
  expect(await machine.type({ ...back, text: `${back.text}${left.text}`.replace(/^rm .*\n/, '') })).toMatch(
    /^nothing\n.*No such file/,
  );
});

test('the operator starts with the variables of the page', async () => {
  expect(await machine.type(on('With the operator'))).toContain(manifest.version);
});

test('the script of another project starts an emulator of its own, and ends it', async () => {
  expect(await machine.type(on('In the tests of another project'))).toBe('[]');
  await expect(fetch('https://127.0.0.1:18444/')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
});

test('the workflow of another project is one that GitHub would run, with the image of the release workflow', async () => {
  const workflow = blocksOf(page).find(({ language }) => language === 'yaml')?.text ?? '';
  const program = await obtainTool('actionlint');
  const said = await new Promise<string>((resolve, reject) => {
    const child = execFile(program, ['-no-color', '-'], (_error, stdout) => resolve(stdout));
    child.on('error', reject);
    child.stdin?.end(`on: push\n${workflow}`);
  });
  expect(said).toBe('');
  const [, image] = /image: (\S+)/.exec(workflow) ?? [];
  expect(image).toBe(`ghcr.io/acr-replication-operator/acr-emulator:${manifest.version}`);
  expect(await readFile('.github/workflows/release.yaml', 'utf8')).toMatch(/^ +EMULATOR_IMAGE: .*\/acr-emulator$/m);
});

test('every block of this page is typed', () => {
  expect(untyped('test/integration/pages/emulator.test.ts')).toEqual([]);
});
