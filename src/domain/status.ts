import { isDeepStrictEqual } from 'node:util';
import type { Condition, RegistryReplication, ReplicaStatus, Status } from '../api/registryreplication.ts';
import { differencesOf } from './differences.ts';
import { explain, reasons, waitsItsTurn } from './failure.ts';
import {
  type Facts,
  isNewlyAsked,
  isReady,
  knowsWhatIsLeft,
  type Observed,
  type Result,
  replicasAfter,
  requestOf,
} from './pass.ts';
import { isBroken, maxRepairs, vanishedCode, vanishedText } from './plan.ts';
import { type Region, regionOf } from './region.ts';
import { bareReplica, isProvisioned, ownerOf, type Registry, type Replica } from './replication.ts';
import { shortened } from './text.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** Of a condition, by Kubernetes' API conventions and the CRD. */
const longestMessage = 32_768;

/** Failures in a row before a Ready object stops being called so because Azure could not be asked. */
const patience = 3;

/**
 * The whole status after a pass: equal facts give equal status. It speaks of what was observed, never of what was only
 * asked for. Undefined: there is nothing new to say.
 */
export function statusOf(facts: Facts, owner: string): Status | undefined {
  const { object, finding } = facts;
  if (finding.kind === 'unobserved' && isBlip(facts)) return undefined;
  const verdict = verdictOf(facts);
  const last = object.status;
  const observed = finding.kind === 'observed' ? finding : undefined;
  const replicas = observed === undefined ? unseenEntries(object) : replicaEntries(facts, observed, owner);
  const registry = observed === undefined ? last?.registry : registryEntry(observed.actual.registry);
  const deleting = object.metadata.deletionTimestamp !== undefined;
  const differences = observed === undefined ? [] : differencesOf(observed, deleting);
  const request = requestOf(object);
  const summary = observed === undefined ? last?.summary : summaryOf(observed);
  const status: Status = {
    observedGeneration: object.metadata.generation,
    phase: verdict.phase,
    ...(summary === undefined ? {} : { summary }),
    ...(registry === undefined ? {} : { registry }),
    ...(differences.length === 0 ? {} : { plan: differences }),
    ...(replicas === undefined ? {} : { replicas }),
    ...(request === '' ? {} : { lastHandledRequest: request }),
    conditions: conditionsOf(verdict, object, stamp(facts.now)),
  };
  return isDeepStrictEqual(status, last) ? undefined : status;
}

/** One failed read of a registry that was fine says nothing about the registry. */
function isBlip({ object, finding, retries }: Facts): boolean {
  if (finding.kind !== 'unobserved' || reasons[finding.failure.reason].stalled) return false;
  if (waitsItsTurn(finding.failure)) return true; // Azure was not even asked
  const { status, metadata } = object;
  const current = status?.observedGeneration === metadata.generation;
  return current && status?.phase === 'Ready' && metadata.deletionTimestamp === undefined && retries < patience;
}

function registryEntry({ id, loginServer, home, sku }: Registry): NonNullable<Status['registry']> {
  return { id, loginServer, homeRegion: home, sku };
}

/**
 * What status remembers of the registry: the home region never changes, so a restart need not ask for it. Who asks to
 * look now gets a fresh one.
 */
export function registryFrom(object: RegistryReplication): Registry | undefined {
  const { status } = object;
  if (requestOf(object) !== (status?.lastHandledRequest ?? '')) return undefined;
  const { id, loginServer, homeRegion, sku } = status?.registry ?? {};
  if (id === undefined || loginServer === undefined || homeRegion === undefined || sku === undefined) return undefined;
  return { id, loginServer, home: homeRegion as Region, sku };
}

function summaryOf(finding: Observed): string {
  const { desired, actual } = finding;
  const after = replicasAfter(finding);
  const ready = [...desired.wishes.keys()].filter(
    (region) => region === actual.registry.home || isReady(after.get(region), desired),
  );
  return `${ready.length}/${desired.wishes.size}`;
}

