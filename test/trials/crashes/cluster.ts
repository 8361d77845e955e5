import { isDeepStrictEqual } from 'node:util';
import type { RegistryReplication, Status } from '../../../src/api/registryreplication.ts';
import { type Key, keyOf } from '../../../src/domain/key.ts';
import type { KubeClient, KubeRequest } from '../../../src/kube/http/client.ts';
import { KubeError } from '../../../src/kube/http/error.ts';
import { afterApply, afterDelete } from '../../support/memory-store.ts';
import { brokenLaws } from '../../support/status-laws.ts';
import type { CallOut } from './run.ts';

/** What the API server keeps of the objects, for as long as operators come and go. */
export interface ClusterState {
  readonly objects: ReadonlyMap<Key, RegistryReplication>;
  /** The object that the operator wrote last, as it was before; undefined when somebody else has changed it since. */
  readonly stale: RegistryReplication | undefined;
  /** Regions that any object has ever listed. */
  readonly everListed: ReadonlySet<string>;
  /** Regions whose replica of today a status has ever called provisioned: it may hold the images. */
  readonly everServed: ReadonlySet<string>;
  /** The last resource version given out. */
  readonly version: number;
}

/**
 * An API server for one kind of object, in memory. It stays apart from the in-memory store on purpose: here the real
 * store of src/kube is under test, too, so what it sends must be taken and judged as the API server does it.
 */
export interface CrashCluster extends ClusterState {
  /** Number of writes by the operator since this server was made. */
  writes(): number;
  /** Carries out a request of the operator. Refusals are thrown as KubeErrors. */
  write(request: KubeRequest): RegistryReplication;
  /** Answers a GET of one object. */
  read(request: KubeRequest): RegistryReplication;
  /** Somebody applies an object; its status stays as it was. */
  apply(object: RegistryReplication): void;
  /** Somebody deletes it: gone at once, or marked when it has a finalizer. */
  delete(key: Key): void;
  /** The listener is told of every change from now on, as a watch would be; there is one at a time. */
  watch(listener: (object: RegistryReplication, gone: boolean) => void): void;
}

type Stored = RegistryReplication | undefined;
type JsonPatch = readonly { readonly op: string; readonly path: string; readonly value: unknown }[];

/** The state of an API server that has seen nothing but these objects. */
export function clusterStateOf(objects: readonly RegistryReplication[]): ClusterState {
  return {
    objects: new Map(objects.map((object) => [keyOf(object), object])),
    stale: undefined,
    everListed: new Set(objects.flatMap(({ spec }) => spec.regions.map(({ location }) => location))),
    everServed: new Set(objects.flatMap(({ status }) => (status?.replicas ?? []).filter(isServing).map(locationOf))),
    version: Math.max(0, ...objects.map(({ metadata }) => Number(metadata.resourceVersion))),
  };
}

type Entry = NonNullable<Status['replicas']>[number];

function isServing({ provisioningState }: Entry): boolean {
  return provisioningState === 'Succeeded';
}

function locationOf({ location }: Entry): string {
  return location;
}

/**
 * Makes an API server that goes on from `state`, which it copies. `released` is told of each object that the operator has
 * let go.
 */
