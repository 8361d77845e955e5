import { hasFinalizer, isDeleting, type RegistryReplication } from '../api/registryreplication.ts';
import { holderOf, holdsClaim } from '../domain/claims.ts';
import { registryKey, registryOf } from '../domain/desired.ts';
import { type Key, keyOf } from '../domain/key.ts';
import type { Ownership } from '../domain/ownership.ts';
import type { RegistryRef } from '../domain/replication.ts';
import type { Ports } from '../ports/ports.ts';

/**
 * To whom replicas belong, as this object sees it. The object that an owner tag names is alive while it manages the same
 * registry; one that this operator cannot see is taken to do so.
 */
export function ownershipOf(object: RegistryReplication, ports: Ports): Ownership {
  const { store, settings } = ports;
  const { clusterName, seesAllOf, subscriptionId } = settings;
  const former = object.status?.owner;
  const registry = registryOf(object.spec, subscriptionId);
  return {
    tag: `${clusterName}/${keyOf(object)}`,
    // A status that an older version wrote does not say which tag the replicas bear.
    wasOwn: (tag) => (former === undefined ? tag.endsWith(`/${keyOf(object)}`) : tag === former),
    isAlive(tag) {
      const [cluster, namespace = '', name] = tag.split('/');
      if (cluster !== clusterName || registry === undefined) return true;
      const owner = store.get(`${namespace}/${name}` as Key);
      return owner === undefined ? !seesAllOf(namespace) : mayWriteTo(registry, owner, ports);
    },
  };
}

/** Whether an object manages the registry, or may still be deleting what it made there. */
function mayWriteTo(registry: RegistryRef, owner: RegistryReplication, ports: Ports): boolean {
  if (!wouldChange(registry, owner, ports)) return false;
  if (isDeleting(owner) && hasFinalizer(owner)) return true;
  return holdsClaim(owner) && registryHolder(owner, { registry }, ports)?.metadata.uid === owner.metadata.uid;
}

/** Of the objects that would change this registry and can read it, the one that manages it; `object` itself is always one. */
export function registryHolder(
  object: RegistryReplication,
  { registry }: { readonly registry: RegistryRef },
  ports: Ports,
): RegistryReplication | undefined {
  const rivals = ports.namesakes(registry.name).filter((rival) => {
    if (!wouldChange(registry, rival, ports)) return false;
    return rival.metadata.uid === object.metadata.uid || holdsClaim(rival);
  });
  return holderOf(rivals);
}

/** Whether an object is about the registry, and is not there only to observe it. */
function wouldChange(registry: RegistryRef, { spec }: RegistryReplication, { settings }: Ports): boolean {
  const ref = registryOf(spec, settings.subscriptionId);
  return spec.mode !== 'Observe' && ref !== undefined && registryKey(ref) === registryKey(registry);
}
