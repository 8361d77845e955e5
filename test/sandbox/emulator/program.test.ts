import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EFFECT_KINDS } from './control-arguments.ts';
import { CONTROL_FUNCTIONS, emulatorClient } from './control-client.ts';
import { EFFECTS } from './fault-effects.ts';
import { openAzure } from './open-azure.ts';

const MAIN = new URL('./main.ts', import.meta.url).pathname;

interface Facts {
  readonly url: string;
  readonly caFile: string;
  readonly clientSecret: string;
}

async function run(...flags: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, '--json', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(20_000) })) as [
    string,
  ];
  const facts = JSON.parse(line) as Facts;
  const control = emulatorClient(facts.url, await readFile(facts.caFile, 'utf8'));
  const stop = async (signal: NodeJS.Signals) => {
    const exited = once(child, 'exit', { signal: AbortSignal.timeout(10_000) });
    child.kill(signal);
    return ((await exited) as [number | null])[0];
  };
  return { facts, control, stop };
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'emulator-test-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('the program serves a world file, obeys its control endpoint and leaves nothing behind on SIGTERM and SIGINT', async () => {
  const world = join(await folder(), 'world.json');
  await writeFile(
    world,
    JSON.stringify({
      registries: [{ name: 'fabrikam', resourceGroup: 'g', location: 'uksouth', replicas: [{ location: 'ukwest' }] }],
    }),
  );
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { facts, control, stop } = await run('--world', world, '--operation-ms', '50');
    expect((await control.replicas('fabrikam')).map((r) => r.location)).toEqual(['uksouth', 'ukwest']);
    await control.deleteReplica({ registry: 'fabrikam', region: 'ukwest' });
    expect((await control.replicas('fabrikam')).map((r) => r.location)).toEqual(['uksouth']);
    await expect(control.replicas('contoso')).rejects.toThrow("no registry 'contoso'");
    const taken = promisify(execFile)(process.execPath, [MAIN, '--port', new URL(facts.url).port]);
    await expect(taken).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('EADDRINUSE') as string });
    expect(await stop(signal)).toBe(0);
    expect(existsSync(facts.caFile)).toBe(false);
  }
});

test('with a state file it goes on where it was stopped', async () => {
  const file = join(await folder(), 'state.json');
  const first = await run('--state', file);
  await first.control.createReplica({ registry: 'contoso', location: 'Japan East' });
  expect(await first.stop('SIGTERM')).toBe(0);
  const second = await run('--state', file);
  expect((await second.control.replicas('contoso')).map((r) => r.location)).toEqual(['eastus', 'japaneast']);
  expect(await second.stop('SIGTERM')).toBe(0);
});

test('--help explains every flag, and wrong flags are all named at once with exit code 2', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--help']);
  for (const flag of [
    '--port',
    '--world',
    '--state',
    '--operation-ms',
    '--federation-issuer',
    '--federation-jwks',
    '--federation-subject',
    '--json',
  ])
    expect(stdout).toContain(flag);
  const wrong = promisify(execFile)(process.execPath, [
    MAIN,
    '--port',
    'x',
    '--world',
    '/does/not/exist',
    '--federation-issuer',
    'y',
  ]);
  await expect(wrong).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--port.*--world.*--federation-issuer/s) as string,
  });
});

test('--help and the start name every effect and control function, and how to go on with curl', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--help']);
  for (const name of [...CONTROL_FUNCTIONS, ...Object.keys(EFFECTS)]) expect(stdout).toContain(name);
  expect(EFFECT_KINDS.toSorted()).toEqual(Object.keys(EFFECTS).toSorted());
});

test('a file that is no world is refused, and so is a way that does not exist', async () => {
  const wrong = promisify(execFile)(process.execPath, [MAIN, '--world', 'package.json', '--put-of-failed', 'perhaps']);
  await expect(wrong).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /--put-of-failed must be stays or heals, not 'perhaps'\n--world package\.json: the world does not know name, .*registries\?/,
    ) as string,
  });
});

test('the printed recipe for curl gets a token and lists the registries', async () => {
  const child = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.includes('Ctrl-C')) break;
  }
  const recipe = /With curl:\n(.*?)\n\n/s.exec(text)?.[1] ?? '';
  const { stdout } = await promisify(execFile)('sh', ['-c', recipe]);
  expect(JSON.parse(stdout)).toMatchObject({ value: [{ name: 'contoso' }] });
});

