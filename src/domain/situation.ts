import { isDeleting, type RegistryReplication } from '../api/registryreplication.ts';
import { type Drainage, drainageOf, routingIn } from './drains.ts';
import type { Memory } from './memory.ts';
import type { Ownership } from './ownership.ts';
import type { Actual, Desired } from './replication.ts';

/** Everything that a plan is made from. */
export interface Situation {
  /** The wishes have the routing that drains make of what the spec states. */
  readonly desired: Desired;
  readonly actual: Actual;
  readonly memory: Memory;
  readonly owner: Ownership;
  /** The object is being deleted: the set's replicas go, the others are left alone. */
  readonly deleting: boolean;
  readonly now: Date;
  readonly drainage: Drainage;
}

/** What was read of Azure, beside what is known of the object. */
export function situationOf(
  object: RegistryReplication,
  { desired, actual }: { readonly desired: Desired; readonly actual: Actual },
  { memory, owner, now }: { readonly memory: Memory; readonly owner: Ownership; readonly now: Date },
): Situation {
  const deleting = isDeleting(object);
  const drainage = drainageOf({ desired, actual, memory, deleting, now });
  return { desired: withDrains(desired, drainage), actual, memory, owner, deleting, now, drainage };
}

/** What is wanted with the routing that each region is to have now. */
function withDrains(desired: Desired, { courses }: Drainage): Desired {
  if (courses.size === 0) return desired;
  const wishes = [...desired.wishes].map(([region, wish]) => {
    return [region, { ...wish, routing: routingIn(courses.get(region), wish.routing, desired) }] as const;
  });
  return { ...desired, wishes: new Map(wishes) };
}
