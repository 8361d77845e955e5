import { dump } from 'js-yaml';
import { apiVersion, kind, type RegistryReplication, type Spec } from '../../api/registryreplication.ts';
import { type Region, regionOf } from '../../domain/region.ts';
import { drainsOfFile, type Stored } from '../steering/drains.ts';

export type Entry = Spec['regions'][number];

/** The regions of a spec with these and no others: those that it has stay as and where they are, others come last by name. */
export function entriesFor(present: readonly Entry[], wanted: readonly Region[]): readonly Entry[] {
  const regions = new Set(wanted);
  const kept = present.filter(({ location }) => regions.has(regionOf(location)));
  const there = new Set(kept.map(({ location }) => regionOf(location)));
  const fresh = [...regions].filter((region) => !there.has(region)).sort();
  return [...kept, ...fresh.map((location) => ({ location }))];
}

/** Order of the fields; the API server tells them by name. */
const specOrder: readonly (keyof Spec)[] = [
  'registry',
  'regions',
  'drains',
  'tags',
  'prune',
  'deletionPolicy',
  'readyWhen',
  'mode',
  'suspend',
  'interval',
  'credentialsRef',
];
const registryOrder: readonly (keyof Spec['registry'])[] = ['name', 'resourceGroup', 'subscriptionId'];
const entryOrder: readonly (keyof Entry)[] = ['location', 'name', 'routing', 'zoneRedundancy', 'tags'];

/**
 * Labels and annotations that the tools put on what they apply, or that ask for something once: no file has them. What
 * people tell the tools, such as `argocd.argoproj.io/sync-options: Prune=false`, stays.
 */
const passing = new RegExp(
  `^(${[
    'acr-replication\\.dev/.*',
    'app\\.kubernetes\\.io/managed-by',
    'argocd\\.argoproj\\.io/(instance|tracking-id|installation-id|refresh|deletion-approved)',
    '(kustomize|helm)\\.toolkit\\.fluxcd\\.io/(name|namespace|checksum)',
    'reconcile\\.fluxcd\\.io/.*',
    'kubectl\\.kubernetes\\.io/.*',
    'meta\\.helm\\.sh/.*',
    'helm\\.sh/chart',
  ].join('|')})$`,
);

/**
 * The object as a file for Git would have it, with these regions: no status, nothing that the cluster put there, and no
 * drain that only this program has begun.
 */
export function manifestOf(object: RegistryReplication, regions: readonly Entry[]): string {
  const { metadata, spec } = object;
  const { name, namespace } = metadata;
  const [labels, annotations] = [lasting(metadata.labels), lasting(metadata.annotations)];
  const body = {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: inOrder(
      {
        ...spec,
        drains: drainsOfFile(object as Stored),
        registry: inOrder(spec.registry, registryOrder),
        regions: regions.map((entry) => inOrder(entry, entryOrder)),
      },
      specOrder,
    ),
  };
  return dump(body, { lineWidth: -1, noRefs: true });
}

function lasting(texts: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> | undefined {
  const kept = Object.entries(texts).filter(([name]) => !passing.test(name));
  return kept.length === 0 ? undefined : Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The same fields in this order, and others after them by name. */
function inOrder<T extends object>(fields: T, order: readonly (keyof T & string)[]): T {
  const others = (Object.keys(fields) as (keyof T & string)[]).filter((name) => !order.includes(name)).sort();
  const names = [...order, ...others].filter((name) => fields[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, fields[name]])) as T;
}
