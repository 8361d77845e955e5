import type { Result } from '../domain/account.ts';
import { isServing } from '../domain/drains.ts';
import { type Failure, type Outcome, ok } from '../domain/failure.ts';
import { type Changeable, type Confirmation, changeFor, confirms, type Decision, isUnclaimed } from '../domain/plan.ts';
import type { Region } from '../domain/region.ts';
import { type Change, isBroken, isReady, type RegistryRef, type Replica } from '../domain/replication.ts';
import type { ReplicationApi } from '../ports/azure.ts';

type Action = Decision & { readonly kind: 'create' | 'update' | 'restore' | 'delete' | 'verify' | 'note' | 'lag' };

export interface Acting {
  readonly registry: RegistryRef;
  readonly azure: ReplicationApi;
  /** Regions that are acted on at once. */
  readonly limit: number;
  /** Whether the object is still what the decisions were made for, asked right before a DELETE; costs one GET in each pass. */
  readonly isCurrent: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

/**
 * Makes the calls that the decisions are for, each after what the decision wants confirmed, and never waits for what Azure
 * has accepted. One failing region does not stop the others; a throttled answer does: asking on would only be refused
 * again. A region beside those acted on gets a result when the GET that was to confirm it did not, or failed; what was to
 * be deleted then stays. Nothing more is deleted once the object is no longer what was decided on.
 */
export async function act(decisions: readonly Decision[], acting: Acting): Promise<ReadonlyMap<Region, Result>> {
  const actions = decisions.filter(isAction);
  const results = new Map<Region, Result>();
  const serving = once(async (confirm: Confirmation) => {
    const idle = await firstIdle(confirm, acting);
    if (idle === undefined || isThrottled(idle.result)) return idle; // request limits are no matter of one region
    if (!results.has(idle.region)) results.set(idle.region, idle.result); // what came of acting on it tells more
    return idle;
  });
  let throttled: Result | undefined;
  const queue = actions.values(); // one iterator, drawn from by all workers
  const worker = async () => {
    for (const action of queue) {
      const result = throttled ?? (await perform(action, acting, serving));
      if (result === undefined) continue;
      if (isThrottled(result)) throttled = { kind: 'failed', failure: result.failure }; // the others are not asked for
      results.set(action.region, result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(acting.limit, actions.length) }, worker));
  return results;
}

function isThrottled(result: Result): result is Result & { readonly kind: 'failed' } {
  return result.kind === 'failed' && result.failure.kind === 'throttled';
}

const actionKinds: ReadonlySet<Decision['kind']> = new Set<Action['kind']>([
  'create',
  'update',
  'restore',
  'delete',
  'verify',
  'note',
  'lag',
]);

function isAction(decision: Decision): decision is Action {
  return actionKinds.has(decision.kind);
}

function perform(action: Action, acting: Acting, serving: Serving): Promise<Result | undefined> {
  switch (action.kind) {
    case 'create':
      return createReplica(action, acting);
    case 'update':
      return updateReplica(action, acting);
    case 'restore':
      return restoreReplica(action, acting);
    case 'delete':
      return deleteReplica(action, acting, serving);
    case 'verify':
    case 'note':
      return verifyReplica(action, acting);
    case 'lag':
      return findLagging(action, acting);
  }
}

/** One GET: the replica of the region under that name; a name may by now stand for another region's. */
async function find(
  { name, region }: { readonly name: string; readonly region: Region },
  { registry, azure, signal }: Acting,
): Promise<Outcome<Replica | undefined>> {
  const fresh = await azure.get(registry, name, signal);
  return fresh.ok && fresh.value?.region !== region ? ok(undefined) : fresh;
}

/** One GET. */
async function verifyReplica(
  { replica }: Action & { readonly kind: 'verify' | 'note' },
  acting: Acting,
): Promise<Result> {
  const fresh = await find(replica, acting);
  return fresh.ok ? { kind: 'found', replica: fresh.value } : { kind: 'failed', failure: fresh.failure };
}

/** One GET; undefined when it does not show either what Azure has accepted. */
async function findLagging(
  { replica }: Action & { readonly kind: 'lag' },
  acting: Acting,
): Promise<Result | undefined> {
  const fresh = await find(replica, acting);
  if (!fresh.ok) return { kind: 'failed', failure: fresh.failure };
  return fresh.value === undefined ? undefined : { kind: 'found', replica: fresh.value };
}

/** One GET of each name that must be absent, and one PUT. */
async function createReplica(
  { region, replica, absent }: Action & { readonly kind: 'create' },
  acting: Acting,
): Promise<Result> {
  for (const name of absent) {
    const fresh = await find({ name, region }, acting);
    if (!fresh.ok) return { kind: 'failed', failure: fresh.failure };
    if (fresh.value !== undefined) return { kind: 'found', replica: fresh.value };
  }
  const created = await acting.azure.create(acting.registry, replica, acting.signal);
  return created.ok ? { kind: 'created', replica: created.value } : refused(created.failure);
}

/**
 * One GET, and one PATCH of what the replica that it shows has otherwise than the spec states. While there are drains one
 * GET more, as a rule, before the replica is taken out of routing.
 */
async function updateReplica(
  { replica, wish, confirm }: Action & { readonly kind: 'update' },
  acting: Acting,
): Promise<Result> {
  const fresh = await find(replica, acting);
  if (!fresh.ok) return { kind: 'failed', failure: fresh.failure };
  const change = fresh.value && isUnclaimed(fresh.value, confirm) ? changeFor(wish, fresh.value) : undefined;
  if (fresh.value === undefined || change === undefined) return { kind: 'found', replica: fresh.value };
  const stays = await isRoutedWithout(fresh.value, change, confirm, acting);
  if (!stays.ok) return { kind: 'failed', failure: stays.failure };
  return stays.value ? patch(fresh.value, change, acting) : { kind: 'found', replica: fresh.value };
}

/** One GET for each of the replicas that are to stay in routing, up to the first that is: LIST can be wrong. None for a change that takes nothing out. */
async function isRoutedWithout(
  replica: Replica,
  { routing }: Change,
  { routed }: Changeable,
  acting: Acting,
): Promise<Outcome<boolean>> {
  if (routed === undefined || routing !== 'Disabled' || replica.routing === 'Disabled') return ok(true);
  for (const other of routed) {
    const fresh = await find(other, acting);
    if (!fresh.ok) return fresh;
    if (fresh.value !== undefined && isServing(fresh.value)) return ok(true);
  }
  return ok(false);
}

/** One GET, and one PATCH or PUT of the settings that the replica has, or that the spec states. */
async function restoreReplica(
  { replica, wish, attempt, confirm }: Action & { readonly kind: 'restore' },
  acting: Acting,
): Promise<Result> {
  const fresh = await find(replica, acting);
  if (!fresh.ok) return { kind: 'failed', failure: fresh.failure };
  if (fresh.value === undefined || !isBroken(fresh.value.state) || !isUnclaimed(fresh.value, confirm)) {
    return { kind: 'found', replica: fresh.value };
  }
  const change = changeFor(wish, fresh.value) ?? {};
  const stays = await isRoutedWithout(fresh.value, change, confirm, acting);
  if (!stays.ok) return { kind: 'failed', failure: stays.failure };
  const { routing, tags } = fresh.value;
  const own = { routing, tags, ...change, ...(stays.value ? {} : { routing }) };
  // Nothing says which of the two heals what: every second repair is a PUT.
  if (attempt % 2 === 1) return patch(fresh.value, own, acting);
  const { region, name, zoneRedundancy } = fresh.value;
  const put = await acting.azure.create(acting.registry, { region, name, zoneRedundancy, ...own }, acting.signal);
  return written(put);
}

async function patch({ name }: Replica, change: Change, { azure, registry, signal }: Acting): Promise<Result> {
  const updated = await azure.update(registry, name, change, signal);
  return written(updated);
}

/** What came of a PATCH, or of a PUT of a replica that was there. */
function written(answer: Outcome<Replica>): Result {
  return answer.ok ? { kind: 'updated', replica: answer.value } : refused(answer.failure);
}

/** What came of a write for which the GETs before it had shown what was decided on. */
function refused(failure: Failure): Result {
  return { kind: 'failed', failure, atWrite: true };
}

/**
 * One GET of the replica, one of each that must serve (for all deletions of the pass together), and one DELETE. While there
 * are drains one GET more, as a rule, of another one in routing. Undefined when one of those that must serve could not be
 * asked for.
 */
async function deleteReplica(
  decision: Action & { readonly kind: 'delete' },
  acting: Acting,
  serving: Serving,
): Promise<Result | undefined> {
  const fresh = await find(decision.replica, acting);
  if (!fresh.ok) return { kind: 'failed', failure: fresh.failure };
  if (fresh.value === undefined || !confirms(decision, fresh.value)) return { kind: 'found', replica: fresh.value };
  if (isServing(fresh.value)) {
    const stays = await isRoutedWithout(fresh.value, { routing: 'Disabled' }, decision.confirm, acting);
    if (!stays.ok) return { kind: 'failed', failure: stays.failure };
    if (!stays.value) return { kind: 'found', replica: fresh.value };
  }
  if (decision.confirm.serving.length > 0) {
    const idle = await serving(decision.confirm);
    if (idle?.result.kind === 'failed') return isThrottled(idle.result) ? idle.result : undefined;
    if (idle !== undefined) return { kind: 'found', replica: fresh.value };
  }
  if (!(await acting.isCurrent())) return { kind: 'found', replica: fresh.value };
  const removed = await acting.azure.remove(acting.registry, decision.replica.name, acting.signal);
  return removed.ok ? { kind: 'deleting' } : refused(removed.failure);
}

/** A replica that LIST shows to be ready, and of which a GET does not say so. */
interface Idle {
  readonly region: Region;
  readonly result: Result & { readonly kind: 'found' | 'failed' };
}

type Serving = (confirm: Confirmation) => Promise<Idle | undefined>;

/** One GET for each replica, up to the first that is not ready: LIST alone must not break what was made. */
async function firstIdle({ serving, readyWhen }: Confirmation, acting: Acting): Promise<Idle | undefined> {
  for (const replica of serving) {
    const { region } = replica;
    const fresh = await find(replica, acting);
    if (!fresh.ok) return { region, result: { kind: 'failed', failure: fresh.failure } };
    if (fresh.value === undefined || !isReady(fresh.value, { readyWhen })) {
      return { region, result: { kind: 'found', replica: fresh.value } };
    }
  }
  return undefined;
}

/** All deletions of a pass wait for the same replicas: they are asked for once. */
function once<Q, A>(ask: (question: Q) => Promise<A>): (question: Q) => Promise<A> {
  let answer: Promise<A> | undefined;
  return (question) => {
    answer ??= ask(question);
    return answer;
  };
}
