import { setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { apiVersion, kind as objectKind } from '../../../src/api/registryreplication.ts';
import type { JournalEntry } from '../../sandbox/emulator/journal.ts';
import { randomFrom, shuffled } from '../../sandbox/emulator/random.ts';
import type { OperatorProcess } from '../../sandbox/operator.ts';
import { coveredRow } from '../../support/covered.ts';
import { type ElectionWorld, electionWorld, said } from '../../support/election-world.ts';

const seed = 5;
const objects = 20;
/** How many hand-overs of each kind are made; those after a kill or a pause wait 15 s for the lease. */
const kinds = { SIGTERM: 32, 'kill -9': 11, 'SIGSTOP and SIGCONT': 11 } as const;
type Kind = keyof typeof kinds;
/** The region that is always wanted: it must be created once and never deleted. */
const anchor = 'japaneast';
const others = ['brazilsouth', 'uksouth', 'westeurope', 'southeastasia', 'canadacentral'];
const patience = { timeout: 120_000, interval: 20 };
const began = performance.now();

test('over 50 hand-overs under load no region is created or deleted twice, and never do two operators write', async (t) => {
  const random = randomFrom(seed);
  const order = shuffled(
    Object.entries(kinds).flatMap(([kind, count]) => Array<Kind>(count).fill(kind as Kind)),
    random,
  );
  const registries = Array.from({ length: objects }, (_, number) => ({
    name: `contoso${String(number).padStart(2, '0')}`,
    resourceGroup: 'registries',
    location: 'eastus',
  }));
  const world = await electionWorld(t, {
    operators: order.length + 2,
    registries,
    journalSize: 1_000_000,
    latencyMs: 50,
  });
  const load = editing(
    world,
    registries.map(({ name }) => name),
    random,
  );

  const all: OperatorProcess[] = [await world.startNumber(0)];
  await untilSaid(all[0], 'leading');
  const story: string[] = []; // stands in the message if it fails
  const tookMs: Readonly<Record<Kind, number[]>> = { SIGTERM: [], 'kill -9': [], 'SIGSTOP and SIGCONT': [] };
  for (const kind of order) {
    const leader = all.at(-1) as OperatorProcess;
    const next = await world.startNumber(all.length);
    all.push(next);
    await untilSaid(next, 'another operator leads');
    await delay(random() * 1_000); // any moment of a pass
    const at = Date.now();
    story.push(`operator ${all.length - 2} gets ${kind} at ${at}`);
    process.kill(leader.pid, { SIGTERM: 'SIGTERM', 'kill -9': 'SIGKILL', 'SIGSTOP and SIGCONT': 'SIGSTOP' }[kind]);
    tookMs[kind].push((await untilSaid(next, 'leading')) - at);
    if (kind === 'SIGSTOP and SIGCONT') {
      await delay(random() * 2_000);
      process.kill(leader.pid, 'SIGCONT');
      story.push(`operator ${all.length - 2} goes on at ${Date.now()}`);
    }
    const ends: Readonly<Record<Kind, string>> = {
      SIGTERM: 'exit code 0',
      'kill -9': 'SIGKILL',
      'SIGSTOP and SIGCONT': 'exit code 1',
    };
    expect(await leader.ended, kind).toBe(ends[kind]);
  }

  const { edits, wanted } = await load.stop();
  for (const [name, locations] of wanted) {
    await world.untilReady(name);
    expect(await world.locations(name)).toEqual(['eastus', ...locations].toSorted());
  }
  const writes = (await world.azure.control.journal()).filter(isWrite);
  expect(repeatedIn(writes), story.join('\n')).toEqual([]);
  expect(writes.filter(({ region, method }) => region === anchor && method === 'DELETE')).toEqual([]);
  expect(await outOfTurn(world, all), story.join('\n')).toEqual([]);

  const times = Object.entries(tookMs).map(
    ([kind, ms]) => `${kind} ${median(ms)} s (at most ${seconds(Math.max(...ms))} s)`,
  );
  const counts = { 'hand-overs': order.length, ...kinds, objects, edits, 'writes to Azure': writes.length, seed };
  const held = `no create or delete repeated, nothing wanted deleted, never two that write; taken over in the median after ${times.join(', ')}`;
  const row = { what: 'Hand-overs', counts, held, command: 'npm run test:handovers' };
  console.log(coveredRow({ ...row, seconds: (performance.now() - began) / 1_000 }));
});

/** Somebody edits one of the objects twice a second. */
function editing(world: ElectionWorld, names: readonly string[], random: () => number) {
  const wanted = new Map(names.map((name) => [name, [anchor]]));
  let edits = 0;
  const stop = new AbortController();
  const apply = async (name: string): Promise<void> => {
    await world.cluster.kube.apply({
      apiVersion,
      kind: objectKind,
      metadata: { name, namespace: world.namespace },
      spec: {
        registry: { name, resourceGroup: 'registries' },
        regions: (wanted.get(name) ?? []).map((location) => ({ location })),
      },
    });
    edits++;
  };
  async function run(): Promise<void> {
    for (const name of names) await apply(name);
    while (!stop.signal.aborted) {
      const name = names[Math.floor(random() * names.length)] ?? '';
      wanted.set(name, [anchor, ...others.filter(() => random() < 0.4)]);
      await apply(name);
      await delay(500);
    }
  }
  const running = run();
  running.catch(() => {}); // stop() tells
  return {
    async stop() {
      stop.abort();
      await running;
      return { edits, wanted };
    },
  };
}

function isWrite({ method, kind, status }: JournalEntry): boolean {
  return method !== 'GET' && kind === 'replication' && status < 300;
}

/** Creates and deletes of one region must take turns, beginning with a create. */
function repeatedIn(writes: readonly JournalEntry[]): string[] {
  const last = new Map<string, JournalEntry>();
  return writes.flatMap((write) => {
    const { method, registry, region, at } = write;
    const where = `${registry}/${region}`;
    const before = last.get(where);
    last.set(where, write);
    if (method === 'PATCH' || (before?.method ?? 'DELETE') !== method) return [];
    return [`${method} ${where} at ${at} by ${write.clientId}, and before at ${before?.at} by ${before?.clientId}`];
  });
}

/** The writes by an operator before it led, or after the next one did. */
async function outOfTurn(world: ElectionWorld, all: readonly OperatorProcess[]): Promise<string[]> {
  const found: string[] = [];
  for (const [number, operator] of all.entries()) {
    const from = said(operator, 'leading') ?? Number.POSITIVE_INFINITY;
    const successor = all[number + 1];
    const to = (successor && said(successor, 'leading')) ?? Number.POSITIVE_INFINITY;
    for (const { at, method, path } of await world.writesOf(number))
      if (at < from || at > to)
        found.push(`${method} ${path} at ${at} by operator ${number}, which led from ${from} to ${to}`);
  }
  return found;
}

async function untilSaid(operator: OperatorProcess | undefined, message: string): Promise<number> {
  return await vi.waitFor(() => {
    const at = operator && said(operator, message);
    if (at === undefined) throw new Error(`it does not say "${message}":\n${operator?.output()}`);
    return at;
  }, patience);
}

function median(ms: readonly number[]): string {
  return seconds(ms.toSorted((a, b) => a - b)[Math.floor(ms.length / 2)] ?? Number.NaN);
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
