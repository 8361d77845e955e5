import { apiVersion, kind, type RegistryReplication } from '../../api/registryreplication.ts';
import { KubeError } from '../../kube/http/error.ts';
import { collectionPath } from '../../kube/store.ts';
import { MapRefusal } from '../../map/reply.ts';
import type { Cluster } from '../cluster.ts';
import type { Fields } from '../plan/applying.ts';
import { mapManager, statedBefore, statedBy } from './field-owners.ts';
import type { Entry } from './manifest.ts';

/** An object as the API server stores it, with managedFields. */
export type Stored = Fields & RegistryReplication;

type Client = Pick<Cluster, 'client'>;

export function pathOf(namespace: string, name: string): string {
  return `${collectionPath(namespace)}/${encodeURIComponent(name)}`;
}

/** One GET. */
export async function readStored({ client }: Client, path: string, signal: AbortSignal): Promise<Stored> {
  return (await client.call({ path }, signal)) as Stored;
}

/** Names what a draft was made of: changes with every edit of the spec, and not with the status. */
export function versionOf({ metadata: { uid, generation } }: Stored): string {
  return `${uid}.${generation}`;
}

/** What changing the regions comes to. */
export interface Change {
  /** What the map states by server-side apply; undefined: it states the same as before. */
  readonly stated: readonly Entry[] | undefined;
  readonly wanted: readonly Entry[];
}

export function changeTo(stored: Stored, wanted: readonly Entry[]): Change {
  const { regions } = stored.spec;
  const stated = statedBy(stored, regions, wanted);
  const before = new Set(statedBefore(stored));
  const isSame = stated.length === before.size && stated.every(({ location }) => before.has(location));
  return { stated: isSame ? undefined : stated, wanted };
}

/**
 * What the object would be: two PATCHes at most, which change nothing. Refusals are those of the change itself, but that
 * what is taken out and added at once is not seen to overlap.
 */
export async function rehearse(
  cluster: Client,
  path: string,
  { stored, change }: { readonly stored: Stored; readonly change: Change },
  signal: AbortSignal,
): Promise<Stored> {
  const rehearsed =
    change.stated === undefined ? stored : await state(cluster, path, stored, change.stated, 'All', signal);
  if (surplusIn(rehearsed, change.wanted).length === 0) return rehearsed;
  const body = [...tests(stored), { op: 'replace', path: '/spec/regions', value: change.wanted }];
  return await patch(cluster, path, body, 'All', signal);
}

/**
 * First states what is wanted, by server-side apply as the API server judges it; then takes out what others state, too,
 * and what therefore stayed. Throws a KubeError, or a MapRefusal when only half of it was done.
 */
export async function carryOut(
  cluster: Client,
  path: string,
  { stored, change }: { readonly stored: Stored; readonly change: Change },
  signal: AbortSignal,
): Promise<Stored> {
  const { stated, wanted } = change;
  const applied = stated === undefined ? stored : await stateOf(cluster, path, stored, stated, signal);
  const surplus = surplusIn(applied, wanted);
  if (surplus.length === 0) return applied;
  // From the end, so that the places before it stay.
  const body = [
    ...tests(applied),
    ...surplus.map(({ index, entry }) => ({ op: 'test', path: `/spec/regions/${index}`, value: entry })),
    ...surplus.toReversed().map(({ index }) => ({ op: 'remove', path: `/spec/regions/${index}` })),
  ];
  try {
    return await patch(cluster, path, body, undefined, signal);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const left = surplus.map(({ entry }) => entry.location).join(', ');
    const why = isFailedTest(error) ? 'somebody edited the object meanwhile' : error.message;
    if (stated === undefined) throw new MapRefusal(409, `${left} was not taken out: ${why}.`, 'Draft it again.');
    throw new MapRefusal(409, `What was added is there, but ${left} was not taken out: ${why}.`, 'Draft it again.');
  }
}

function surplusIn({ spec }: Stored, wanted: readonly Entry[]) {
  const locations = new Set(wanted.map(({ location }) => location));
  return spec.regions.flatMap((entry, index) => (locations.has(entry.location) ? [] : [{ index, entry }]));
}

/** The object is this one, and its spec was not edited. */
function tests({ metadata: { uid, generation } }: Stored): readonly object[] {
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/generation', value: generation },
  ];
}

/** How often what was read is read anew because the operator wrote the status meanwhile. */
const mostTries = 5;

/** States at the version that was read; a status that was written meanwhile is no edit. */
async function stateOf(
  cluster: Client,
  path: string,
  stored: Stored,
  stated: readonly Entry[],
  signal: AbortSignal,
): Promise<Stored> {
  let base = stored;
  for (let tries = 1; ; tries += 1) {
    try {
      return await state(cluster, path, base, stated, undefined, signal);
    } catch (error) {
      if (!isEdited(error) || tries === mostTries) throw error;
      base = await readStored(cluster, path, signal);
      if (versionOf(base) !== versionOf(stored)) throw error;
    }
  }
}

/** Whether the version that was read is no longer the newest; a conflict about fields names them. */
function isEdited(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409 && error.details?.causes === undefined;
}

async function state(
  { client }: Client,
  path: string,
  { metadata: { name, namespace, uid, resourceVersion } }: Stored,
  regions: readonly Entry[],
  dryRun: 'All' | undefined,
  signal: AbortSignal,
): Promise<Stored> {
  const body = {
    apiVersion,
    kind,
    // A dry run is not about a version: a status that is written meanwhile would refuse it.
    metadata: { name, namespace, uid, ...(dryRun === undefined ? { resourceVersion } : {}) },
    ...(regions.length === 0 ? {} : { spec: { regions } }),
  };
  const contentType = 'application/apply-patch+yaml';
  return (await client.call({ method: 'PATCH', path, query: queryOf(dryRun), body, contentType }, signal)) as Stored;
}

async function patch(
  { client }: Client,
  path: string,
  body: readonly object[],
  dryRun: 'All' | undefined,
  signal: AbortSignal,
): Promise<Stored> {
  const contentType = 'application/json-patch+json';
  return (await client.call({ method: 'PATCH', path, query: queryOf(dryRun), body, contentType }, signal)) as Stored;
}

function queryOf(dryRun: 'All' | undefined) {
  return { fieldManager: mapManager, fieldValidation: 'Strict', ...(dryRun === undefined ? {} : { dryRun }) };
}

/** A 422 that names neither kind nor causes: a `test` of a JSON patch did not hold. */
function isFailedTest({ status, details }: KubeError): boolean {
  return status === 422 && details?.['kind'] === undefined && details?.causes === undefined;
}

/** The same object with these regions, as the API server would number it: for whom it lets read only. */
export function imagined(stored: Stored, regions: readonly Entry[]): Stored {
  const { metadata, spec } = stored;
  return { ...stored, metadata: { ...metadata, generation: metadata.generation + 1 }, spec: { ...spec, regions } };
}
