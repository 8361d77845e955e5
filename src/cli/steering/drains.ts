import { apiVersion, kind, type RegistryReplication } from '../../api/registryreplication.ts';
import { longestDrainMs } from '../../domain/drains.ts';
import { type Region, regionOf } from '../../domain/region.ts';
import { KubeError } from '../../kube/http/error.ts';
import { collectionPath } from '../../kube/store.ts';
import type { Cluster } from '../cluster.ts';
import { misused, Problem } from '../command.ts';
import { type Fields, fieldsOf, managersOf } from '../plan/applying.ts';
import { isConflict } from './patch.ts';

/** The field manager of drains: what it states neither Argo CD nor Flux takes away when they apply what Git has. */
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

/** The entries of spec.drains that this program has stated, as far as they are still there. */
function statedDrains(stored: Stored): readonly DrainEntry[] {
  const own = managersOf(stored).filter(
    ({ manager, operation, subresource }) =>
      manager === drainManager && operation === 'Apply' && subresource === undefined,
  );
  const keys = own.flatMap(({ fieldsV1 }) => Object.keys(fieldsOf(fieldsOf(fieldsV1?.['f:spec'])['f:drains'])));
  const locations = new Set(
    keys.flatMap((key) => (key.startsWith('k:') ? [(JSON.parse(key.slice(2)) as { location?: string }).location] : [])),
  );
  return (stored.spec.drains ?? []).filter(({ location }) => locations.has(location));
}

/** What is to be stated so that the region is drained, in the spelling that the spec has for it. Drains that are over go. */
export function withDrain(stored: Stored, drain: DrainEntry, now: Date): readonly DrainEntry[] {
  const region = regionOf(drain.location);
  const spelt = stored.spec.drains?.find(({ location }) => regionOf(location) === region)?.location ?? region;
  return [...withoutDrain(stored, region, now), { ...drain, location: spelt }];
}

/** What is to be stated so that the region is drained by this program no more. */
export function withoutDrain(stored: Stored, region: Region, now: Date): readonly DrainEntry[] {
  return statedDrains(stored).filter(
    ({ location, until }) => regionOf(location) !== region && Date.parse(until) > now.getTime(),
  );
}

/** One GET. */
async function read({ client, namespace }: Cluster, name: string, signal: AbortSignal): Promise<Stored> {
  return (await client.call({ path: `${collectionPath(namespace)}/${encodeURIComponent(name)}` }, signal)) as Stored;
}

/**
 * States by server-side apply what `statedOf` makes of the newest object, which it may be asked for again: somebody else may
 * drain another region at the same time. Returns the object as stored.
 */
export async function stateDrains(
  cluster: Cluster,
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
      if (!isConflict(error) || statedBy(error).length > 0 || tries === mostTries) throw error;
    }
  }
}

/** The field managers that state otherwise what was to be stated by server-side apply; empty of any other error. */
export function statedBy(error: unknown): readonly string[] {
  const causes = error instanceof KubeError ? (error.details?.causes ?? []) : [];
  const managers = causes.flatMap(({ reason, message = '' }) =>
    reason === 'FieldManagerConflict' ? [/^conflict with "([^"]+)"/.exec(message)?.[1] ?? 'somebody else'] : [],
  );
  return [...new Set(managers)].toSorted();
}

/** Takes an entry out that somebody else states, too. One PATCH; undefined when it is not there. */
export async function takeOut(
  cluster: Cluster,
  stored: Stored,
  region: Region,
  signal: AbortSignal,
): Promise<Stored | undefined> {
  const index = (stored.spec.drains ?? []).findIndex(({ location }) => regionOf(location) === region);
  if (index < 0) return undefined;
  const { name, uid } = stored.metadata;
  return await send(cluster, name, signal, {
    contentType: 'application/json-patch+json',
    body: [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path: `/spec/drains/${index}`, value: stored.spec.drains?.[index] },
      { op: 'remove', path: `/spec/drains/${index}` },
    ],
  });
}

async function send(
  { client, namespace }: Cluster,
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
  const drains = (object: RegistryReplication) =>
    drained && object.spec.drains?.some(({ location }) => regionOf(location) === region) === true;
  if (name !== undefined) {
    const object = await cluster.object(name, signal);
    return drains(object) ? object : has(object, region);
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

function has(object: RegistryReplication, region: Region): RegistryReplication {
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
