import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { emulatorClient } from './control-client.ts';
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
