import type { Azure } from './azure.ts';
import { type ReplicationBody, registryBody, registryId, replicationBody, sevenDigits } from './bodies.ts';
import type { AuthorisedCall } from './call.ts';
import { ERRORS, GRAPH_ERRORS, type Reply } from './errors.ts';
import { isObject, jsonIn } from './json.ts';
import { parseQuery, type Query, QueryProblem, type Row } from './kql.ts';
import type { Registry, Replica, RoleAssignment } from './model.ts';
import { page } from './paging.ts';
import { scramble, shuffled } from './random.ts';
import { allows, covers } from './roles.ts';
import { same } from './seed.ts';
import { API_VERSIONS } from './versions.ts';

/** Resource Graph answers in the newest version that is no preview, whatever is asked for. */
const VERSION = API_VERSIONS.filter((version) => !version.endsWith('-preview')).at(-1) ?? '';
const REPLICATION = 'microsoft.containerregistry/registries/replications';
/** The columns of the table `resources`. [azure-docs first-query-rest-api.md] */
const COLUMNS =
  'id name type tenantId kind location resourceGroup subscriptionId managedBy sku plan properties tags identity zones extendedLocation'.split(
    ' ',
  );
/** Rows of a page, and bytes of an answer. [azure-docs paging-results.md] */
const MOST_ROWS = 1_000;
const MOST_BYTES = 16 * 2 ** 20;

/** A registry as Resource Graph knows it, and its replicas, each of an age of its own. */
interface Known {
  readonly registry: Registry;
  readonly at: number;
  readonly replicas: () => readonly ReplicationBody[];
}

/** What Resource Graph knows of a registry; undefined where it does not know of it yet, or no more. */
function known(azure: Azure, name: string, call: AuthorisedCall): Known | undefined {
  const { all, registries } = azure.graph;
  const { since } = azure.store;
  const { ageMs, ageUpToMs, frozenAt } = registries.get(name.toLowerCase()) ?? all;
  const moment = () =>
    frozenAt ?? call.now - ageMs - (ageUpToMs - ageMs) * (ageUpToMs > ageMs ? azure.graphRandom() : 0);
  const at = moment();
  const registry = azure.store.asOf(name, at);
  if (registry === undefined) return undefined;
  const shownAt = (ago: number) => {
    const then = ago === 0 ? registry : azure.store.asOf(name, at - ago);
    return then === undefined ? [] : bodiesOf(then, Math.max(at - ago, since), azure.seed);
  };
  const drawn = () => {
    const moments = [at, ...registry.replicas.map(moment)];
    const views = moments.map((m) => azure.store.asOf(name, m)?.replicas.map((r) => [r.name, m] as const) ?? []);
    const names = new Set(views.flat().map(([replica]) => replica));
    return [...names].flatMap((replica) => {
      const m = moment();
      const then = azure.store.asOf(name, m);
      const found = then?.replicas.find((r) => r.name === replica);
      return then === undefined || found === undefined ? [] : [replicationBody(then, found, Math.max(m, since))];
    });
  };
  // A fault of LIST is one of what Resource Graph has learned from LIST, too.
  const listed = { ...call, registry: name.toLowerCase(), homeRegion: registry.location };
  const replicas = () =>
    azure.faults.replications(listed, ageUpToMs > ageMs && frozenAt === undefined ? drawn() : shownAt(0), shownAt);
  return { registry, at: Math.max(at, since), replicas };
}

function bodiesOf(registry: Registry, at: number, seed: number): readonly ReplicationBody[] {
  return registry.replicas
    .toSorted((a, b) => scramble(registry.name + a.name, seed) - scramble(registry.name + b.name, seed))
    .map((replica) => lazyBody(registry, replica, at));
}

/** The body of a replica, of which is computed what is read: of 10 000 registries a query reads a slice. */
function lazyBody(registry: Registry, replica: Replica, at: number): ReplicationBody {
  let body: ReplicationBody | undefined;
  const whole = () => {
    body ??= replicationBody(registry, replica, at);
    return body;
  };
  return {
    type: 'Microsoft.ContainerRegistry/registries/replications',
    id: `${registryId(registry)}/replications/${replica.name}`,
    name: replica.name,
    location: replica.location,
    get tags() {
      return whole().tags;
    },
    get systemData() {
      return whole().systemData;
    },
    get properties() {
      return whole().properties;
    },
  };
}

