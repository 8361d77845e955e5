import { isDeepStrictEqual } from 'node:util';
import { hasFinalizer, isDeleting, type RegistryReplication } from '../api/registryreplication.ts';
import { accountsOf } from '../domain/account.ts';
import { eventsOf, lossOf, retentionOf } from '../domain/events.ts';
import { type Judged, judge } from '../domain/judgement.ts';
import { type Key, keyOf } from '../domain/key.ts';
import { type Memory, memoryOf, recreateOf } from '../domain/memory.ts';
import { leavesAzure } from '../domain/outset.ts';
import { nextLookMs } from '../domain/pace.ts';
import { type Finding, isReleased, refusalsOf } from '../domain/pass.ts';
import { type Decision, plan } from '../domain/plan.ts';
import type { Actual, Desired } from '../domain/replication.ts';
import { type Situation, situationOf } from '../domain/situation.ts';
import { statusOf } from '../domain/status.ts';
import type { Ports } from '../ports/ports.ts';
import type { Store } from '../ports/store.ts';
import { act } from './act.ts';
import { glance, type Known } from './glance.ts';
import { approach, look, type Seen } from './look.ts';
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
  const memory = memoryOf(object);
  if (deleting && leavesAzure(object)) return letGo(object, memory, ports, signal);

  const known = { memory, owner: ownershipOf(object, ports) };
  const way = await approach(object, memory, ports, signal);
  const glanced = way.kind === 'open' && retries === 0 ? await glance(object, way, known, ports, signal) : undefined;
  if (glanced?.kind === 'look') return glanced;
  const sight = way.kind === 'open' ? (glanced ?? (await look(object, way, memory, signal))) : way;
  const outcome =
    sight.kind === 'seen' ? await proceed(object, sight, known, ports, signal) : { stored: object, finding: sight };
  if (outcome === 'outdated') return { kind: 'look', inMs: 0, failed: false };
  const { stored, finding } = outcome;

  const judged = judge({ object: stored, ...known, now: clock.now(), retries, finding });
  if (deleting && isReleased(judged)) return letGo(stored, memory, ports, signal, judged);
  const status = statusOf(judged);
  ports.observer(judged);
  if (status !== undefined) await store.writeStatus(stored, status, signal);
  ports.announce(stored, eventsOf(judged, status));
  const inMs = nextLookMs(judged, ports.random());
  return inMs === undefined ? done : { kind: 'look', inMs, failed: refusalsOf(finding).length > 0 };
}

/**
 * Plans from what was seen, and acts. The object comes back as stored: the finalizer goes on before the first write to Azure.
 * `outdated`: nothing was done, for a drain is to begin, and the API server knows more of the object than the cache did.
 */
async function proceed(
  object: RegistryReplication,
  sight: Seen,
  known: Known,
  ports: Ports,
  signal: AbortSignal,
): Promise<{ readonly stored: RegistryReplication; readonly finding: Finding } | 'outdated'> {
  const { store, clock, settings } = ports;
  const { desired, azure } = sight;
  const planned = (actual: Actual): Planned => {
    const situation = situationOf(object, { desired, actual }, { ...known, now: clock.now() });
    return { situation, decisions: plan(situation) };
  };
  const observed = ({ situation, decisions }: Planned, results: Results): Finding => {
    const accounts = accountsOf(situation, decisions, results);
    return { kind: 'observed', desired, registry: situation.actual.registry, accounts };
  };
  const { maxConcurrentWrites: limit } = settings;
  const isCurrent = currency(object, store, signal);
  const acting = { registry: desired.registry, azure, limit, isCurrent, signal };
  let made = planned(sight.actual);
  if (desired.mode === 'Observe') {
    return { stored: object, finding: observed(made, await act(made.decisions.filter(asks), acting)) };
  }
  if (needsRegistry(made) && sight.actual.registryRead === 'remembered') {
    // The home region of a registry that was made anew elsewhere is another one than status remembers.
    const read = await azure.readRegistry(desired.registry, signal, { anySku: isDeleting(object) });
    if (!read.ok) return { stored: object, finding: { kind: 'unobserved', failure: read.failure, desired } };
    const { regionalEndpoints } = sight.actual.registry;
    const registry = { ...read.value, ...(regionalEndpoints && { regionalEndpoints }) };
    made = planned({ ...sight.actual, registry, registryRead: 'now' });
  }
  // What routing was before a drain may be on record already, and Azure shows it no more.
  if (made.decisions.some(({ kind }) => kind === 'note') && !(await isCurrent())) return 'outdated';
  const stored = mayWrite(object, desired) ? object : await store.addFinalizer(object, signal);
  return { stored, finding: observed(made, await act(made.decisions, acting)) };
}

interface Planned {
  readonly situation: Situation;
  readonly decisions: readonly Decision[];
}

type Results = Parameters<typeof accountsOf>[2];

/** Whether nothing but a GET comes of a decision. */
function asks({ kind }: Decision): boolean {
  return kind === 'verify' || kind === 'lag';
}

/**
 * Whether the registry must have been read in this pass: before a deletion, for a home replica is never deleted, and
 * before an object is let go without one, for a replica in what is the home region no more must not stay behind.
 */
function needsRegistry({ situation, decisions }: Planned): boolean {
  return decisions.some(destroys) || (situation.deleting && decisions.length === 0);
}

/** Whether a replica is deleted, or is told that it will be. */
function destroys(decision: Decision): boolean {
  return decision.kind === 'delete' || (decision.kind === 'pause' && decision.why.kind === 'notice');
}

/** Asks whether an object is still what was planned for: first the API server itself, with one GET, and each time the cache. */
function currency(object: RegistryReplication, store: Store, signal: AbortSignal): () => Promise<boolean> {
  let newest: Promise<RegistryReplication | undefined> | undefined;
  const isSame = (other: RegistryReplication | undefined): boolean =>
    other?.metadata.uid === object.metadata.uid &&
    other.metadata.generation === object.metadata.generation &&
    recreateOf(other) === recreateOf(object) &&
    other.metadata.deletionTimestamp === object.metadata.deletionTimestamp;
  return async () => {
    newest ??= store.refresh(object, signal);
    const fresh = await newest;
    // A status that is newer than the one remembered may know what was provisioned, or whose a replica is.
    return isSame(fresh) && isDeepStrictEqual(fresh?.status, object.status) && isSame(store.get(keyOf(object)));
  };
}

/** An object whose replicas are to go with it must not go before them. */
function mayWrite(object: RegistryReplication, { deletionPolicy }: Desired): boolean {
  return deletionPolicy === 'Retain' || isDeleting(object) || hasFinalizer(object);
}

/** Lets the object go, and tells what becomes of its replicas: of those that stay in Azure, too. */
async function letGo(
  object: RegistryReplication,
  memory: Memory,
  { store, announce }: Ports,
  signal: AbortSignal,
  judged?: Judged,
): Promise<Next> {
  await store.removeFinalizer(object, signal);
  const finding = judged?.finding;
  const seen = finding?.kind === 'observed' ? finding : undefined;
  const left = finding?.kind === 'unobserved' ? lossOf(memory) : retentionOf(memory, seen);
  const gone = judged === undefined || seen === undefined ? [] : eventsOf(judged, statusOf(judged));
  announce(object, left === undefined ? gone : [...gone, left]);
  return done;
}
