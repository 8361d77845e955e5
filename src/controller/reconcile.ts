import { finalizer, type RegistryReplication } from '../api/registryreplication.ts';
import { holderOf } from '../domain/claims.ts';
import { correlationIdOf } from '../domain/correlation.ts';
import { desiredOf, registryKey, registryOf } from '../domain/desired.ts';
import { type Announce, eventsOf } from '../domain/events.ts';
import { type Key, keyOf } from '../domain/key.ts';
import { nextLookMs } from '../domain/pace.ts';
import { type Facts, type Finding, isNewlyAsked, knowsWhatIsLeft, refusalsOf } from '../domain/pass.ts';
import { plan, type Situation } from '../domain/plan.ts';
import { regionOf } from '../domain/region.ts';
import type { Desired } from '../domain/replication.ts';
import { registryFrom, statusOf } from '../domain/status.ts';
import type { AzureAccess } from '../ports/azure.ts';
import type { Store } from '../ports/store.ts';
import type { Clock } from '../time/clock.ts';
import { act } from './act.ts';

/** What a pass needs and may change. */
export interface Ports {
  readonly store: Store;
  readonly azure: AzureAccess;
  readonly clock: Clock;
  /** All objects about registries of this name, in any subscription. */
  readonly namesakes: (registryName: string) => readonly RegistryReplication[];
  /** From 0 to 1. */
  readonly random: () => number;
  /** Told once per pass, for logs and metrics; must not throw. */
  readonly observer: (facts: Facts) => void;
  /** Told what changed, once it is in the status. */
  readonly announce: Announce;
  readonly settings: Settings;
}

export interface Settings {
  /** First part of the owner tag; tells the operators of several clusters apart. */
  readonly clusterName: string;
  /** Of objects that name none. */
  readonly subscriptionId: string | undefined;
  /** Creates and deletes under way at once for one registry. */
  readonly maxConcurrentWrites: number;
  /** Whether the store holds every object of a namespace: then an owner there that is not in it is gone. */
  readonly seesAllOf: (namespace: string) => boolean;
}

/** When to come back. `failed`: the pass met a failure; passes that fail in a row wait longer. */
export type Next =
  | { readonly kind: 'done' }
  | { readonly kind: 'look'; readonly inMs: number; readonly failed: boolean };

const done: Next = { kind: 'done' };

/** One pass, straight down: load, observe, plan, act, write status, choose when to look again. */
export async function reconcile(key: Key, retries: number, ports: Ports, signal: AbortSignal): Promise<Next> {
  const { store, clock } = ports;
  const object = store.get(key);
  if (object === undefined) return done;
  const deleting = object.metadata.deletionTimestamp !== undefined;
  if (deleting && !hasFinalizer(object)) return done;
  if (deleting && mayLetGo(object)) return letGo(object, ports, signal);

  const { finding, object: current } = await findOut(object, ports, signal);
  const facts: Facts = { object: current, now: clock.now(), retries, finding };
  const status = statusOf(facts, ownerTagOf(object, ports));
  if (deleting && isReleased(finding)) {
    await letGo(current, ports, signal);
    if (finding.kind === 'observed') ports.announce(current, eventsOf(facts, status));
    return done;
  }
  ports.observer(facts);
  if (status !== undefined) await store.writeStatus(current, status, signal);
  ports.announce(current, eventsOf(facts, status));
  const inMs = nextLookMs(facts, ports.random());
  return inMs === undefined ? done : { kind: 'look', inMs, failed: hasFailed(finding) };
}