export function crashCluster(
  state: ClusterState,
  nowMs: () => number,
  violated: (what: string) => void,
  released: (object: RegistryReplication) => void = () => {},
): CrashCluster {
  const objects = new Map(state.objects);
  const everListed = new Set(state.everListed);
  const everServed = new Set(state.everServed);
  let { stale, version } = state;
  let listener: (object: RegistryReplication, gone: boolean) => void = () => {};
  let writes = 0;

  function set(key: Key, next: Stored): RegistryReplication | undefined {
    version += 1;
    const before = objects.get(key);
    const resourceVersion = String(version);
    const stored = next === undefined ? undefined : { ...next, metadata: { ...next.metadata, resourceVersion } };
    if (stored === undefined) objects.delete(key);
    else objects.set(key, stored);
    const shown = stored ?? before;
    if (shown !== undefined)
      listener({ ...shown, metadata: { ...shown.metadata, resourceVersion } }, next === undefined);
    return stored;
  }

  function refuse(status: number, reason: string): never {
    throw new KubeError({ request: 'PATCH', status, reason });
  }

  /** The value that a JSON patch adds, after its tests have held; in a test, null stands for absent. */
  function checked({ metadata }: RegistryReplication, body: JsonPatch): unknown {
    const has = new Map(Object.entries(metadata).map(([field, value]) => [`/metadata/${field}`, value]));
    for (const { op, path, value } of body)
      if (op === 'test' && !isDeepStrictEqual(has.get(path) ?? null, value)) refuse(422, 'Invalid');
    return body.at(-1)?.value;
  }

  /** The status of a PUT, which is of the version that is stored. */
  function replaced({ metadata }: RegistryReplication, body: RegistryReplication): unknown {
    const { uid, resourceVersion } = body.metadata;
    if (uid !== metadata.uid || resourceVersion !== metadata.resourceVersion) refuse(409, 'Conflict');
    return body.status;
  }

  function setFinalizers(stored: RegistryReplication, finalizers: readonly string[]): Stored {
    if (stored.metadata.deletionTimestamp !== undefined && finalizers.length === 0) return undefined;
    return { ...stored, metadata: { ...stored.metadata, finalizers } };
  }

  function setStatus(stored: RegistryReplication, status: Status): Stored {
    for (const law of brokenLaws(stored, status)) violated(`status breaks: ${law}`);
    for (const entry of status.replicas ?? []) {
      if (isServing(entry)) everServed.add(entry.location);
      // A replica on its way, or none, is not the one that served.
      else if (entry.provisioningState === undefined || entry.provisioningState === 'Creating')
        everServed.delete(entry.location);
    }
    return { ...stored, status };
  }

  return {
    objects,
    everListed,
    everServed,
    get stale() {
      return stale;
    },
    get version() {
      return version;
    },
    writes: () => writes,
    read: ({ path }) => objects.get(keyAt(path).key) ?? refuse(404, 'NotFound'),
    write({ method, path, body }) {
      const { key, subresource } = keyAt(path);
      const stored = objects.get(key) ?? refuse(404, 'NotFound');
      const value =
        method === 'PUT' ? replaced(stored, body as RegistryReplication) : checked(stored, body as JsonPatch);
      const next =
        subresource === undefined
          ? setFinalizers(stored, value as readonly string[])
          : setStatus(stored, value as Status);
      writes += 1;
      stale = stored;
      if (next === undefined) released(stored);
      return set(key, next) ?? stored;
    },
    apply(object) {
      const key = keyOf(object);
      for (const { location } of object.spec.regions) everListed.add(location);
      if (stale !== undefined && keyOf(stale) === key) stale = undefined;
      set(key, afterApply(objects.get(key), object));
    },
    delete(key) {
      const stored = objects.get(key);
      if (stored === undefined) return;
      if (stale !== undefined && keyOf(stale) === key) stale = undefined;
      set(key, afterDelete(stored, nowMs()));
    },
    watch: (next) => {
      listener = next;
    },
  };
}

function keyAt(path: string): { readonly key: Key; readonly subresource: string | undefined } {
  const [, namespace, , name, subresource] = /namespaces\/([^/]+)\/([^/]+)\/([^/]+)(\/status)?$/.exec(path) ?? [];
  return { key: `${namespace}/${name}` as Key, subresource };
}

/** A connection to the API server, each request of which goes through `call`. */
export function crashClient(call: CallOut): KubeClient {
  return {
    call(request) {
      if (request.method === undefined) return call<unknown>('read', false, ({ cluster }) => cluster.read(request));
      const what = request.path.endsWith('/status') ? 'status' : 'finalizer';
      return call<unknown>(what, true, ({ cluster }) => cluster.write(request));
    },
    watch: () => Promise.reject(new Error('nothing is watched')),
    close: async () => {},
  };
}