type Handler = (azure: Azure, call: AuthorisedCall) => Reply;

/** `GET` of a registry or of a replica with `useResourceGraph=true`; 404 as long as it was not indexed. */
const get =
  (found: (azure: Azure, call: AuthorisedCall, of: Known) => object | undefined): Handler =>
  (azure, call) => {
    const { registry = '', replication, group = '' } = call.names;
    const of = known(azure, registry, call);
    const body = of === undefined || !isIn(of.registry, call) ? undefined : found(azure, call, of);
    const type = `Microsoft.ContainerRegistry/registries/${registry}`;
    if (of === undefined || body === undefined)
      return ERRORS.notFound(replication === undefined ? type : `${type}/replications/${replication}`, group);
    return {
      status: 200,
      headers: { 'x-ms-arg-snapshot-timestamp': sevenDigits(of.at) },
      body: { ...body, apiVersion: VERSION },
    };
  };

export const getRegistryByGraph: Handler = get((azure, _call, { registry }) =>
  registryBody(registry, azure.store.state.cloud, true),
);

export const getReplicationByGraph: Handler = get((_azure, call, of) =>
  of.replicas().find(({ name }) => same(name, call.names.replication ?? '')),
);

/** `LIST` with `useResourceGraph=true`. A registry that was not indexed has no replicas there; no error says so. */
export const listReplicationsByGraph: Handler = (azure, call) => {
  const of = known(azure, call.names.registry ?? '', call);
  const items = of === undefined || !isIn(of.registry, call) ? [] : of.replicas();
  return {
    status: 200,
    body: page(
      azure,
      call,
      items.map((item) => ({ ...item, apiVersion: VERSION })),
    ),
  };
};

export const listRegistriesByGraph: Handler = (azure, call) => {
  const found = azure.store.knownNames().flatMap((name) => known(azure, name, call) ?? []);
  const items = found
    .filter(({ registry }) => isIn(registry, call))
    .map(({ registry }) => ({ ...registryBody(registry, azure.store.state.cloud, true), apiVersion: VERSION }));
  return { status: 200, body: page(azure, call, items) };
};

function isIn({ subscriptionId, resourceGroup }: Registry, { names }: AuthorisedCall): boolean {
  return (
    same(subscriptionId, names.subscription ?? '') && (names.group === undefined || same(resourceGroup, names.group))
  );
}

interface Asked {
  readonly query: string;
  readonly subscriptions: readonly string[] | undefined;
  readonly top: number;
  readonly skip: number;
  readonly asTable: boolean;
}

/**
 * `POST /providers/Microsoft.ResourceGraph/resources`. Rows that the caller may not read are left out without a word; a
 * caller without any role in the subscriptions gets 403. [azure-docs overview.md]
 */
export const queryResources: Handler = (azure, call) => {
  if (!String(call.headers['content-type']).startsWith('application/json')) return GRAPH_ERRORS.unexpected(call); // [azure-docs troubleshoot/general.md]
  const asked = askedIn(call.text);
  if (asked === undefined) return GRAPH_ERRORS.badRequest(call, 'InvalidRequest', 'The request is not valid.');
  const { store, graphRandom } = azure;
  const { clientId, tenantId } = call.principal;
  const wanted = asked.subscriptions ?? store.state.subscriptions.map(({ id }) => id);
  const there = wanted.filter((id) => same(store.subscription(id)?.tenantId ?? '', tenantId));
  if (there.length === 0)
    return GRAPH_ERRORS.badRequest(
      call,
      'NoValidSubscriptionsInQueryRequest',
      `There must be at least one subscription that is eligible to contain resources. Given: '${wanted.join(', ')}'.`,
    );
  const { roles } = store.state;
  const open = there.filter((id) => hasAnyRole(roles, clientId, `/subscriptions/${id}`));
  if (open.length === 0) return GRAPH_ERRORS.accessDenied(call);
  let query: Query;
  try {
    query = parseQuery(asked.query, 'resources', COLUMNS);
  } catch (error) {
    if (error instanceof QueryProblem) return GRAPH_ERRORS.invalidQuery(call, error);
    throw error;
  }
  const base = store
    .knownNames()
    .values()
    .flatMap((name) => {
      const of = known(azure, name, call);
      const isOpen = of !== undefined && open.some((id) => same(id, of.registry.subscriptionId));
      return isOpen ? rowsOf(azure, of, roles, clientId) : [];
    });
  const found = query.run(base);
  const rows = query.ordered ? found : shuffled(found, graphRandom);
  const data = rows.slice(asked.skip, asked.skip + asked.top);
  const next = asked.skip + data.length;
  const hasMore = next < rows.length;
  // [azure-docs paging-results.md]: there are no pages after `take`, nor where no column is a plain value.
  const isPaged =
    !query.limited &&
    query.columns.some((column) =>
      data.some((row) => !isObject(row[column]) && row[column] !== null && !Array.isArray(row[column])),
    );
  const body = {
    totalRecords: rows.length,
    count: data.length,
    data: asked.asTable ? tableOf(query.columns, data) : data,
    facets: [],
    resultTruncated: `${hasMore && !isPaged}`,
    ...(hasMore && isPaged ? { $skipToken: Buffer.from(`${next}`).toString('base64') } : {}),
  };
  return JSON.stringify(data).length > MOST_BYTES
    ? GRAPH_ERRORS.badRequest(
        call,
        'ResponsePayloadTooLarge',
        `Response payload size is over the limit of ${MOST_BYTES}.`,
      )
    : { status: 200, body };
};

