import type { MapObject, MapReplica, State } from '../../../../src/map/wire.ts';
import { states } from '../../../../src/map/wire.ts';

/** A replica in a region, ready unless a state is given. */
export function replica(region: string, state: State = 'ready', more: Partial<MapReplica> = {}): MapReplica {
  return {
    region,
    name: region,
    state,
    home: false,
    wanted: true,
    routingOff: false,
    provisioningState: 'Succeeded',
    status: 'Ready',
    managed: 'Created',
    ...more,
  };
}

/** An object `namespace/name` with these replicas; the one that is home tells its home region. */
export function mapObject(key: string, replicas: readonly MapReplica[], more: Partial<MapObject> = {}): MapObject {
  const [namespace = '', name = ''] = key.split('/');
  const home = replicas.find((one) => one.home)?.region;
  return {
    key,
    namespace,
    name,
    registry: name,
    phase: 'Ready',
    reason: 'InSync',
    summary: `${replicas.length}/${replicas.length}`,
    worst: states.find((state) => replicas.some((one) => one.state === state)) ?? 'unknown',
    suspended: false,
    observing: false,
    deleting: false,
    ...(home === undefined ? {} : { home }),
    version: '1',
    replicas,
    ...more,
  };
}
