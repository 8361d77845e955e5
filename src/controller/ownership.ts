import type { RegistryReplication } from '../api/registryreplication.ts';
import { holderOf } from '../domain/claims.ts';
import { registryKey, registryOf } from '../domain/desired.ts';
import { type Key, keyOf } from '../domain/key.ts';
import type { Ownership } from '../domain/ownership.ts';
import type { Desired } from '../domain/replication.ts';
import type { Ports } from '../ports/ports.ts';

/** To whom replicas belong, as this object sees it. Owners that this operator cannot see are taken to exist. */
export function ownershipOf(object: RegistryReplication, { store, settings }: Ports): Ownership {
  const { clusterName, seesAllOf } = settings;
  return {
    tag: `${clusterName}/${keyOf(object)}`,
    isAlive(tag) {
      const [cluster, namespace = '', name] = tag.split('/');
      if (cluster !== clusterName || !seesAllOf(namespace)) return true;
      return store.get(`${namespace}/${name}` as Key) !== undefined;
    },
  };
}

/** Of the objects that would change this registry, the one that manages it. */
export function registryHolder({ registry }: Desired, { namesakes, settings }: Ports): RegistryReplication | undefined {
  const wanted = registryKey(registry);
  const rivals = namesakes(registry.name).filter(({ spec }) => {
    if (spec.mode === 'Observe') return false;
    const ref = registryOf(spec, settings.subscriptionId);
    return ref !== undefined && registryKey(ref) === wanted;
  });
  return holderOf(rivals);
}
