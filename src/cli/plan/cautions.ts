import type { Memory } from '../../domain/memory.ts';
import { nearest } from '../../domain/nearest.ts';
import type { Region } from '../../domain/region.ts';
import type { Actual, Credentials, Desired } from '../../domain/replication.ts';
import { places } from '../world/regions.generated.ts';

/** Notes on what can make the operator do something else than the plan says, though the plan is right about the object. */
export function cautionsOf({ credentials, wishes }: Desired, { registry, replicas }: Actual, memory: Memory): string[] {
  const missing = [...wishes.keys()].filter((region) => region !== registry.home && !replicas.has(region));
  return [
    ...missing.flatMap((region) => unknownRegion(region, registry.home) ?? []),
    ...(credentials === undefined ? [] : [otherLogin(credentials)]),
    ...(memory.readError === undefined ? [] : [unread(memory)]),
  ];
}

/** Of other clouds than the public one this program knows no regions. */
function unknownRegion(region: Region, home: Region): string | undefined {
  if (places[region] !== undefined || places[home] === undefined) return undefined;
  const near = nearest(region, Object.keys(places));
  const meant = near === undefined ? '' : ` (did you mean ${near}?)`;
  return `${region} is no Azure region that this version knows${meant}: where Azure has none, it refuses the replica.`;
}

function otherLogin({ kind, namespace, name }: Credentials): string {
  const what = kind === 'secret' ? 'Secret' : 'ServiceAccount';
  return `The operator works with ${what} ${namespace}/${name}, as spec.credentialsRef says: whether that may do it is not looked at here, but by kubectl acr-replication doctor.`;
}

function unread({ conditions }: Memory): string {
  const { reason = 'unknown', message = '' } = conditions.get('Ready') ?? {};
  return `When the operator last looked it could not read the registry, and it does nothing before it can (${reason}): ${message}`;
}
