import { hasFinalizer, isDeleting, type RegistryReplication } from '../api/registryreplication.ts';
import { holderOf, holdsClaim } from './claims.ts';
import { registryKey, registryOf } from './desired.ts';
import { type Key, keyOf } from './key.ts';
import type { Ownership } from './ownership.ts';
import type { RegistryRef } from './replication.ts';

/** What an operator knows of the objects beside the one that it looks at; it costs no call. */
export interface Neighbours {
  /** First part of the owner tag. */
  readonly clusterName: string;
  /** Subscription for objects whose spec names none. */
  readonly subscriptionId: string | undefined;
  /** An object that this operator looks after. */
  readonly get: (key: Key) => RegistryReplication | undefined;
  /** All objects about registries of this name, in any subscription, those of other operators too. */
  readonly namesakes: (registryName: string) => readonly RegistryReplication[];
  /** Whether an object of the namespace that `get` does not know is gone. */
  readonly seesAllOf: (namespace: string) => boolean;
}

/**
 * To whom replicas belong, as this object sees it. The object that an owner tag names is alive while it manages the same
 * registry, or is to manage it once this object, which is being deleted, is gone; one that this operator cannot see is
 * taken to do so.
 */
export function ownershipAmong(object: RegistryReplication, neighbours: Neighbours): Ownership {
  const { clusterName, seesAllOf, subscriptionId } = neighbours;
  const former = object.status?.owner;
  const registry = registryOf(object.spec, subscriptionId);
  return {
    tag: `${clusterName}/${keyOf(object)}`,
    // A status that an older version wrote does not say which tag the replicas bear.
    wasOwn: (tag) => (former === undefined ? tag.endsWith(`/${keyOf(object)}`) : tag === former),
    isAlive(tag) {
      const [cluster, namespace = '', name] = tag.split('/');
      if (cluster !== clusterName || registry === undefined) return true;
      const owner = neighbours.get(`${namespace}/${name}` as Key);
      if (owner === undefined) return !seesAllOf(namespace);
      if (!wouldChange(registry, owner, neighbours)) return false;
      return mayWriteTo(registry, owner, neighbours) || (isDeleting(object) && mayInherit(owner));
    },
  };
}

/** Whether an object that would change the registry manages it, or may still be deleting what it made there. */
function mayWriteTo(registry: RegistryRef, owner: RegistryReplication, neighbours: Neighbours): boolean {
  if (isDeleting(owner) && hasFinalizer(owner)) return true;
  return holdsClaim(owner) && registryHolder(owner, { registry }, neighbours)?.metadata.uid === owner.metadata.uid;
}

/** Whether an object that would change the registry is to manage it once the one that does is gone. */
function mayInherit(owner: RegistryReplication): boolean {
  return !isDeleting(owner) && holdsClaim(owner);
}

/** Of the objects that would change this registry and can read it, the one that manages it; `object` itself is always one. */
export function registryHolder(
  object: RegistryReplication,
  { registry }: { readonly registry: RegistryRef },
  neighbours: Pick<Neighbours, 'namesakes' | 'subscriptionId'>,
): RegistryReplication | undefined {
  const rivals = neighbours.namesakes(registry.name).filter((rival) => {
    if (!wouldChange(registry, rival, neighbours)) return false;
    return rival.metadata.uid === object.metadata.uid || holdsClaim(rival);
  });
  return holderOf(rivals);
}

/** Whether an object is about the registry, and is not there only to observe it. */
function wouldChange(
  registry: RegistryRef,
  { spec }: RegistryReplication,
  { subscriptionId }: Pick<Neighbours, 'subscriptionId'>,
): boolean {
  const ref = registryOf(spec, subscriptionId);
  return spec.mode !== 'Observe' && ref !== undefined && registryKey(ref) === registryKey(registry);
}