function replicaEntries(facts: Facts, finding: Observed, owner: string): ReplicaStatus[] {
  const { home } = finding.actual.registry;
  const after = replicasAfter(finding);
  const last = new Map(facts.object.status?.replicas?.map((entry) => [entry.location, entry]));
  const regions = new Set<Region>([home, ...after.keys(), ...wishesLeft(facts.object, finding)]);
  return [...regions].sort().map((region) => {
    const replica = after.get(region) ?? (region === home ? homeReplica(home) : undefined);
    return replicaEntry({ facts, finding, region, replica, last: last.get(region), owner });
  });
}

/** While the object is being deleted, a region that a GET showed to be gone is out of the status: it is not asked again. */
function wishesLeft({ metadata }: RegistryReplication, { desired, decisions, results }: Observed): Iterable<Region> {
  if (metadata.deletionTimestamp === undefined) return desired.wishes.keys();
  return decisions.map(({ region }) => region).filter((region) => results.get(region)?.kind !== 'found');
}

/**
 * Azure lists the home region only once there are others. The registry lives there all the same: a registry that
 * answers is provisioned and serves from home.
 */
function homeReplica(region: Region): Replica {
  return { ...bareReplica(region, region, 'Succeeded'), status: 'Ready' };
}

interface EntryInput {
  readonly facts: Facts;
  readonly finding: Observed;
  readonly region: Region;
  readonly replica: Replica | undefined;
  readonly last: ReplicaStatus | undefined;
  readonly owner: string;
}

function replicaEntry({ facts, finding, region, replica, last, owner }: EntryInput): ReplicaStatus {
  const result = finding.results.get(region);
  const attempts = attemptsOf(facts, finding, region, replica, last);
  const error = errorOf(finding, region, last);
  const note = replica === undefined ? undefined : noteOf(finding, region, replica);
  const same =
    last !== undefined && last.provisioningState === replica?.state && (last.status ?? '') === (replica?.status ?? '');
  const found = last === undefined && result === undefined && replica !== undefined && replica.changedAt !== '';
  const since = same ? last.since : stamp(found ? new Date(replica.changedAt) : facts.now);
  return {
    location: region,
    ...(replica === undefined
      ? doubtful(finding, region, last)
      : {
          name: replica.name,
          managed: managedOf(finding, region, replica, last, owner),
          provisioningState: replica.state,
          ...(replica.status === '' ? {} : { status: replica.status }),
          ...(replica.message === '' ? {} : { message: replica.message }),
          routing: replica.routing,
          ...(note === undefined ? {} : { note }),
        }),
    ...(since === undefined ? {} : { since }),
    ...(attempts === 0 ? {} : { attempts }),
    ...(error === undefined ? {} : { error }),
  };
}

/** LIST does not show it and the call that could have told did not: what is known is kept, so that the next pass asks again. */
function doubtful(
  { decisions, results }: Observed,
  region: Region,
  last: ReplicaStatus | undefined,
): Partial<ReplicaStatus> {
  if (results.get(region)?.kind !== 'failed' || last?.name === undefined) return {};
  const { name, managed, provisioningState } = last;
  const verifies = decisions.some((d) => d.region === region && d.kind === 'verify');
  if (!verifies || managed === undefined || provisioningState === undefined) return { name };
  return { name, managed, provisioningState };
}

function managedOf(
  { actual, desired, results }: Observed,
  region: Region,
  replica: Replica,
  last: ReplicaStatus | undefined,
  owner: string,
): NonNullable<ReplicaStatus['managed']> {
  if (region === actual.registry.home) return 'Home';
  const made = results.get(region)?.kind === 'created' || ownerOf(replica) === owner || last?.managed === 'Created';
  if (made) return 'Created';
  return desired.wishes.has(region) || last?.managed === 'Adopted' ? 'Adopted' : 'Unlisted';
}

/** Zone redundancy cannot be changed, and Azure may report Disabled where it is on: nothing is ever done about it. */
function noteOf({ desired, actual }: Observed, region: Region, replica: Replica): string | undefined {
  const wanted = desired.wishes.get(region)?.zoneRedundancy;
  if (wanted === undefined || wanted === replica.zoneRedundancy || region === actual.registry.home) return undefined;
  return `zoneRedundancy is ${replica.zoneRedundancy} in Azure and ${wanted} in the spec; it counts only when a replica is created, so this one is left as it is.`;
}