function askedIn(text: string): Asked | undefined {
  const body = jsonIn(text);
  if (!isObject(body) || typeof body['query'] !== 'string') return undefined;
  const { subscriptions, options = {} } = body;
  if (!isObject(options) || (subscriptions !== undefined && !Array.isArray(subscriptions))) return undefined;
  const { $top: top = MOST_ROWS, $skip: skip = 0, $skipToken: token, resultFormat = 'objectArray' } = options;
  const from = typeof token === 'string' ? Number(Buffer.from(token, 'base64').toString()) : skip;
  if (!isWhole(top) || top < 1 || top > MOST_ROWS || !isWhole(from) || from < 0) return undefined;
  if (resultFormat !== 'objectArray' && resultFormat !== 'table') return undefined;
  const asTable = resultFormat === 'table';
  return { query: body['query'], subscriptions: subscriptions?.map(String), top, skip: from, asTable };
}

const isWhole = (value: unknown): value is number => Number.isInteger(value);

/** The rows of a registry and of its replicas, as far as the caller may read them. Properties are computed when read. */
function rowsOf(
  { store }: Azure,
  { registry, replicas }: Known,
  roles: readonly RoleAssignment[],
  clientId: string,
): readonly Row[] {
  const id = registryId(registry);
  const shared = {
    tenantId: store.subscription(registry.subscriptionId)?.tenantId ?? '',
    resourceGroup: registry.resourceGroup.toLowerCase(),
    subscriptionId: registry.subscriptionId,
  };
  const { name, location, tags, sku } = registry;
  const type = 'microsoft.containerregistry/registries';
  const may = (kind: string) => allows(roles, clientId, `Microsoft.ContainerRegistry/${kind}/read`, id);
  const own = {
    ...shared,
    id,
    name,
    type,
    location,
    tags,
    sku: { name: sku, tier: sku },
    get properties() {
      return registryBody(registry, store.state.cloud, true).properties;
    },
  };
  return [
    ...(may('registries') ? [own] : []),
    ...(may('registries/replications') ? replicas().map((replica) => replicaRow(replica, shared)) : []),
  ];
}

function replicaRow(replica: ReplicationBody, shared: Row): Row {
  const { id, name, location } = replica;
  return {
    ...shared,
    id,
    name,
    type: REPLICATION,
    location,
    get tags() {
      return replica.tags;
    },
    get properties() {
      return replica.properties;
    },
  };
}

function hasAnyRole(roles: readonly RoleAssignment[], clientId: string, subscription: string): boolean {
  return roles.some(
    (role) => same(role.clientId, clientId) && (covers(role.scope, subscription) || covers(subscription, role.scope)),
  );
}

/** The format `table`: names and types of the columns, and bare rows. */
function tableOf(columns: readonly string[], rows: readonly Row[]) {
  const typeOf = (column: string) => {
    const value = rows.find((row) => row[column] !== null)?.[column];
    return { string: 'string', number: 'integer', boolean: 'boolean' }[typeof value as string] ?? 'object';
  };
  return {
    columns: columns.map((name) => ({ name, type: typeOf(name) })),
    rows: rows.map((row) => columns.map((column) => row[column])),
  };
}
