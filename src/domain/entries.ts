import { isDeleting, type ReplicaStatus, type Status } from '../api/registryreplication.ts';
import { type Account, isFoundGone } from './account.ts';
import { explain, waitsItsTurn } from './failure.ts';
import type { Remembered } from './memory.ts';
import type { Facts, Observed } from './pass.ts';
import { type Region, regionOf } from './region.ts';
import { maxRepairs, vanishedCode, vanishedText } from './repair.ts';
import { bareReplica, isBroken, isProvisioned, ownerOf, type Replica } from './replication.ts';
import { stamp } from './stamp.ts';

/** status.replicas after a pass that saw Azure: one entry per replica that is there or asked for, home included, sorted. */
export function entriesOf(facts: Facts, { accounts }: Observed): ReplicaStatus[] {
  const deleting = isDeleting(facts.object);
  return accounts.flatMap((account) => {
    const replica = account.replica ?? (account.isHome ? homeReplica(account.region) : undefined);
    if (replica === undefined && !isLeft(account, deleting)) return [];
    return [entryOf(facts, account, replica)];
  });
}

/**
 * Azure lists the home region only once there are others. The registry lives there all the same: a registry that
 * answers is provisioned and serves from home.
 */
function homeReplica(region: Region): Replica {
  return { ...bareReplica(region, region, 'Succeeded'), status: 'Ready' };
}

/** While the object is being deleted, a region that a GET showed to be gone is out of the status: it is not asked again. */
function isLeft({ wish, decision, result }: Account, deleting: boolean): boolean {
  return deleting ? decision !== undefined && result?.kind !== 'found' : wish !== undefined;
}

function entryOf(facts: Facts, account: Account, replica: Replica | undefined): ReplicaStatus {
  const since = sinceOf(account, replica, facts.now);
  const attempts = attemptsOf(account, facts.memory.newlyAsked);
  const error = entryError(account);
  return {
    location: account.region,
    ...(replica === undefined ? doubtful(account) : shownBy(account, replica, facts.owner)),
    ...(since === undefined ? {} : { since }),
    ...(attempts === 0 ? {} : { attempts }),
    ...(error === undefined ? {} : { error }),
  };
}

function shownBy(account: Account, replica: Replica, owner: string): Partial<ReplicaStatus> {
  const { name, state, status, message, routing } = replica;
  const note = noteOf(account, replica);
  return {
    name,
    managed: managedOf(account, replica, owner),
    provisioningState: state,
    ...(status === '' ? {} : { status }),
    ...(message === '' ? {} : { message }),
    routing,
    ...(note === undefined ? {} : { note }),
  };
}

/** What stays on record of a replica that LIST does not show while the call that could have told failed: the next pass asks again. */
function doubtful({ before, decision, result }: Account): Partial<ReplicaStatus> {
  if (result?.kind !== 'failed' || before?.name === undefined) return {};
  const { name, managed, state } = before;
  const keeps = decision?.kind === 'verify' && managed !== undefined && state !== undefined;
  return keeps ? { name, managed, provisioningState: state } : { name };
}

function managedOf(
  { isHome, wish, before, result }: Account,
  replica: Replica,
  owner: string,
): NonNullable<ReplicaStatus['managed']> {
  if (isHome) return 'Home';
  if (result?.kind === 'created' || ownerOf(replica) === owner || before?.managed === 'Created') return 'Created';
  return wish !== undefined || before?.managed === 'Adopted' ? 'Adopted' : 'Unlisted';
}

/** Zone redundancy cannot be changed, and Azure may report Disabled where it is on: nothing is ever done about it. */
function noteOf({ isHome, wish }: Account, { zoneRedundancy }: Replica): string | undefined {
  const wanted = wish?.zoneRedundancy;
  if (wanted === undefined || wanted === zoneRedundancy || isHome) return undefined;
  return `zoneRedundancy is ${zoneRedundancy} in Azure and ${wanted} in the spec; it counts only when a replica is created, so this one is left as it is.`;
}

/** When the replica came to be as it is: as remembered, or as Azure says of one that was found, or now. */
function sinceOf({ before, result }: Account, replica: Replica | undefined, now: Date): string | undefined {
  const same = before?.state === replica?.state && before?.status === (replica?.status ?? '');
  if (before !== undefined && same) return before.since;
  const found = before === undefined && result === undefined && replica !== undefined && replica.changedAt !== '';
  return stamp(found ? new Date(replica.changedAt) : now);
}

/** Repairs since the replica last was provisioned. */
function attemptsOf(account: Account, newlyAsked: boolean): number {
  const { wish, before, decision, result, replica } = account;
  const called = result?.kind === 'created' || result?.kind === 'deleting';
  if (called && (decision?.kind === 'create' || decision?.kind === 'delete')) return decision.attempt;
  if (isProvisioned(replica?.state)) return 0;
  const tried = newlyAsked ? 0 : (before?.attempts ?? 0);
  const begun = wish !== undefined && hasBegun(before, isFoundGone(account) ? 'gone' : replica?.state);
  return begun ? Math.min(tried + 1, maxRepairs) : tried;
}

/** A repair that no status counts: the operator died between the call that began it and the status. */
function hasBegun(before: Remembered | undefined, now: Replica['state'] | 'gone' | undefined): boolean {
  if (isBroken(before?.state)) return now === 'Deleting' || now === 'gone';
  return before?.vanished !== undefined && now !== undefined;
}

function entryError(account: Account): ReplicaStatus['error'] {
  const { before, decision, result } = account;
  // Nothing else remembers that it vanished; what is said of this call is in the conditions.
  if (result?.kind === 'failed' && decision?.kind === 'create' && before?.vanished !== undefined)
    return before.vanished;
  if (result?.kind === 'failed' && !waitsItsTurn(result.failure)) {
    return { code: result.failure.code, message: explain(result.failure) };
  }
  const waits = (decision?.kind === 'pause' || decision?.kind === 'blocked') && decision.replica === undefined;
  const vanished = decision?.kind === 'verify' && before?.state === 'Creating' && isFoundGone(account);
  if (!waits && !vanished) return undefined;
  return before?.vanished ?? { code: vanishedCode, message: vanishedText };
}

/** status.replicas after a pass that did not see Azure: as last known. Repairs count anew for who asks, also then. */
export function entriesUnseen(facts: Facts): Status['replicas'] {
  const entries = knownEntries(facts);
  if (!facts.memory.newlyAsked) return entries;
  return entries?.map((entry) => {
    const uncounted = { ...entry };
    delete uncounted.attempts;
    return uncounted;
  });
}

/** A status of an object that is being deleted must name all that may be left. */
function knownEntries({ object, memory }: Facts): Status['replicas'] {
  const known = memory.status?.replicas;
  if (!isDeleting(object) || memory.leftKnown) return known;
  const listed = object.spec.regions.map(({ location }) => regionOf(location));
  const unnamed = listed.filter((region) => !memory.regions.has(region)).map((location) => ({ location }));
  return [...(known ?? []), ...unnamed].sort((a, b) => (a.location < b.location ? -1 : 1));
}
