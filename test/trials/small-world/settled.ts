import { keyOf } from '../../../src/domain/key.ts';
import { reasons } from '../../../src/domain/reasons.ts';
import { ownerOf } from '../../../src/domain/replication.ts';
import { isWrite } from './faults.ts';
import type { Step } from './pass.ts';
import { type Actor, drainedIn, isBroken, isLeaving, ownTag, serves, statedIn, type World, wantedBy } from './world.ts';

/** The properties of an end, where Azure is idle, time changes nothing, and a pass leads back to the same state. */
export const settled = {
  settledWell:
    'Every fair run (faults stop, Azure goes on) ends: all as wanted and said so, a plan under Observe, or a named Stalled.',
  settledRouting:
    'Where a run has ended, and no drain is due, routing is what the spec states, or else what it was without drains.',
  settledWritesNothing: 'Where a run has ended, a pass writes nothing, neither to Azure nor to Kubernetes.',
} as const;

/** The property that the end of a run breaks, if any; `step` is a pass there, `again` the one after it. */
export function badEnd(
  step: Step,
  again: Step,
): { readonly property: keyof typeof settled; readonly detail: string } | undefined {
  const written = again.calls.find((call) => call.carriedOut && isWrite(call.verb));
  if (written !== undefined) return { property: 'settledWritesNothing', detail: `${written.verb} ${written.name}` };
  if (again.stores > 0) return { property: 'settledWritesNothing', detail: 'a write to Kubernetes' };
  const actor = step.after.actors.get(step.key);
  const detail = actor === undefined ? undefined : unlike(actor, step.after);
  if (detail !== undefined) return { property: 'settledWell', detail };
  const wrong = actor === undefined ? undefined : misrouted(actor, step.after);
  return wrong === undefined ? undefined : { property: 'settledRouting', detail: wrong };
}

/** A region of an object that is ready whose routing is not what it must be after every drain, or of which a drain is still on record. */
function misrouted({ object }: Actor, { replicas, meant, now, registry, actors }: World): string | undefined {
  const ready = object.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True' || object.spec.suspend === true || object.spec.mode === 'Observe') return undefined;
  const wrong = [...wantedBy(object), registry.home].find((region) => {
    const replica = replicas.get(region);
    const isDue = object.spec.drains?.some(({ location, until }) => location === region && Date.parse(until) > now);
    // Who only observes, or was overtaken, puts nothing back.
    const isAnothers = [...actors.values()].some(
      (one) => one.object.metadata.uid !== object.metadata.uid && drainedIn(one.object, region) !== undefined,
    );
    if (replica === undefined || isDue === true || isAnothers) return false;
    const expected = statedIn(object, region) ?? meant.get(region);
    return (expected !== undefined && replica.routing !== expected) || drainedIn(object, region) !== undefined;
  });
  return wrong === undefined ? undefined : `${wrong} ${replicas.get(wrong)?.routing}`;
}

/** Judges the end by what there really is: no rule here is the operator's own code. */
function unlike(actor: Actor, world: World): string | undefined {
  const { replicas, registry } = world;
  const { home } = registry;
  const { spec, status } = actor.object;
  const condition = (type: string) => status?.conditions?.find((c) => c.type === type && c.status === 'True');
  const stalled = condition('Stalled');
  if (stalled !== undefined) return stalled.reason in reasons || claimed(stalled.reason) ? undefined : stalled.reason;
  if (spec.suspend === true && !isLeaving(actor)) return status?.phase === 'Suspended' ? undefined : 'not Suspended';
  // Nothing but Azure mends the home replica, so the object waits for that.
  if (isBroken(replicas.get(home))) return condition('Ready') === undefined ? undefined : 'Ready while home is broken';
  if (condition('Ready') === undefined) {
    const planned = spec.mode === 'Observe' && (status?.plan?.length ?? 0) > 0;
    return planned ? undefined : `neither ready nor stalled: ${status?.phase} ${status?.conditions?.[0]?.message}`;
  }
  const wanted = wantedBy(actor.object);
  const missing = [...wanted].find((region) => region !== home && !serves(replicas.get(region)));
  if (missing !== undefined) return `Ready without ${missing}`;
  const surplus = [...replicas.values()].find(({ region }) => region !== home && !wanted.has(region));
  if (surplus !== undefined && (spec.prune ?? 'All') === 'All') return `Ready with ${surplus.region}`;
  const own = [...replicas.values()].find(
    (r) => r.region !== home && !wanted.has(r.region) && ownerOf(r) === ownTag(world, keyOf(actor.object)),
  );
  return own !== undefined && spec.prune === 'Owned' ? `Ready with its own ${own.region}` : undefined;
}

function claimed(reason: string): boolean {
  return reason === 'RegistryClaimed';
}