describe('a wrong argument of a control function is answered with what is wrong and what there is', () => {
  for (const [name, argument, message] of [
    [
      'putRegistry',
      {},
      /^putRegistry lacks name, resourceGroup, location: it is \{name, resourceGroup, location, sub.*sku\?: Basic/,
    ],
    [
      'putRegistry',
      { name: 'a', resourceGroup: 'b', location: 'c', replicas: [{}] },
      /^putRegistry\.replicas\[0\] lacks location/,
    ],
    [
      'alterReplica',
      { registry: 'a', region: 'b', state: 'Failed' },
      /^alterReplica does not know state: it is .*provisioningState/,
    ],
    [
      'addFault',
      { effect: { kind: 'banana' } },
      /^unknown effect "banana": there is respond, throttle, .*createRefused$/,
    ],
    ['addFault', { effect: {} }, /^effect lacks kind: there is respond/],
    ['addFault', { effect: { kind: 'listOmits' } }, /^effect listOmits lacks region/],
    [
      'addFault',
      { effect: { kind: 'outage' }, match: { kind: 'nothing' } },
      /^addFault\.match\.kind must be replication \| /,
    ],
    [
      'addFault',
      { effect: { kind: 'outage' }, time: 3 },
      /^addFault does not know time: it is \{effect, match\?, times\?/,
    ],
    ['setTimes', { syncMs: '1' }, /^setTimes\.syncMs must be number$/],
    ['setHabits', { tagPatch: 'later' }, /^setHabits\.tagPatch must be operation \| immediate$/],
    ['replicas', undefined, /^replicas must be text$/],
  ] as const) {
    test(`${name} ${JSON.stringify(argument)}`, async () => {
      const { url, caPem } = await openAzure();
      const control = emulatorClient(url, caPem);
      await expect((control[name] as (it: unknown) => Promise<unknown>)(argument)).rejects.toThrow(message);
    });
  }
});

test('the control functions: journal, counters, edits behind the back, whole state, and the clock of operations', async () => {
  const azure = await openAzure({ operationMs: 1_000 });
  const { control } = azure;
  await azure.call('PUT', azure.acr('/replications/japaneast'), { location: 'japaneast', tags: { a: 'b' } });
  await azure.call('GET', azure.acr('/replications'));
  expect(await control.journal({ verb: 'PUT' })).toMatchObject([
    {
      kind: 'replication',
      registry: 'contoso',
      region: 'japaneast',
      status: 201,
      body: { tags: { a: 'b' } },
      apiVersion: '2025-11-01',
    },
  ]);
  expect(await control.counters()).toEqual({ 'LIST replications': 1, 'POST token': 1, 'PUT replication': 1 });
  await control.resetCounters();
  await control.clearJournal();
  expect([await control.counters(), await control.journal()]).toEqual([{}, []]);
  azure.tick(1_000);
  const saved = await control.state();
  await control.alterReplica({
    registry: 'contoso',
    region: 'japaneast',
    provisioningState: 'Failed',
    message: 'broken',
    regionEndpointEnabled: false,
  });
  const altered = (await control.replicas('contoso')).find((r) => r.location === 'japaneast');
  expect(altered?.properties).toMatchObject({
    provisioningState: 'Failed',
    regionEndpointEnabled: false,
    status: { message: 'broken' },
  });
  await control.deleteReplica({ registry: 'contoso', region: 'japaneast' });
  await control.setState(saved);
  expect((await control.replicas('contoso')).map((r) => [r.location, r.properties.provisioningState])).toEqual([
    ['eastus', 'Succeeded'],
    ['japaneast', 'Succeeded'],
  ]);
  await control.putRegistry({ name: 'second', resourceGroup: 'new', location: 'uksouth', sku: 'Basic' });
  expect(
    (await azure.call('GET', azure.acr('', 'second').replace('/registries/provider', '/new/provider'))).status,
  ).toBe(200);
  await control.deleteRegistry('second');
  await control.setTimes({ operationMs: 60_000 });
  await azure.call('PUT', azure.acr('/replications/westeurope'), { location: 'westeurope' });
  azure.tick(59_999);
  expect((await control.replicas('contoso')).at(-1)?.properties.provisioningState).toBe('Creating');
});

test('every control function exists in process and over HTTP', async () => {
  const azure = await openAzure();
  expect(Object.keys(emulatorClient(azure.url, azure.caPem)).sort((a, b) => a.localeCompare(b))).toEqual(
    Object.keys(azure.control).sort((a, b) => a.localeCompare(b)),
  );
});
