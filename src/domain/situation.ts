import { isDeleting, type RegistryReplication } from '../api/registryreplication.ts';
import type { Memory } from './memory.ts';
import type { Ownership } from './ownership.ts';
import type { Actual, Desired } from './replication.ts';

/** Everything that a plan is made from. */
export interface Situation {
  readonly desired: Desired;
  readonly actual: Actual;
  readonly memory: Memory;
  readonly owner: Ownership;
  /** The object is being deleted: the set's replicas go, the others are left alone. */
  readonly deleting: boolean;
  readonly now: Date;
}

/** What was read of Azure, beside what is known of the object. */
export function situationOf(
  object: RegistryReplication,
  { desired, actual }: { readonly desired: Desired; readonly actual: Actual },
  { memory, owner, now }: { readonly memory: Memory; readonly owner: Ownership; readonly now: Date },
): Situation {
  return {
    desired,
    actual,
    memory,
    owner,
    deleting: isDeleting(object),
    now,
  };
}
