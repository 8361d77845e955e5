import { setTimeout as delay } from 'node:timers/promises';
import { fetch, Pool } from 'undici';
import type { Coordinates } from './cluster-access.ts';
import { type KubeObject, readKustomization, readManifestFile, readManifests } from './manifests.ts';

/** The API server said no: `code` is the HTTP status, `reason` Kubernetes' word for it (NotFound, Forbidden, …). */
class KubeError extends Error {
  readonly code: number;
  readonly reason: string;
  constructor(request: string, code: number, reason: string, message: string) {
    super(`${request}: ${code} ${message}`);
    this.name = 'KubeError';
    this.code = code;
    this.reason = reason;
  }
}

interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** Media type of the request. Default: application/json. */
  readonly contentType?: string;
  /** Media type to ask for. Default: application/json. */
  readonly accept?: string;
  /** Token to send. Default: the administrator's. */
  readonly token?: string;
  /** Time limit in milliseconds. Default 30 s. */
  readonly timeoutMs?: number;
}

const patchTypes = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

interface WaitOptions {
  readonly deadlineMs: number;
  /** Ends the sentence "still waiting for …". */
  readonly what: string;
}

/** Kubernetes for tests and demo, as administrator unless a token is given. Paths are API paths (`/api/v1/…`). */
export interface KubeAdmin {
  /** Makes one request. Fails with KubeError for any status of 400 and over. */
  request<T = unknown>(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<T>;
  /** Reads an object; undefined when there is none. */
  get<T = KubeObject>(path: string): Promise<T | undefined>;
  /** Lists the items, in one page. */
  list<T = KubeObject>(path: string, query?: RequestOptions['query']): Promise<readonly T[]>;
  /** Applies on the server's side and takes over fields that others own; returns what the server made of it. */
  apply<T = KubeObject>(manifest: KubeObject): Promise<T>;
  /** Applies several objects one after the other, in the given order. */
  applyAll(manifests: readonly KubeObject[]): Promise<readonly KubeObject[]>;
  /** Applies every document of a YAML file, in order. */
  applyFile(path: string): Promise<readonly KubeObject[]>;
  patch<T = KubeObject>(path: string, patch: unknown, type?: keyof typeof patchTypes): Promise<T>;
  /** Asks for deletion; an object that isn't there is fine. Finalizers are not waited for. */
  delete(path: string): Promise<void>;
  /** Finds the API path of an object by its kind; asks the API's discovery once per group. */
  pathOf(manifest: KubeObject): Promise<string>;
  /**
   * Looks every 50 ms until `predicate` holds; it gets undefined while there is no such object. An API server that is
   * down or restarting is waited for too. Fails at the deadline with the last seen object in the message.
   */
  waitFor<T = KubeObject>(path: string, predicate: (seen: T | undefined) => boolean, options: WaitOptions): Promise<T>;
  /** Waits until the object is gone. */
  waitForGone(path: string, options?: Partial<WaitOptions>): Promise<void>;
  /** Applies every CRD of a folder and waits until they are served. Returns their names. */
  installCrds(folder: string): Promise<readonly string[]>;
  /** Applies a CRD and waits until it is served. */
  applyCrd(crd: KubeObject): Promise<void>;
  /** Applies a folder's kustomization (see readKustomization), each manifest as `edit` returns it. */
  applyKustomization(
    folder: string,
    edit?: (manifest: KubeObject) => KubeObject | undefined,
  ): Promise<readonly KubeObject[]>;
  /** Creates a namespace of a new name, which it returns. */
  createNamespace(prefix: string): Promise<string>;
  /** Creates the service account if needed, for no controller does it here. */
  createServiceAccount(namespace: string, name: string): Promise<void>;
  /** Asks for a token by TokenRequest. Default: one for this API server, good for an hour. */
  tokenFor(request: TokenFor): Promise<string>;
  close(): Promise<void>;
}

interface TokenFor {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly audience?: string;
  /** Life of the token, at least 600. */
  readonly expirationSeconds?: number;
}

export function connectAdmin({ url, caPem, adminToken }: Pick<Coordinates, 'url' | 'caPem' | 'adminToken'>): KubeAdmin {
  const pool = new Pool(url, { allowH2: false, connections: 32, connect: { ca: caPem } });
  const fieldManager = 'sandbox';
  const discovered = new Map<string, Promise<readonly ApiResource[]>>();

  async function request<T>(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
    const query = new URLSearchParams(
      Object.entries(options.query ?? {}).map(([key, value]): [string, string] => [key, String(value)]),
    );
    // fetch, as undici's own request() notices an abort only once it has a connection.
    const response = await fetch(`${url}${path}${query.size === 0 ? '' : `?${query.toString()}`}`, {
      method,
      dispatcher: pool,
      headers: {
        authorization: `Bearer ${options.token ?? adminToken}`,
        accept: options.accept ?? 'application/json, */*;q=0.5', // the keys of tokens have a type of their own
        ...(body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(options.timeoutMs ?? 30_000),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '') ? (JSON.parse(text) as unknown) : text;
    if (!response.ok) {
      const status = (typeof json === 'object' ? json : {}) as { reason?: string; message?: string };
      throw new KubeError(`${method} ${path}`, response.status, status.reason ?? 'Unknown', status.message ?? text);
    }
    return json as T;
  }

  async function resource(apiVersion: string, kind: string): Promise<ApiResource> {
    const at = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    for (const fresh of [false, true]) {
      if (fresh || !discovered.has(at))
        discovered.set(
          at,
          request<{ resources: ApiResource[] }>('GET', at).then((list) => list.resources),
        );
      const known = await discovered.get(at)?.catch((error: unknown) => {
        discovered.delete(at);
        throw error;
      });
      const found = known?.find((entry) => entry.kind === kind && !entry.name.includes('/'));
      if (found !== undefined) return found;
    }
    throw new Error(`the API server serves no ${kind} in ${apiVersion}`);
  }

  async function pathOf({ apiVersion, kind, metadata }: KubeObject): Promise<string> {
    const { name, namespaced } = await resource(apiVersion, kind);
    if (namespaced && metadata.namespace === undefined) throw new Error(`${kind} ${metadata.name} names no namespace`);
    const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    return `${group}${namespaced ? `/namespaces/${metadata.namespace}` : ''}/${name}/${metadata.name}`;
  }

  async function get<T>(path: string): Promise<T | undefined> {
    try {
      return await request<T>('GET', path);
    } catch (error) {
      if (error instanceof KubeError && error.code === 404) return undefined;
      throw error;
    }
  }

  async function poll<T>(
    path: string,
    done: (seen: T | undefined) => boolean,
    { deadlineMs, what }: WaitOptions,
  ): Promise<T | undefined> {
    const deadline = Date.now() + deadlineMs;
    let last = '';
    for (;;) {
      try {
        const seen = await get<T>(path);
        if (done(seen)) return seen;
        last = seen === undefined ? 'there is no such object' : JSON.stringify(seen, withoutManagedFields, 2);
      } catch (error) {
        if (error instanceof KubeError && error.code < 500 && error.code !== 429) throw error;
        if (!(error instanceof KubeError) && !isNetworkError(error)) throw error;
        last = String(error);
      }
      if (Date.now() > deadline)
        throw new Error(`after ${deadlineMs} ms still waiting for ${what} at ${path}: ${last}`);
      await delay(50);
    }
  }

  async function apply<T>(manifest: KubeObject): Promise<T> {
    return request<T>('PATCH', await pathOf(manifest), manifest, {
      query: { fieldManager, force: true },
      contentType: 'application/apply-patch+yaml', // JSON is YAML
    });
  }

  async function applyAll(manifests: readonly KubeObject[]): Promise<readonly KubeObject[]> {
    const applied: KubeObject[] = [];
    for (const manifest of manifests) applied.push(await apply<KubeObject>(manifest));
    return applied;
  }

  async function applyCrds(crds: readonly KubeObject[]): Promise<void> {
    await applyAll(crds);
    for (const { metadata } of crds) {
      await poll<Crd>(
        `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${metadata.name}`,
        (crd) => crd?.status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True') ?? false,
        { deadlineMs: 30_000, what: 'the CRD to be established' },
      );
    }
    for (const crd of crds) await served(crd as unknown as Crd, poll);
  }

  return {
    request,
    get,
    pathOf,
    apply,
    applyAll,
    applyFile: async (path) => applyAll(await readManifestFile(path)),
    list: async <T>(path: string, query?: RequestOptions['query']) =>
      (await request<{ items: readonly T[] }>('GET', path, undefined, query === undefined ? {} : { query })).items,
    patch: (path, patch, type = 'merge') =>
      request('PATCH', path, patch, { contentType: patchTypes[type], query: { fieldManager } }),
    async delete(path) {
      try {
        await request('DELETE', path);
      } catch (error) {
        if (!(error instanceof KubeError && error.code === 404)) throw error;
      }
    },
    waitFor: async <T>(path: string, predicate: (seen: T | undefined) => boolean, options: WaitOptions) =>
      (await poll(path, predicate, options)) as T,
    async waitForGone(path, { deadlineMs = 30_000, what = 'the deletion' } = {}) {
      await poll(path, (seen) => seen === undefined, { deadlineMs, what });
    },
    installCrds: async (folder) => {
      const crds = (await readManifests(folder)).filter(({ kind }) => kind === 'CustomResourceDefinition');
      await applyCrds(crds);
      return crds.map(({ metadata }) => metadata.name);
    },
    applyCrd: (crd) => applyCrds([crd]),
    async applyKustomization(folder, edit = (manifest) => manifest) {
      const isNamespaced = async (manifest: KubeObject): Promise<boolean> =>
        (await resource(manifest.apiVersion, manifest.kind)).namespaced;
      const manifests = await readKustomization(folder, isNamespaced);
      return applyAll(manifests.map(edit).filter((manifest) => manifest !== undefined));
    },
    async createNamespace(prefix) {
      const created = await request<KubeObject>('POST', '/api/v1/namespaces', {
        metadata: { generateName: `${prefix}-` },
      });
      return created.metadata.name;
    },
    async createServiceAccount(namespace, name) {
      await apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } });
    },
    async tokenFor({ namespace, serviceAccount, audience, expirationSeconds = 3600 }) {
      const answer = await request<{ status: { token: string } }>(
        'POST',
        `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`,
        { spec: { expirationSeconds, ...(audience === undefined ? {} : { audiences: [audience] }) } },
      );
      return answer.status.token;
    },
    close: () => pool.destroy(),
  };
}

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Waits until a CRD's objects are served: an established one may still answer 404 for a moment. */
async function served(
  { spec }: Crd,
  poll: (path: string, done: (seen: unknown) => boolean, options: WaitOptions) => Promise<unknown>,
): Promise<void> {
  for (const { name } of spec.versions.filter((version) => version.served))
    await poll(`/apis/${spec.group}/${name}/${spec.names.plural}`, (list) => list !== undefined, {
      deadlineMs: 30_000,
      what: 'the resource to be served',
    });
}

function withoutManagedFields(key: string, value: unknown): unknown {
  return key === 'managedFields' ? undefined : value;
}

function isNetworkError(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || error.message === 'fetch failed');
}
