import { isDeleting, type RegistryReplication, type ReplicaStatus } from '../api/registryreplication.ts';
import { keyOf } from '../domain/key.ts';
import { type Region, regionOf } from '../domain/region.ts';
import { plainText, shortened } from '../domain/text.ts';
import { drainIn } from '../view/drains.ts';
import { type ReplicaRow, rowsOf } from '../view/replicas.ts';
import { type MapObject, type MapReplica, type State, states } from './wire.ts';

/** How much of a message the page gets with each change; the whole of it is in the story. */
const shownCharacters = 300;

/** What the map shows of one object: the same object gives the same picture. */
export function sceneOf(object: RegistryReplication): MapObject {
  const { metadata, spec, status } = object;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const { homeRegion: home, loginServer } = status?.registry ?? {};
  const replicas = replicasOf(object, ready?.reason);
  return {
    key: keyOf(object),
    namespace: metadata.namespace,
    name: metadata.name,
    registry: spec.registry.name,
    phase: isDeleting(object) ? 'Deleting' : (status?.phase ?? 'Pending'),
    reason: plainText(ready?.reason ?? '', 60),
    summary: plainText(status?.summary ?? `0/${spec.regions.length}`, 20),
    worst: worstOf(replicas),
    suspended: spec.suspend === true,
    observing: spec.mode === 'Observe',
    deleting: isDeleting(object),
    ...(home === undefined ? {} : { home: regionOf(home) }),
    ...(loginServer === undefined ? {} : { loginServer: plainText(loginServer, 100) }),
    version: metadata.resourceVersion,
    replicas,
  };
}

/** The first of all states that one of the replicas is in. */
function worstOf(replicas: readonly MapReplica[]): State {
  return states.find((state) => replicas.some((replica) => replica.state === state)) ?? 'unknown';
}

function replicasOf(object: RegistryReplication, reason: string | undefined): readonly MapReplica[] {
  const { spec, status } = object;
  const entries = new Map((status?.replicas ?? []).map((entry) => [regionOf(entry.location), entry]));
  const isClaimed = reason === 'RegistryClaimed';
  const stopped = isClaimed || (!isDeleting(object) && (spec.suspend === true || spec.mode === 'Observe'));
  return rowsOf(object).map((row) => {
    const { location: region, name, since, managed, wanted, provisioningState, status: displayed, message } = row;
    const plan = planned(region, status?.plan ?? []);
    const entry = entries.get(region);
    const { error, endpoint } = entry ?? {};
    const drain = drainIn(object, region, entry);
    const isTold = drain?.out === true ? error === undefined : message.endsWith(drain?.waits ?? '\n');
    return {
      region,
      name,
      state: stateOf({ row, error, plan, stopped, isClaimed }),
      home: managed === 'Home',
      wanted,
      routingOff: row.routing === 'Disabled',
      ...(drain === undefined ? {} : { drain }),
      ...(endpoint === undefined ? {} : { endpoint: plainText(endpoint, 200) }),
      provisioningState,
      status: displayed,
      ...(since === undefined ? {} : { since }),
      managed,
      ...(message === '' || isTold ? {} : { message: shortened(message, shownCharacters) }),
    };
  });
}

/** What status.plan says is to be done about the region: its sign. */
function planned(region: Region, plan: readonly string[]): string | undefined {
  return plan.find((line) => line.slice(1).split(' ', 1)[0] === region)?.[0];
}

interface Facts {
  readonly row: ReplicaRow;
  /** What Azure refused. */
  readonly error: ReplicaStatus['error'];
  /** `+`, `-` or `~`; undefined: nothing differs. */
  readonly plan: string | undefined;
  /** Nothing is done about what differs: suspended, observed only, or another object manages the registry. */
  readonly stopped: boolean;
  readonly isClaimed: boolean;
}

/** The first line that fits tells the state. */
const rules: readonly (readonly [State, (facts: Facts) => boolean])[] = [
  ['failed', ({ row }) => /^(Failed|Canceled)$/.test(row.provisioningState)],
  ['deleting', ({ row }) => row.provisioningState === 'Deleting'],
  ['creating', ({ row }) => row.provisioningState === 'Creating'],
  ['updating', ({ row }) => row.provisioningState === 'Updating'],
  // Refused; kept back by `stopped`; or to be deleted, and notice is given, or a wanted region is not ready.
  ['held', ({ error, plan, stopped }) => error !== undefined || plan === '-' || (plan !== undefined && stopped)],
  ['held', ({ row, stopped }) => row.provisioningState === 'missing' && stopped],
  ['held', ({ row, isClaimed }) => row.provisioningState === 'unknown' && isClaimed],
  ['missing', ({ row }) => row.provisioningState === 'missing'],
  ['unknown', ({ row }) => !/^(Succeeded|home)$/.test(row.provisioningState)],
  ['unlisted', ({ row }) => row.standing === 'unlisted'],
  ['syncing', ({ row }) => row.standing === 'busy'],
  ['drained', ({ row }) => row.drained !== undefined],
  ['routingOff', ({ row }) => row.routing === 'Disabled'],
  ['ready', () => true],
];

function stateOf(facts: Facts): State {
  return rules.find(([, fits]) => fits(facts))?.[0] ?? 'unknown';
}
