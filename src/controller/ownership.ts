import type { RegistryReplication } from '../api/registryreplication.ts';
import { type Neighbours, ownershipAmong } from '../domain/owners.ts';
import type { Ownership } from '../domain/ownership.ts';
import type { Ports } from '../ports/ports.ts';

/** To whom replicas belong, as this object sees it among those that the operator knows. */
export function ownershipOf(object: RegistryReplication, ports: Ports): Ownership {
  return ownershipAmong(object, neighboursOf(ports));
}

/** The objects that the operator knows, and how it looks at them. */
export function neighboursOf({ store, namesakes, settings }: Ports): Neighbours {
  const { clusterName, subscriptionId, seesAllOf } = settings;
  return { clusterName, subscriptionId, get: (key) => store.get(key), namesakes, seesAllOf };
}
