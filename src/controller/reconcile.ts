import { hasFinalizer, isDeleting, type RegistryReplication } from '../api/registryreplication.ts';
import { accountsOf } from '../domain/account.ts';
import { eventsOf } from '../domain/events.ts';
import { judge } from '../domain/judgement.ts';
import type { Key } from '../domain/key.ts';
import { type Memory, memoryOf } from '../domain/memory.ts';
import type { Ownership } from '../domain/ownership.ts';
import { nextLookMs } from '../domain/pace.ts';
import { type Finding, isReleased, refusalsOf } from '../domain/pass.ts';
import { plan } from '../domain/plan.ts';
import type { Desired } from '../domain/replication.ts';
import { situationOf } from '../domain/situation.ts';
import { statusOf } from '../domain/status.ts';
import type { Ports } from '../ports/ports.ts';
import { act } from './act.ts';
import { look, type Sight } from './look.ts';
import { ownershipOf } from './ownership.ts';

/** When to come back. `failed`: the pass met a failure; passes that fail in a row wait longer. */
export type Next =
  | { readonly kind: 'done' }
  | { readonly kind: 'look'; readonly inMs: number; readonly failed: boolean };

const done: Next = { kind: 'done' };

/** One pass, straight down: load, look, plan, act, write status, choose when to look again. */
export async function reconcile(key: Key, retries: number, ports: Ports, signal: AbortSignal): Promise<Next> {
  const { store, clock } = ports;
  const object = store.get(key);
  if (object === undefined) return done;
  const deleting = isDeleting(object);
  if (deleting && !hasFinalizer(object)) return done;
  if (deleting && leavesAzure(object)) return letGo(object, ports, signal);

  const memory = memoryOf(object);
  const owner = ownershipOf(object, ports);
  const sight = await look(object, memory, ports, signal);
  const { stored, finding } =
    sight.kind === 'seen'
      ? await proceed(object, sight, { memory, owner }, ports, signal)
      : { stored: object, finding: sight };

  const judged = judge({ object: stored, memory, owner: owner.tag, now: clock.now(), retries, finding });
  const status = statusOf(judged);
  const occurrences = eventsOf(judged, status);
  if (deleting && isReleased(finding)) {
    await letGo(stored, ports, signal);
    if (finding.kind === 'observed') ports.announce(stored, occurrences);
    return done;
  }
  ports.observer(judged);
  if (status !== undefined) await store.writeStatus(stored, status, signal);
  ports.announce(stored, occurrences);
  const inMs = nextLookMs(judged, ports.random());
  return inMs === undefined ? done : { kind: 'look', inMs, failed: refusalsOf(finding).length > 0 };
}

/** Plans from what was seen, and acts. The object comes back as stored: the finalizer goes on before the first write to Azure. */
async function proceed(
  object: RegistryReplication,
  sight: Sight & { readonly kind: 'seen' },
  known: { readonly memory: Memory; readonly owner: Ownership },
  { store, clock, settings }: Ports,
  signal: AbortSignal,
): Promise<{ readonly stored: RegistryReplication; readonly finding: Finding }> {
  const { desired, actual, azure } = sight;
  const situation = situationOf(object, sight, { ...known, now: clock.now() });
  const decisions = plan(situation);
  const found = { kind: 'observed', desired, registry: actual.registry } as const;
  if (desired.mode === 'Observe') {
    return { stored: object, finding: { ...found, accounts: accountsOf(situation, decisions, new Map()) } };
  }
  const stored = mayWrite(object, desired) ? object : await store.addFinalizer(object, signal);
  const limit = settings.maxConcurrentWrites;
  const results = await act(decisions, { registry: desired.registry, azure, limit, signal });
  return { stored, finding: { ...found, accounts: accountsOf(situation, decisions, results) } };
}

/** An object whose replicas are to go with it must not go before them. */
function mayWrite(object: RegistryReplication, { deletionPolicy }: Desired): boolean {
  return deletionPolicy === 'Retain' || isDeleting(object) || hasFinalizer(object);
}

/** Retain and Observe leave Azure as it is. */
function leavesAzure({ spec }: RegistryReplication): boolean {
  return spec.deletionPolicy === 'Retain' || spec.mode === 'Observe';
}

async function letGo(object: RegistryReplication, { store }: Ports, signal: AbortSignal): Promise<Next> {
  await store.removeFinalizer(object, signal);
  return done;
}
