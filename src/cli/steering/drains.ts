import { apiVersion, kind, type RegistryReplication } from '../../api/registryreplication.ts';
import { longestDrainMs } from '../../domain/drains.ts';
import { type Region, regionOf } from '../../domain/region.ts';
import { collectionPath } from '../../kube/store.ts';
import type { Cluster } from '../cluster.ts';
import { misused, Problem } from '../command.ts';
import { type Fields, fieldsOf, lastAppliedOf, type Manager, managersOf } from '../plan/applying.ts';
import { isConflict } from './patch.ts';

/**
 * The field manager of drains: what it states neither Argo CD nor Flux takes away when they apply what Git has. One whose name
 * begins with kubectl Flux would take for a person's: fluxcd/kustomize-controller internal/controller/kustomization_controller.go,
 * fieldManagers, which fluxcd/pkg ssa/patch.go compares as prefixes.
 */
export const drainManager = 'acr-replication-drain';
/** How often the object is read anew because somebody wrote it meanwhile. */
const mostTries = 5;

/** An object as the API server stores it, with managedFields. */
export type Stored = Fields & RegistryReplication;
export type DrainEntry = NonNullable<RegistryReplication['spec']['drains']>[number];

/** The end of a drain as the spec takes it, from a duration or a moment. Throws a Problem. */
export function untilOf(
  now: Date,
  { forMs, until }: { readonly forMs?: number | undefined; readonly until?: string | undefined },
): string {
  if ((forMs === undefined) === (until === undefined)) {
    throw new Problem('say how long: either --for or --until', '--for 2h', misused);
  }
  const end = forMs === undefined ? momentOf(until ?? '') : new Date(now.getTime() + forMs);
  const aheadMs = end.getTime() - now.getTime();
  if (aheadMs <= 0) throw new Problem(`${until} is past`, '--for 2h', misused);
  if (aheadMs > longestDrainMs) {
    throw new Problem(
      'a drain lasts 30 days at most',
      'routing: Disabled of the region in spec.regions, for what is to last',
      misused,
    );
  }
  return `${end.toISOString().slice(0, 19)}Z`;
}

/** RFC 3339 with a zone: without one nobody knows whose clock is meant. */
function momentOf(text: string): Date {
  const moment = new Date(text);
  if (/^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(moment.getTime())) {
    return moment;
  }
  throw new Problem(`--until ${text} is no moment with a zone`, '--until 2026-12-01T06:00:00Z, or --for 2h', misused);
}

/** The cluster, and the namespace of the object. */
export type Place = Pick<Cluster, 'client' | 'namespace'>;

/** The locations of the drains that a field manager states. */
function locationsOf({ fieldsV1 }: Manager): readonly string[] {
  const drains = fieldsOf(fieldsOf(fieldsV1?.['f:spec'])['f:drains']);
  return Object.keys(drains).flatMap((key) =>
    key.startsWith('k:') ? [(JSON.parse(key.slice(2)) as { readonly location: string }).location] : [],
  );
}

function isOwn({ manager, operation, subresource }: Manager): boolean {
  return manager === drainManager && operation === 'Apply' && subresource === undefined;
}

/** The field managers that state the drain of a region, other than this program. */
export function othersStating(stored: Stored, region: Region): readonly string[] {
  const others = managersOf(stored).filter(
    (manager) => !isOwn(manager) && locationsOf(manager).map(regionOf).includes(region),
  );
  return [...new Set(others.map(({ manager }) => manager ?? 'somebody'))];
}

/** The entries of spec.drains that this program has stated, as far as they are still there. */
function statedDrains(stored: Stored): readonly DrainEntry[] {
  const locations = new Set(managersOf(stored).filter(isOwn).flatMap(locationsOf));
  return (stored.spec.drains ?? []).filter(({ location }) => locations.has(location));
}

/**
 * The drains that a file for Git has: those that only this program states are for a while, and kept in Git they would be stated
 * by others, too. Undefined: none.
 */
export function drainsOfFile(stored: Stored): readonly DrainEntry[] | undefined {
  const own = new Set(statedDrains(stored));
  const kept = stored.spec.drains?.filter(
    (drain) => !own.has(drain) || othersStating(stored, regionOf(drain.location)).length > 0,
  );
  return kept?.length === 0 ? undefined : kept;
}

/**
 * What is to be stated so that the region is drained, in the spelling that the spec has for it. Drains that are over go.
 * Throws a Problem when somebody else states this drain otherwise, and would state it so again.
 */
export function withDrain(stored: Stored, drain: DrainEntry, now: Date): readonly DrainEntry[] {
  const region = regionOf(drain.location);
  const there = stored.spec.drains?.find(({ location }) => regionOf(location) === region);
  const others = othersStating(stored, region);
  if (there !== undefined && others.length > 0 && (there.until !== drain.until || there.reason !== drain.reason)) {
    throw new Problem(
      `spec.drains has ${region} until ${there.until} already, stated by ${others.join(', ')}: change it in that file; one that was written by hand can be ended first`,
      `kubectl acr-replication undrain ${region} ${stored.metadata.name}`,
    );
  }
  return [...withoutDrain(stored, region, now), { ...drain, location: there?.location ?? region }];
}

/** What is to be stated so that the region is drained by this program no more. */
export function withoutDrain(stored: Stored, region: Region, now: Date): readonly DrainEntry[] {
  return statedDrains(stored).filter(
    ({ location, until }) => regionOf(location) !== region && Date.parse(until) > now.getTime(),
  );
}

