import { type Course, routingIn, type Waiting } from './drains.ts';
import type { Failure } from './failure.ts';
import type { Remembered } from './memory.ts';
import { isTaggedOwn } from './ownership.ts';
import type { Decision } from './plan.ts';
import type { Region } from './region.ts';
import { type Desired, isBusy, isReady, type Replica, type Settings, type Wish } from './replication.ts';
import type { Situation } from './situation.ts';

/** What came of acting on a decision. */
export type Result =
  /** ARM took the PUT; `replica` is its answer. */
  | { readonly kind: 'created'; readonly replica: Replica }
  /** ARM took the PATCH, or the PUT of a replica that was there; `replica` is its answer. */
  | { readonly kind: 'updated'; readonly replica: Replica }
  /** ARM took the DELETE. */
  | { readonly kind: 'deleting' }
  /** Nothing was written: a GET showed something else than LIST. Undefined: the replica is gone. */
  | { readonly kind: 'found'; readonly replica: Replica | undefined }
  /** `atWrite`: Azure refused the write itself, not a GET before it. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly atWrite?: true };

/** All that one pass knows of one region. Verdict, status, Events, drift, pace and differences are read off these rows. */
export interface Account {
  readonly region: Region;
  readonly isHome: boolean;
  /** What the spec asks for, with the routing that drains make of it; undefined outside the set. */
  readonly wish: Wish | undefined;
  /** The settings that a replica there is to have; undefined where it is to be left as it is. */
  readonly settings: Settings | undefined;
  /** What status said of the region before this pass. */
  readonly before: Remembered | undefined;
  readonly decision: Decision | undefined;
  readonly result: Result | undefined;
  /** What a drain makes of the region's routing; undefined: nothing. */
  readonly course: Course | undefined;
  /** Why a drain of the region waits; undefined: none does. */
  readonly waiting: Waiting | undefined;
  /** Whether LIST shows a replica in the region. */
  readonly isListed: boolean;
  /** The replica as last heard of in this pass: LIST, overlaid with what GET, PUT, PATCH and DELETE answered. */
  readonly replica: Replica | undefined;
}

/** One row for each region that the spec, Azure or status names, home included; sorted. */
export function accountsOf(
  { desired, actual, memory, drainage }: Situation,
  decisions: readonly Decision[],
  results: ReadonlyMap<Region, Result>,
): readonly Account[] {
  const { home } = actual.registry;
  const decided = new Map(decisions.map((decision) => [decision.region, decision]));
  const regions = new Set([
    home,
    ...desired.wishes.keys(),
    ...actual.replicas.keys(),
    ...memory.regions.keys(),
    ...drainage.waiting.keys(),
  ]);
  return [...regions].sort().map((region) => {
    const result = results.get(region);
    const isHome = region === home;
    const wish = desired.wishes.get(region);
    const course = drainage.courses.get(region);
    return {
      region,
      isHome,
      wish,
      settings: settingsOf({ isHome, wish, course }, desired),
      before: memory.regions.get(region),
      decision: decided.get(region),
      result,
      course,
      waiting: drainage.waiting.get(region),
      isListed: actual.replicas.has(region),
      replica: replicaAfter(actual.replicas.get(region), decided.get(region), result),
    };
  });
}

function settingsOf(
  { isHome, wish, course }: Pick<Account, 'isHome' | 'wish' | 'course'>,
  desired: Pick<Desired, 'mode'>,
): Settings | undefined {
  if (wish !== undefined && !isHome) return wish;
  const routing = wish === undefined ? routingIn(course, undefined, desired) : wish.routing;
  return routing === undefined ? undefined : { routing, tags: {} };
}

/** What there is of a replica after its call: also one that LIST leaves out, whose deletion or change Azure has accepted. */
function replicaAfter(
  listed: Replica | undefined,
  decision: Decision | undefined,
  result: Result | undefined,
): Replica | undefined {
  switch (result?.kind) {
    case 'created':
    case 'updated':
    case 'found':
      return result.replica;
    case 'deleting': {
      const deleted = listed ?? (decision?.kind === 'delete' ? decision.replica : undefined);
      return deleted && { ...deleted, state: 'Deleting' };
    }
    case 'failed':
    case undefined:
      return listed ?? (decision?.kind === 'lag' ? decision.replica : undefined);
  }
}

/** Whether routing is put back of a replica that has left the set drained, and stays: one that goes needs none. */
export function isPuttingBack({ wish, isHome, course, decision, replica }: Account): boolean {
  if (replica === undefined || replica.state === 'Deleting') return false;
  return wish === undefined && !isHome && course?.kind === 'end' && decision?.kind === 'update';
}

/**
 * Whether a GET showed that the routing of a region was put back after its drain, or that there is none to be put back. LIST
 * alone may be behind its time.
 */
export function isPutBack({ course, result, settings, decision, wish, isHome }: Account): boolean {
  if (course?.kind !== 'end') return false;
  if (decision?.kind === 'keep') return !isBusy(decision.replica.state); // it is another's now
  if (result?.kind !== 'found' || decision?.kind !== 'update') return false;
  const { replica } = result;
  if (replica === undefined) return isHome || wish === undefined;
  return replica.routing === settings?.routing && !isBusy(replica.state);
}

/** Whether Azure shows the replica of the region, and shows it ready. */
export function isAccountReady({ decision, result, replica }: Account, desired: Pick<Desired, 'readyWhen'>): boolean {
  if (decision?.kind === 'lag' && result === undefined) return false;
  return replica !== undefined && isReady(replica, desired);
}

/** Whether a GET showed that the region has no replica any more. */
export function isFoundGone({ result }: Account): boolean {
  return result?.kind === 'found' && result.replica === undefined;
}

/** The same where LIST shows no replica either: one of them may be behind its time. */
export function isProvenGone(account: Account): boolean {
  return isFoundGone(account) && !account.isListed;
}

/** Whether the GET failed that was to confirm what LIST shows of the region, or does not show. */
export function isUnconfirmed({ result }: Account): boolean {
  return result?.kind === 'failed' && result.atWrite !== true;
}

/** Whether a GET showed a replica outside the set that is not this object's, whatever status says of it. */
export function isFoundUntagged({ decision, result }: Account): boolean {
  if (decision?.kind !== 'delete' || !decision.confirm.tagged || result?.kind !== 'found') return false;
  const { owner, before } = decision.confirm;
  return result.replica !== undefined && !isTaggedOwn(result.replica, owner, before);
}