/** Everything up to and including the writes to Azure. The object comes back as stored: the finalizer goes on here. */
async function findOut(
  object: RegistryReplication,
  ports: Ports,
  signal: AbortSignal,
): Promise<{ readonly finding: Finding; readonly object: RegistryReplication }> {
  const { store, azure, settings } = ports;
  const deleting = object.metadata.deletionTimestamp !== undefined;
  const parsed = desiredOf(object, settings.subscriptionId);
  if (object.spec.suspend === true && !deleting) {
    return { object, finding: { kind: 'suspended', desired: parsed.ok ? parsed.desired : undefined } };
  }
  if (!parsed.ok) return { object, finding: { kind: 'invalid', problems: parsed.problems } };
  const { desired } = parsed;
  const observes = desired.mode === 'Observe';
  const holder = observes ? undefined : holderOf(rivals(desired, ports));
  if (holder !== undefined && holder.metadata.uid !== object.metadata.uid) {
    return { object, finding: { kind: 'claimed', holder: keyOf(holder), desired } };
  }
  const api = await azure.as(desired.credentials, correlationIdOf(object), signal);
  if (!api.ok) return { object, finding: { kind: 'unobserved', failure: api.failure, desired } };
  const actual = await api.value.observe(desired.registry, registryFrom(object), signal);
  if (!actual.ok) return { object, finding: { kind: 'unobserved', failure: actual.failure, desired } };

  const situation = situationOf(object, desired, actual.value, ports);
  const decisions = plan(situation);
  const finding = { kind: 'observed', desired, actual: actual.value, decisions } as const;
  if (observes) return { object, finding: { ...finding, results: new Map() } };
  const guarded = desired.deletionPolicy === 'Delete' && !deleting && !hasFinalizer(object);
  const stored = guarded ? await store.addFinalizer(object, signal) : object;
  const results = await act(decisions, situation, api.value, settings.maxConcurrentWrites, signal);
  return { object: stored, finding: { ...finding, results } };
}

function situationOf(
  object: RegistryReplication,
  desired: Desired,
  actual: Situation['actual'],
  ports: Ports,
): Situation {
  const { status, metadata } = object;
  return {
    desired,
    actual,
    memory: new Map(status?.replicas?.map((entry) => [regionOf(entry.location), entry])),
    deleting: metadata.deletionTimestamp !== undefined,
    leftKnown: knowsWhatIsLeft(object),
    // Without a finalizer nothing was written yet, unless it is an object that never gets one.
    untouched: status === undefined && !hasFinalizer(object) && desired.deletionPolicy === 'Delete',
    newlyAsked: isNewlyAsked(object),
    owner: ownerTagOf(object, ports),
    ownerAlive: (owner) => isAlive(owner, ports),
    now: ports.clock.now(),
  };
}

/** Objects that would change the same registry, this one included. */
function rivals(desired: Desired, { namesakes, settings }: Ports): RegistryReplication[] {
  const wanted = registryKey(desired.registry);
  return namesakes(desired.registry.name).filter(({ spec }) => {
    if (spec.mode === 'Observe') return false;
    const ref = registryOf(spec, settings.subscriptionId);
    return ref !== undefined && registryKey(ref) === wanted;
  });
}

function ownerTagOf(object: RegistryReplication, { settings }: Ports): string {
  return `${settings.clusterName}/${keyOf(object)}`;
}

/** Owners that this operator cannot see are taken to exist. */
function isAlive(owner: string, { store, settings }: Ports): boolean {
  const [cluster, namespace = '', name] = owner.split('/');
  if (cluster !== settings.clusterName || !settings.seesAllOf(namespace)) return true;
  return store.get(`${namespace}/${name}` as Key) !== undefined;
}

/** Nothing of the set is left, or what it was a set of is gone, or it never was this object's to delete. */
function isReleased(finding: Finding): boolean {
  switch (finding.kind) {
    case 'suspended':
    case 'invalid': // it may have been valid when it made replicas
      return false;
    case 'claimed':
      return true;
    case 'unobserved':
      return finding.failure.reason === 'RegistryNotFound';
    case 'observed':
      return finding.decisions.every((decision) => {
        const result = finding.results.get(decision.region);
        return result?.kind === 'found' && result.replica === undefined;
      });
  }
}

/** Retain and Observe leave Azure as it is. */
function mayLetGo({ spec }: RegistryReplication): boolean {
  return spec.deletionPolicy === 'Retain' || spec.mode === 'Observe';
}

async function letGo(object: RegistryReplication, { store }: Ports, signal: AbortSignal): Promise<Next> {
  await store.removeFinalizer(object, signal);
  return done;
}

function hasFinalizer({ metadata }: RegistryReplication): boolean {
  return metadata.finalizers?.includes(finalizer) ?? false;
}

function hasFailed(finding: Finding): boolean {
  return refusalsOf(finding).length > 0;
}
