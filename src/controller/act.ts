import type { Result } from '../domain/account.ts';
import { type Outcome, ok } from '../domain/failure.ts';
import { confirms, type Decision } from '../domain/plan.ts';
import type { Region } from '../domain/region.ts';
import { isProvisioned, type RegistryRef, type Replica } from '../domain/replication.ts';
import type { ReplicationApi } from '../ports/azure.ts';

type Action = Decision & { readonly kind: 'create' | 'update' | 'delete' | 'verify' };

export interface Acting {
  readonly registry: RegistryRef;
  readonly azure: ReplicationApi;
  /** Regions that are acted on at once. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/**
 * Makes the calls that the decisions are for, each after what the decision wants confirmed, and never waits for what Azure
 * has accepted. One failing region does not stop the others; a throttled answer does: asking on would only be refused
 * again. A region beside those acted on gets a result when the GET that was to confirm it did not.
 */
export async function act(decisions: readonly Decision[], acting: Acting): Promise<ReadonlyMap<Region, Result>> {
  const actions = decisions.filter(isAction);
  const results = new Map<Region, Result>();
  const serving = onceFor(async (replicas: readonly Replica[]) => {
    const idle = await firstIdle(replicas, acting);
    if (idle.ok && idle.value !== undefined) results.set(idle.value.region, idle.value.found);
    return idle;
  });
  let throttled: Result | undefined;
  const queue = actions.values(); // one iterator, drawn from by all workers
  const worker = async () => {
    for (const action of queue) {
      const result = throttled ?? (await perform(action, acting, serving));
      if (result.kind === 'failed' && result.failure.kind === 'throttled') throttled = result;
      results.set(action.region, result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(acting.limit, actions.length) }, worker));
  return results;
}

const actionKinds: ReadonlySet<Decision['kind']> = new Set<Action['kind']>(['create', 'update', 'delete', 'verify']);

function isAction(decision: Decision): decision is Action {
  return actionKinds.has(decision.kind);
}

function perform(action: Action, acting: Acting, serving: Serving): Promise<Result> {
  switch (action.kind) {
    case 'create':
      return createReplica(action, acting);
    case 'update':
      return updateReplica(action, acting);
    case 'delete':
      return deleteReplica(action, acting, serving);
    case 'verify':
      return verifyReplica(action, acting);
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
async function verifyReplica({ replica }: Action & { readonly kind: 'verify' }, acting: Acting): Promise<Result> {
  const fresh = await find(replica, acting);
  return fresh.ok ? { kind: 'found', replica: fresh.value } : { kind: 'failed', failure: fresh.failure };
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
  return created.ok ? { kind: 'created', replica: created.value } : { kind: 'failed', failure: created.failure };
}

/** One PATCH. */
async function updateReplica(
  { replica, change }: Action & { readonly kind: 'update' },
  { azure, registry, signal }: Acting,
): Promise<Result> {
  const updated = await azure.update(registry, replica.name, change, signal);
  return updated.ok ? { kind: 'updated', replica: updated.value } : { kind: 'failed', failure: updated.failure };
}

/** One GET of the replica, one of each that must serve (for all deletions of the pass together), and one DELETE. */
async function deleteReplica(
  decision: Action & { readonly kind: 'delete' },
  acting: Acting,
  serving: Serving,
): Promise<Result> {
  const fresh = await find(decision.replica, acting);
  if (!fresh.ok) return { kind: 'failed', failure: fresh.failure };
  if (fresh.value === undefined || !confirms(decision, fresh.value)) return { kind: 'found', replica: fresh.value };
  if (decision.confirm.serving.length > 0) {
    const idle = await serving(decision.confirm.serving);
    if (!idle.ok) return { kind: 'failed', failure: idle.failure };
    if (idle.value !== undefined) return { kind: 'found', replica: fresh.value };
  }
  const removed = await acting.azure.remove(acting.registry, decision.replica.name, acting.signal);
  return removed.ok ? { kind: 'deleting' } : { kind: 'failed', failure: removed.failure };
}

/** A replica that LIST shows to serve, and a GET does not. */
interface Idle {
  readonly region: Region;
  readonly found: Result & { readonly kind: 'found' };
}

type Serving = (replicas: readonly Replica[]) => Promise<Outcome<Idle | undefined>>;

/** One GET for each replica, up to the first that does not serve: LIST alone must not break what was made. */
async function firstIdle(replicas: readonly Replica[], acting: Acting): Promise<Outcome<Idle | undefined>> {
  for (const replica of replicas) {
    const fresh = await find(replica, acting);
    if (!fresh.ok) return fresh;
    if (!isProvisioned(fresh.value?.state)) {
      return ok({ region: replica.region, found: { kind: 'found', replica: fresh.value } });
    }
  }
  return ok(undefined);
}

/** The same question is asked once, whoever asks it again meanwhile. */
function onceFor<Q extends object, A>(ask: (question: Q) => Promise<A>): (question: Q) => Promise<A> {
  const asked = new Map<Q, Promise<A>>();
  return (question) => {
    const answer = asked.get(question) ?? ask(question);
    asked.set(question, answer);
    return answer;
  };
}
