import { type RegistryReplication, requestedAt, type Spec } from '../../../src/api/registryreplication.ts';
import type { ReplicationBody } from '../../sandbox/emulator/bodies.ts';
import { plain } from './deletions.ts';

/** An object and its surroundings, when all is quiet. */
export interface Quiet {
  readonly object: RegistryReplication;
  /** All objects about the registry, this one included. */
  readonly about: readonly RegistryReplication[];
  readonly home: string;
  readonly replicas: readonly ReplicationBody[];
  readonly cluster: string;
  /** Every object of the cluster that exists, as `namespace/name`. */
  readonly living: ReadonlySet<string>;
}

/**
 * The state in which an object ends when all is quiet. It follows the documentation of the spec, without the operator's
 * code.
 */
export type Ending = 'Ready' | 'Suspended' | 'Claimed' | 'Conflict' | 'Planned';

/** Every way in which object, status and Azure do not agree. */
export function disagreements(quiet: Quiet): { readonly ending: Ending; readonly problems: readonly string[] } {
  const { object, home } = quiet;
  const { spec, status, metadata } = object;
  const problems: string[] = [];
  const expect = (what: string, seen: unknown, wanted: unknown) => {
    if (JSON.stringify(seen) !== JSON.stringify(wanted))
      problems.push(`${what} is ${JSON.stringify(seen)} and should be ${JSON.stringify(wanted)}`);
  };
  const ready = condition(object, 'Ready');
  if (metadata.deletionTimestamp !== undefined) problems.push('it is still being deleted');
  expect('observedGeneration', status?.observedGeneration, metadata.generation);

  if (spec.suspend === true) {
    expect('phase', status?.phase, 'Suspended');
    return { ending: 'Suspended', problems };
  }
  expect('lastHandledRequest', status?.lastHandledRequest, metadata.annotations?.[requestedAt]);
  const holder = holderOf(quiet);
  if (spec.mode !== 'Observe' && holder !== keyOf(object)) {
    expect('phase', status?.phase, 'Failed');
    expect('reason of Stalled', condition(object, 'Stalled')?.reason, 'RegistryClaimed');
    if (!ready?.message.includes(holder)) problems.push(`the message of Ready does not name the holder ${holder}`);
    return { ending: 'Claimed', problems };
  }

  const { plan, conflicts } = compare(quiet);
  if (spec.mode === 'Observe' && plan.length > 0) {
    expect('plan', status?.plan, plan);
    expect('Ready', [ready?.status, ready?.reason], ['False', 'PlanPending']);
    expect('phase', status?.phase, 'Pending');
    return { ending: 'Planned', problems };
  }
  // Nothing is deleted while a wanted region is missing, and here a person must decide before it can be had.
  const held = [...conflicts].some((line) => line.startsWith('+'));
  const left = plan.filter((line) => !conflicts.has(line) && !(held && line.startsWith('-')));
  if (left.length > 0) problems.push(`Azure differs from the spec: ${left.join(', ')}`);
  if (conflicts.size > 0) {
    expect('phase', status?.phase, 'Failed');
    expect('reason of Stalled', condition(object, 'Stalled')?.reason, 'Conflict');
    return { ending: 'Conflict', problems };
  }
  expect('plan', status?.plan, undefined);
  expect('Ready', [ready?.status, ready?.reason], ['True', 'InSync']);
  expect('phase', status?.phase, 'Ready');
  expect('summary', status?.summary, `${spec.regions.length}/${spec.regions.length}`);
  expect(
    'regions in status',
    status?.replicas?.map(({ location }) => location),
    regionsOf(quiet, home),
  );
  return { ending: 'Ready', problems };
}

function compare(quiet: Quiet): { readonly plan: readonly string[]; readonly conflicts: ReadonlySet<string> } {
  const { object, replicas, home } = quiet;
  const { spec } = object;
  const there = new Map(replicas.map((replica) => [replica.location, replica]));
  const wanted = new Map(spec.regions.map((region) => [plain(region.location), region]));
  const plan: string[] = [];
  const conflicts = new Set<string>();
  for (const [region, wish] of wanted) {
    const replica = there.get(region);
    if (region !== home && replica?.properties.provisioningState !== 'Succeeded') {
      plan.push(`+${region}`);
      if (replica !== undefined && isForeign(quiet, replica)) conflicts.add(`+${region}`);
    } else if (replica !== undefined) {
      const settings = otherSettings(spec, wish, replica, region === home);
      if (settings !== '') plan.push(`~${region} ${settings}`);
    }
  }
  for (const [region, replica] of there) {
    if (wanted.has(region) || region === home || !mustGo(quiet, replica)) continue;
    plan.push(`-${region}`);
    if (isForeign(quiet, replica)) conflicts.add(`-${region}`);
  }
  return { plan: plan.sort(), conflicts };
}

function otherSettings(spec: Spec, wish: Spec['regions'][number], replica: ReplicationBody, isHome: boolean): string {
  const enabled = replica.properties.regionEndpointEnabled ? 'Enabled' : 'Disabled';
  const tags = isHome ? {} : { ...spec.tags, ...wish.tags };
  return [
    ...(wish.routing === undefined || wish.routing === enabled ? [] : ['routing']),
    ...(Object.entries(tags).every(([name, value]) => replica.tags[name] === value) ? [] : ['tags']),
  ].join(' ');
}

function mustGo({ object, cluster }: Quiet, replica: ReplicationBody): boolean {
  const { prune = 'All' } = object.spec;
  if (prune !== 'Owned') return prune === 'All';
  if (ownerOf(replica) === `${cluster}/${keyOf(object)}`) return true;
  const { managed } = object.status?.replicas?.find(({ location }) => location === replica.location) ?? {};
  return managed === 'Created' || managed === 'Adopted';
}

/** Whether a replica belongs to another object, which exists or may exist. */
function isForeign({ object, cluster, living }: Quiet, replica: ReplicationBody): boolean {
  const owner = ownerOf(replica);
  if (owner === undefined || owner === `${cluster}/${keyOf(object)}`) return false;
  return !owner.startsWith(`${cluster}/`) || living.has(owner.slice(cluster.length + 1));
}

function ownerOf({ tags }: ReplicationBody): string | undefined {
  return tags['acr-replication-owner'];
}

function regionsOf({ object, replicas }: Quiet, home: string): readonly string[] {
  const named = object.spec.regions.map(({ location }) => plain(location));
  return [...new Set([home, ...named, ...replicas.map(({ location }) => location)])].sort();
}

function holderOf({ about }: Quiet): string {
  const rivals = about.filter(({ spec }) => spec.mode !== 'Observe');
  const order = ({ metadata }: RegistryReplication) =>
    `${metadata.creationTimestamp} ${metadata.namespace}/${metadata.name}`;
  const [first] = rivals.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
  return first === undefined ? '' : keyOf(first);
}

export function condition({ status }: RegistryReplication, type: string) {
  return status?.conditions?.find((c) => c.type === type);
}

export function keyOf({
  metadata,
}: {
  readonly metadata: { readonly namespace: string; readonly name: string };
}): string {
  return `${metadata.namespace}/${metadata.name}`;
}
