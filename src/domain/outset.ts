import { isDeleting, type RegistryReplication } from '../api/registryreplication.ts';
import { desiredOf, sameRegistry } from './desired.ts';
import { keyOf } from './key.ts';
import type { Memory } from './memory.ts';
import { type Neighbours, registryHolder } from './owners.ts';
import type { Finding, Observed } from './pass.ts';
import type { Desired } from './replication.ts';

/** What a pass knows before it asks Azure: what is wanted there, or why Azure is not asked. */
export type Outset =
  | Exclude<Finding, Observed | { readonly kind: 'unobserved' }>
  | { readonly kind: 'clear'; readonly desired: Desired };

/** Reads the spec, and whether it may be acted on. */
export function outsetOf(
  object: RegistryReplication,
  memory: Pick<Memory, 'registry'>,
  neighbours: Pick<Neighbours, 'namesakes' | 'subscriptionId'>,
): Outset {
  const parsed = desiredOf(object, neighbours.subscriptionId);
  if (object.spec.suspend === true && !isDeleting(object)) {
    return { kind: 'suspended', desired: parsed.ok ? parsed.desired : undefined };
  }
  if (!parsed.ok) return { kind: 'invalid', problems: parsed.problems };
  const { desired } = parsed;
  // What is deleted, and what is let go, must belong to the registry that status speaks of.
  const id = memory.registry?.id;
  if (id !== undefined && !sameRegistry(desired.registry, id)) {
    return { kind: 'invalid', problems: [otherRegistry(id)] };
  }
  const holder = desired.mode === 'Observe' ? undefined : registryHolder(object, desired, neighbours);
  if (holder !== undefined && holder.metadata.uid !== object.metadata.uid) {
    return { kind: 'claimed', holder: keyOf(holder), desired };
  }
  return { kind: 'clear', desired };
}

function otherRegistry(id: string): string {
  return `the spec, with the operator's AZURE_SUBSCRIPTION_ID where it names no subscription, means another registry than ${id}, of which this object has taken care so far: name the subscription of that one in spec.registry.subscriptionId, or set deletionPolicy: Retain on this object, delete it and make another`;
}

/** Whether the object, when it is deleted, leaves its replicas in Azure: with Retain and with Observe. */
export function leavesAzure({ spec }: RegistryReplication): boolean {
  return spec.deletionPolicy === 'Retain' || spec.mode === 'Observe';
}
