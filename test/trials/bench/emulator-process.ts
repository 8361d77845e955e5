import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Access } from '../../sandbox/cluster-access.ts';
import type { EmulatorControl } from '../../sandbox/emulator/control.ts';
import { emulatorClient } from '../../sandbox/emulator/control-client.ts';
import { DEFAULTS, type Times, type World } from '../../sandbox/emulator/settings.ts';
import { cleanAtProcessEnd } from '../../sandbox/leftovers.ts';
import { type AzureEndpoint, federatedApp } from '../../sandbox/operator.ts';
import { startServer } from '../../sandbox/process.ts';

/** The emulated Azure as a process of its own, so that its work is not done on the measuring program's thread. */
export interface AzureProcess extends AzureEndpoint {
  readonly control: EmulatorControl;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface AzureProcessOptions extends Partial<Pick<Times, 'operationMs' | 'syncMs' | 'latencyMs'>> {
  /** The cluster whose operator signs in by workload identity; undefined: the first app has a secret only. */
  readonly cluster?: Access;
  readonly registries: NonNullable<World['registries']>;
  /** How many of the last calls its journal keeps. */
  readonly journalSize?: number;
}

export async function startAzure(options: AzureProcessOptions): Promise<AzureProcess> {
  const { cluster, registries, operationMs = 10_000, syncMs = 0, latencyMs = 0, journalSize = 10_000 } = options;
  const dir = await mkdtemp(join(tmpdir(), 'acr-replication-bench-'));
  const [world, logFile] = [join(dir, 'world.json'), join(dir, 'log')];
  const { clientId, clientSecret: secret } = DEFAULTS;
  const used = new Set(registries.flatMap(({ subscriptionId }) => subscriptionId ?? []));
  const apps = [cluster === undefined ? { clientId, secret } : await federatedApp(cluster)];
  const given: World = {
    registries,
    subscriptions: [...used].map((id) => ({ id })),
    apps,
    // One role for all of Azure: each call looks through them all.
    roles: apps.map((app) => ({ clientId: app.clientId, scope: '/', actions: ['*'] })),
  };
  await writeFile(world, JSON.stringify(given), { mode: 0o600 });
  const times = ['--operation-ms', operationMs, '--sync-ms', syncMs, '--latency-ms', latencyMs];
  const numbers = [...times, '--journal-size', journalSize].map(String);
  const program = resolve('test/sandbox/emulator/main.ts');
  const server = startServer(
    process.execPath,
    // Room for what one answer leaves, so that the emulator takes less of the processors which it shares.
    ['--max-semi-space-size=32', program, '--json', '--world', world, ...numbers],
    {
      logFile,
      env: { PATH: process.env['PATH'], TMPDIR: dir }, // what it leaves behind when killed goes with the folder
    },
  );
  const remove = () => rmSync(dir, { recursive: true, force: true });
  const forget = cleanAtProcessEnd(() => {
    server.killNow();
    remove();
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    remove();
    forget();
  };
  try {
    const facts = await factsLine(logFile, () => server.running());
    const { url, caFile, subscriptionId, tenantId } = facts;
    const credentials = { tenantId, clientId: facts.clientId, clientSecret: facts.clientSecret };
    const control = emulatorClient(url, await readFile(caFile, 'utf8'));
    return { url, caFile, subscriptionId, credentials, control, pid: server.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Facts = Readonly<Record<'url' | 'caFile' | 'subscriptionId' | 'tenantId' | 'clientId' | 'clientSecret', string>>;

async function factsLine(logFile: string, running: () => boolean): Promise<Facts> {
  for (const deadline = Date.now() + 20_000; running() && Date.now() < deadline; await delay(20)) {
    const line = readFileSync(logFile, 'utf8')
      .split('\n')
      .find((text) => text.startsWith('{') && text.endsWith('}'));
    if (line !== undefined) return JSON.parse(line) as Facts;
  }
  throw new Error(`the emulator did not start:\n${readFileSync(logFile, 'utf8')}`);
}

/** Calls by verb and kind, and their sum. Calls for tokens and about the issuer of tokens are no ARM calls. */
export async function armCalls(
  control: EmulatorControl,
): Promise<{ readonly total: number; readonly byVerb: Readonly<Record<string, number>> }> {
  const byVerb = Object.fromEntries(
    Object.entries(await control.counters()).filter(([name]) => !/token|openid|keys|discovery/i.test(name)),
  );
  return { total: Object.values(byVerb).reduce((sum, count) => sum + count, 0), byVerb };
}
