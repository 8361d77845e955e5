import type { RegistryReplication } from '../api/registryreplication.ts';
import { holderOf, holdsClaim } from '../domain/claims.ts';
import { registryKey, registryOf } from '../domain/desired.ts';
import { type Key, keyOf } from '../domain/key.ts';
import type { Ownership } from '../domain/ownership.ts';
import type { Desired } from '../domain/replication.ts';
import type { Ports } from '../ports/ports.ts';

/** To whom replicas belong, as this object sees it. Owners that this operator cannot see are taken to exist. */
export function ownershipOf(object: RegistryReplication, { store, settings }: Ports): Ownership {
  const { clusterName, seesAllOf } = settings;
  const former = object.status?.owner;
  return {
    tag: `${clusterName}/${keyOf(object)}`,
    // A status that an older version wrote does not say which tag the replicas bear.
    wasOwn: (tag) => (former === undefined ? tag.endsWith(`/${keyOf(object)}`) : tag === former),
    isAlive(tag) {
      const [cluster, namespace = '', name] = tag.split('/');
      if (cluster !== clusterName || !seesAllOf(namespace)) return true;
      return store.get(`${namespace}/${name}` as Key) !== undefined;
    },
  };
}

/** Of the objects that would change this registry and can read it, the one that manages it; `object` itself is always one. */
export function registryHolder(
  object: RegistryReplication,
  { registry }: Desired,
  { namesakes, settings }: Ports,
): RegistryReplication | undefined {
  const wanted = registryKey(registry);
  const rivals = namesakes(registry.name).filter((rival) => {
    if (rival.spec.mode === 'Observe') return false;
    const ref = registryOf(rival.spec, settings.subscriptionId);
    if (ref === undefined || registryKey(ref) !== wanted) return false;
    return rival.metadata.uid === object.metadata.uid || holdsClaim(rival);
  });
  return holderOf(rivals);
}
