import { type Outcome, ok } from '../domain/failure.ts';
import type { Result } from '../domain/pass.ts';
import { type Decision, mayDelete, type Situation } from '../domain/plan.ts';
import type { Region } from '../domain/region.ts';
import { isProvisioned, mergeTags, ownerTags, type Replica } from '../domain/replication.ts';
import type { ReplicationApi } from '../ports/azure.ts';

type Action = Decision & { readonly kind: 'create' | 'update' | 'delete' | 'verify' };

/**
 * Submits what was decided, at most `limit` regions at a time, and never waits for completion. One failing region does
 * not stop the others; a throttled answer does: asking on would only be refused again.
 */
export async function act(
  decisions: readonly Decision[],
  situation: Situation,
  azure: ReplicationApi,
  limit: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<Region, Result>> {
  const actions = decisions.filter(isAction);
  const results = new Map<Region, Result>();
  let asked: Promise<Outcome<Missing | undefined>> | undefined;
  const lacking = async () => {
    asked ??= missingOf(situation, azure, signal);
    const missing = await asked;
    if (missing.ok && missing.value !== undefined) results.set(missing.value.region, missing.value.found);
    return missing;
  };
  let throttled: Result | undefined;
  const queue = actions.values(); // one iterator, drawn from by all workers
  const worker = async () => {
    for (const action of queue) {
      const result = throttled ?? (await submit(action, situation, azure, lacking, signal));
      if (result.kind === 'failed' && result.failure.kind === 'throttled') throttled = result;
      results.set(action.region, result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, actions.length) }, worker));
  return results;
}

const actionKinds: ReadonlySet<Decision['kind']> = new Set<Action['kind']>(['create', 'update', 'delete', 'verify']);

function isAction(decision: Decision): decision is Action {
  return actionKinds.has(decision.kind);
}

function submit(
  action: Action,
  situation: Situation,
  azure: ReplicationApi,
  lacking: () => Promise<Outcome<Missing | undefined>>,
  signal: AbortSignal,
): Promise<Result> {
  switch (action.kind) {
    case 'create':
      return create(action, situation, azure, signal);
    case 'update':
      return update(action, situation, azure, signal);
    case 'delete':
      return remove(action, situation, azure, lacking, signal);
    case 'verify':
      return verify(action, situation, azure, signal);
  }
}

/** One GET: the replica of the region under that name; a name may by now stand for another region's. */
async function find(
  azure: ReplicationApi,
  { registry }: Situation['desired'],
  { name, region }: { readonly name: string; readonly region: Region },
  signal: AbortSignal,
): Promise<Outcome<Replica | undefined>> {
  const fresh = await azure.get(registry, name, signal);
  return fresh.ok && fresh.value?.region !== region ? ok(undefined) : fresh;
}

/** One GET. */
async function verify(
  { replica }: Action & { readonly kind: 'verify' },
  { desired }: Situation,
  azure: ReplicationApi,
  signal: AbortSignal,
): Promise<Result> {
  const fresh = await find(azure, desired, replica, signal);
  return fresh.ok ? { kind: 'found', replica: fresh.value } : { kind: 'failed', failure: fresh.failure };
}

/** One PUT; a GET of each name before it when the replica may be there although LIST does not show it. */
async function create(
  { wish, doubted, attempt }: Action & { readonly kind: 'create' },
  { desired, owner }: Situation,
  azure: ReplicationApi,
  signal: AbortSignal,
): Promise<Result> {
  // Under the name it had, and under the one it is to have.
  for (const name of doubted === undefined ? [] : new Set([doubted, wish.name])) {
    const fresh = await find(azure, desired, { name, region: wish.region }, signal);
    if (!fresh.ok) return { kind: 'failed', failure: fresh.failure };
    if (fresh.value !== undefined) return { kind: 'found', replica: fresh.value };
  }
  const tags = mergeTags(wish.tags, ownerTags(owner));
  const created = await azure.create(desired.registry, { ...wish, tags }, signal);
  return created.ok
    ? { kind: 'created', replica: created.value, attempt }
    : { kind: 'failed', failure: created.failure };
}

/** One PATCH. */
async function update(
  { replica, change }: Action & { readonly kind: 'update' },
  { desired }: Situation,
  azure: ReplicationApi,
  signal: AbortSignal,
): Promise<Result> {
  const updated = await azure.update(desired.registry, replica.name, change, signal);
  return updated.ok ? { kind: 'updated', replica: updated.value } : { kind: 'failed', failure: updated.failure };
}

/** A region of the set that LIST shows to serve, and a GET does not. */
interface Missing {
  readonly region: Region;
  readonly found: Result & { readonly kind: 'found' };
}

/** One GET for each region of the set, up to the first that does not serve: LIST alone must not break what was made. */
async function missingOf(
  { desired, actual }: Situation,
  azure: ReplicationApi,
  signal: AbortSignal,
): Promise<Outcome<Missing | undefined>> {
  for (const region of desired.wishes.keys()) {
    const listed = actual.replicas.get(region);
    if (listed === undefined || region === actual.registry.home) continue;
    const fresh = await find(azure, desired, listed, signal);
    if (!fresh.ok) return fresh;
    if (!isProvisioned(fresh.value)) return ok({ region, found: { kind: 'found', replica: fresh.value } });
  }
  return ok(undefined);
}

/** One GET, and a DELETE when it confirms what LIST said; what is outside the set goes only while all of it serves. */
async function remove(
  decision: Action & { readonly kind: 'delete' },
  situation: Situation,
  azure: ReplicationApi,
  lacking: () => Promise<Outcome<Missing | undefined>>,
  signal: AbortSignal,
): Promise<Result> {
  const { desired } = situation;
  const fresh = await find(azure, desired, decision.replica, signal);
  if (!fresh.ok) return { kind: 'failed', failure: fresh.failure };
  if (fresh.value === undefined) return { kind: 'found', replica: undefined };
  if (!mayDelete(decision, fresh.value, situation)) return { kind: 'found', replica: fresh.value };
  if (!decision.repair && !situation.deleting) {
    const missing = await lacking();
    if (!missing.ok) return { kind: 'failed', failure: missing.failure };
    if (missing.value !== undefined) return { kind: 'found', replica: fresh.value };
  }
  const removed = await azure.remove(desired.registry, decision.replica.name, signal);
  return removed.ok ? { kind: 'deleting', attempt: decision.attempt } : { kind: 'failed', failure: removed.failure };
}