/** One GET. */
async function read({ client, namespace }: Place, name: string, signal: AbortSignal): Promise<Stored> {
  return (await client.call({ path: `${collectionPath(namespace)}/${encodeURIComponent(name)}` }, signal)) as Stored;
}

/**
 * States by server-side apply what `statedOf` makes of the newest object, which it may be asked for again: somebody else may
 * drain another region at the same time. Returns the object as stored.
 */
export async function stateDrains(
  cluster: Place,
  name: string,
  statedOf: (stored: Stored) => readonly DrainEntry[],
  signal: AbortSignal,
): Promise<Stored> {
  for (let tries = 1; ; tries += 1) {
    const stored = await read(cluster, name, signal);
    const drains = statedOf(stored);
    const { namespace, uid, resourceVersion } = stored.metadata;
    const metadata = { name, namespace, uid, resourceVersion };
    try {
      return await send(cluster, name, signal, {
        contentType: 'application/apply-patch+yaml',
        body: { apiVersion, kind, metadata, ...(drains.length === 0 ? {} : { spec: { drains } }) },
      });
    } catch (error) {
      if (!isConflict(error) || tries === mostTries) throw error;
    }
  }
}

/** Takes an entry out that somebody else states, too, if it is there. One PATCH. */
export async function takeOut(cluster: Place, stored: Stored, region: Region, signal: AbortSignal): Promise<void> {
  const index = (stored.spec.drains ?? []).findIndex(({ location }) => regionOf(location) === region);
  if (index < 0) return;
  const { name, uid } = stored.metadata;
  await send(cluster, name, signal, {
    contentType: 'application/json-patch+json',
    body: [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path: `/spec/drains/${index}`, value: stored.spec.drains?.[index] },
      { op: 'remove', path: `/spec/drains/${index}` },
    ],
  });
}

async function send(
  { client, namespace }: Place,
  name: string,
  signal: AbortSignal,
  request: { readonly contentType: string; readonly body: object },
): Promise<Stored> {
  const path = `${collectionPath(namespace)}/${encodeURIComponent(name)}`;
  const query = { fieldManager: drainManager, fieldValidation: 'Strict' };
  return (await client.call({ method: 'PATCH', path, query, ...request }, signal)) as Stored;
}

interface Meant {
  readonly region: Region;
  readonly name: string | undefined;
  /** Whether an object that drains the region comes first, even if it does not have the region any more. */
  readonly drained?: boolean;
}

/** The one object that a drain of the region can mean: that of the name, or the only one of the namespace that has the region. */
export async function objectWith(
  cluster: Cluster,
  { region, name, drained = false }: Meant,
  signal: AbortSignal,
): Promise<RegistryReplication> {
  const drains = (object: RegistryReplication) => drained && isStated(object, region);
  if (name !== undefined) {
    const object = await cluster.object(name, signal);
    return drains(object) ? object : having(object, region);
  }
  const all: RegistryReplication[] = [];
  for await (const page of cluster.objects({ namespace: cluster.namespace }, signal)) {
    all.push(...page.filter((object) => drains(object) || regionsOf(object).includes(region)));
  }
  const found = all.some(drains) ? all.filter(drains) : all;
  const [only] = found;
  if (only === undefined) {
    throw new Problem(
      `no RegistryReplication in namespace ${cluster.namespace} has ${region}`,
      'kubectl acr-replication list',
    );
  }
  if (found.length === 1) return only;
  const names = found.map(({ metadata }) => metadata.name).toSorted();
  throw new Problem(`${names.join(', ')} have ${region}: name one of them after it`, `${region} ${names[0]}`, misused);
}

/** Whether spec.drains names the region. */
export function isStated({ spec }: RegistryReplication, region: Region): boolean {
  return spec.drains?.some(({ location }) => regionOf(location) === region) === true;
}

/** The object, if it has the region; throws a Problem. */
export function having<T extends RegistryReplication>(object: T, region: Region): T {
  const regions = regionsOf(object);
  // Before the registry was read nobody knows which region is home.
  if (regions.includes(region) || object.status?.registry === undefined) return object;
  throw new Problem(`${object.metadata.name} has no region ${region}`, regions.join(', '), misused);
}

/** The regions of the set, and home where it is known. */
function regionsOf({ spec, status }: RegistryReplication): readonly Region[] {
  const home = status?.registry?.homeRegion;
  const all = [...spec.regions.map(({ location }) => location), ...(home === undefined ? [] : [home])];
  return [...new Set(all.map(regionOf))].toSorted();
}

/** Whether a file with drains of its own is applied on the client's side, which puts its list in place of all drains. */
export function isListReplaced(stored: Stored): boolean {
  return 'drains' in fieldsOf(lastAppliedOf(stored)?.['spec']);
}

/** Whether the region is the last one in routing, as status has it: then its drain waits. */
export function isLastRouted({ status }: RegistryReplication, region: Region): boolean {
  const routed = (status?.replicas ?? []).filter(
    ({ routing, managed }) => routing === 'Enabled' && managed !== 'Unlisted',
  );
  return routed.length > 0 && routed.every(({ location }) => regionOf(location) === region);
}

/** Whether another object manages the registry, so that this one does nothing. */
export function isClaimed({ status }: RegistryReplication): boolean {
  return status?.conditions?.some(({ type, reason }) => type === 'Stalled' && reason === 'RegistryClaimed') === true;
}
