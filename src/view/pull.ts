import { isDeleting, type RegistryReplication, type ReplicaStatus } from '../api/registryreplication.ts';
import { regionOf } from '../domain/region.ts';
import { regionalHost } from '../domain/regional-host.ts';

/**
 * Why Pods of a region pull from the registry's global host although its replica has a host of its own; undefined: where
 * the policy of local pull is, they pull from that. The rules are the policy's: deploy/local-pull.
 */
export function whyGlobal(object: RegistryReplication, replica: ReplicaStatus): string | undefined {
  const { location, endpoint } = replica;
  const loginServer = object.status?.registry?.loginServer ?? '';
  const unkept = whyUnkept(object);
  if (unkept !== undefined) return unkept;
  if (regionalHost({ loginServer }, regionOf(location)) !== endpoint)
    return `${endpoint} is not the host of ${loginServer} in ${location}`;
  const why = notServing(replica);
  return why === undefined ? undefined : `${location} ${why}`;
}

/** Why nobody keeps the object's status up to date; undefined: the operator does. */
export function whyUnkept(object: RegistryReplication): string | undefined {
  if (isDeleting(object)) return 'the object is being deleted';
  return object.spec.suspend === true ? 'the object is suspended' : undefined;
}

/** Why the policy takes a replica for one that does not serve; undefined: it does. */
function notServing({ provisioningState: state, status = '', routing, drained }: ReplicaStatus): string | undefined {
  if (drained !== undefined) return 'is drained';
  if (routing === 'Disabled') return 'is out of routing';
  if (state !== 'Succeeded') return `is ${state ?? 'not there'}`;
  return status === 'Ready' ? undefined : `is ${status === '' ? 'without a status' : status}`;
}
