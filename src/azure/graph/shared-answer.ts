import type { RegistryRef } from '../../domain/replication.ts';
import { isRecord } from '../wire/arm-error.ts';
import type { GraphQuestion } from '../wire/graph-calls.ts';

/**
 * The answer to one query about all registries of a subscription, as far as it has come. `hash(registry) % slices` divides
 * it into parts, each asked for by itself: pages of one answer may miss or repeat rows while the fleet changes.
 * https://learn.microsoft.com/azure/governance/resource-graph/concepts/paging-results
 */
export interface SharedAnswer {
  /** When the first page was asked for, in milliseconds since 1970. */
  readonly askedAtMs: number;
  readonly slices: number;
  /** The slice whose next page is to be asked for; as many as there are: the answer is complete. */
  readonly slice: number;
  readonly skipToken: string | undefined;
  /** The replicas of each registry as JSON: with its key, 0.9 kB for four. */
  readonly rows: ReadonlyMap<string, string>;
}

/** One page as Azure gives it; undefined where it makes no sense. */
export interface Page {
  readonly rows: ReadonlyMap<string, string>;
  readonly skipToken: string | undefined;
  /** Rows of the whole slice. */
  readonly total: number;
}

/** Most rows of a page, by Azure's limit. */
const mostRows = 1_000;
/** Rows that a slice is to have: hash() fills some more than others. */
const aimedRows = 900;
/** More slices than this ask too much: over 50,000 registries in one subscription. */
const mostSlices = 64;

export function begun(slices: number, nowMs: number): SharedAnswer {
  return { askedAtMs: nowMs, slices, slice: 0, skipToken: undefined, rows: new Map() };
}

export function isComplete({ slice, slices }: SharedAnswer): boolean {
  return slice >= slices;
}

/** What to ask for next. Replicas come in ARM's own shape, those of one registry together: one row for each registry. */
export function questionFor({ slice, slices, skipToken }: SharedAnswer): GraphQuestion {
  const lines = [
    'resources',
    "where type =~ 'microsoft.containerregistry/registries/replications'",
    'extend registry = tolower(id)',
    "extend registry = substring(registry, 0, indexof(registry, '/replications/'))",
    ...(slices === 1 ? [] : [`where hash(registry) % ${slices} == ${slice}`]),
    "project registry, replica = bag_pack('name', name, 'location', location, 'tags', tags, 'properties', properties)",
    'summarize replicas = make_list(replica) by registry',
    'order by registry asc',
  ];
  return { query: lines.join('\n| '), top: mostRows, skipToken };
}

/** The answer with one more page in it. The first page tells whether slices must be smaller: then it begins again with more. */
export function withPage(answer: SharedAnswer, page: Page): SharedAnswer {
  const rows = new Map([...answer.rows, ...page.rows]);
  const isFirst = answer.slice === 0 && answer.skipToken === undefined;
  if (isFirst && page.total > mostRows) {
    return { ...begun(slicesFor(answer, page.total), answer.askedAtMs), rows };
  }
  const slice = page.skipToken === undefined ? answer.slice + 1 : answer.slice;
  return { ...answer, rows, slice, skipToken: page.skipToken };
}

/** Slices for a subscription one of whose slices has `total` rows. */
function slicesFor({ slices }: Pick<SharedAnswer, 'slices'>, total: number): number {
  return Math.min(Math.max(Math.ceil((slices * total) / aimedRows), 1), mostSlices);
}

/** The answer from its beginning in smaller slices, because a page was too long; undefined when there is no smaller one. */
export function inSmallerSlices({ slices, askedAtMs }: SharedAnswer): SharedAnswer | undefined {
  return slices * 2 > mostSlices ? undefined : begun(slices * 2, askedAtMs);
}

/** Undefined for a page that makes no sense: nothing in it is believed. */
export function pageIn(body: unknown): Page | undefined {
  if (!isRecord(body) || !Array.isArray(body['data'])) return undefined;
  const rows = new Map<string, string>();
  for (const row of body['data'] as readonly unknown[]) {
    if (!isRecord(row)) return undefined;
    const key = keyOfRow(row['registry']);
    if (key === undefined || !Array.isArray(row['replicas'])) return undefined;
    rows.set(key, JSON.stringify(row['replicas'].map(withoutDefaults)));
  }
  const { totalRecords: total, $skipToken: token } = body;
  const skipToken = typeof token === 'string' && token !== '' ? token : undefined;
  return { rows, skipToken, total: typeof total === 'number' ? total : rows.size };
}

/**
 * A replica in ARM's shape with only what a plan is made from, and without what parseReplica takes for granted: of most
 * replicas that halves the text that is held.
 */
function withoutDefaults(replica: unknown): unknown {
  if (!isRecord(replica) || !isRecord(replica['properties'])) return replica;
  const { name, location, tags, properties } = replica;
  const { provisioningState, status, regionEndpointEnabled, zoneRedundancy } = properties;
  const { displayStatus, message } = isRecord(status) ? status : {};
  // JSON leaves out what is undefined.
  return {
    name,
    location,
    tags: isRecord(tags) && Object.keys(tags).length > 0 ? tags : undefined,
    properties: {
      provisioningState: provisioningState === 'Succeeded' ? undefined : provisioningState,
      status: { displayStatus, message: message || undefined },
      regionEndpointEnabled: regionEndpointEnabled === false ? false : undefined,
      zoneRedundancy: zoneRedundancy === 'Enabled' ? 'Enabled' : undefined,
    },
  };
}

/** Names a registry among those of its subscription: ARM ids ignore case. */
export function rowKey({ resourceGroup, name }: RegistryRef): string {
  return `${resourceGroup}/${name}`.toLowerCase();
}

const registryId =
  /^\/subscriptions\/[^/]+\/resourcegroups\/([^/]+)\/providers\/microsoft\.containerregistry\/registries\/([^/]+)$/i;

function keyOfRow(id: unknown): string | undefined {
  const [, resourceGroup, name] = registryId.exec(typeof id === 'string' ? id : '') ?? [];
  return resourceGroup === undefined || name === undefined
    ? undefined
    : rowKey({ subscriptionId: '', resourceGroup, name });
}