/** As last known; repairs count anew for who asks, also when Azure cannot be asked yet. */
function unseenEntries(object: RegistryReplication): Status['replicas'] {
  const entries = knownEntries(object);
  if (!isNewlyAsked(object)) return entries;
  return entries?.map((entry) => {
    const uncounted = { ...entry };
    delete uncounted.attempts;
    return uncounted;
  });
}

/** A status of an object that is being deleted must name all that may be left. */
function knownEntries(object: RegistryReplication): Status['replicas'] {
  const known = object.status?.replicas;
  if (object.metadata.deletionTimestamp === undefined || knowsWhatIsLeft(object)) return known;
  const named = new Set(known?.map(({ location }) => location));
  const unnamed = object.spec.regions.map(({ location }) => regionOf(location)).filter((region) => !named.has(region));
  const entries = [...(known ?? []), ...unnamed.map((location) => ({ location }))];
  return entries.sort((a, b) => (a.location < b.location ? -1 : 1));
}

/** Repairs since the replica last was provisioned. */
function attemptsOf(
  { object }: Facts,
  { desired, results }: Observed,
  region: Region,
  replica: Replica | undefined,
  last: ReplicaStatus | undefined,
): number {
  const result = results.get(region);
  if (result?.kind === 'created' || result?.kind === 'deleting') return result.attempt;
  if (replica !== undefined && isProvisioned(replica)) return 0;
  const tried = isNewlyAsked(object) ? 0 : (last?.attempts ?? 0);
  const begun = desired.wishes.has(region) && hasBegun(last, isGone(result) ? 'gone' : replica?.state);
  return begun ? Math.min(tried + 1, maxRepairs) : tried;
}

/** A repair that no status counts: the operator died between the call that began it and the status. */
function hasBegun(last: ReplicaStatus | undefined, now: Replica['state'] | 'gone' | undefined): boolean {
  if (isBroken(last?.provisioningState)) return now === 'Deleting' || now === 'gone';
  return last?.error?.code === vanishedCode && now !== undefined;
}

function isGone(result: Result | undefined): boolean {
  return result?.kind === 'found' && result.replica === undefined;
}

function errorOf(
  { decisions, results }: Observed,
  region: Region,
  last: ReplicaStatus | undefined,
): ReplicaStatus['error'] {
  const result = results.get(region);
  const decision = decisions.find((d) => d.region === region);
  const lost = last?.error?.code === vanishedCode ? last.error : undefined;
  // Nothing else remembers that it vanished; what is said of this call is in the conditions.
  if (result?.kind === 'failed' && decision?.kind === 'create' && lost !== undefined) return lost;
  if (result?.kind === 'failed' && !waitsItsTurn(result.failure)) {
    return { code: result.failure.code, message: explain(result.failure) };
  }
  const waits = (decision?.kind === 'pause' || decision?.kind === 'blocked') && decision.replica === undefined;
  const vanished = decision?.kind === 'verify' && last?.provisioningState === 'Creating' && isGone(result);
  if (!waits && !vanished) return undefined;
  return lost ?? { code: vanishedCode, message: vanishedText };
}

function conditionsOf(verdict: Verdict, { metadata, status }: RegistryReplication, now: string): Condition[] {
  const { reason } = verdict;
  const message = shortened(verdict.message, longestMessage);
  const wanted: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>[] = [
    { type: 'Ready', status: verdict.ready, reason, message },
  ];
  if (verdict.kind === 'reconciling') wanted.push({ type: 'Reconciling', status: 'True', reason, message });
  if (verdict.kind === 'stalled') wanted.push({ type: 'Stalled', status: 'True', reason, message });
  return wanted.map((condition) => {
    const last = status?.conditions?.find((c) => c.type === condition.type);
    const lastTransitionTime = last?.status === condition.status ? last.lastTransitionTime : now;
    return { ...condition, observedGeneration: metadata.generation, lastTransitionTime };
  });
}

/** metav1.Time: RFC 3339 in whole seconds. */
function stamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
