import type { RegistryReplication } from '../../api/registryreplication.ts';
import { type Key, keyOf } from '../../domain/key.ts';
import type { Neighbours } from '../../domain/owners.ts';
import type { Stop } from './forecast.ts';
import { looksInto, type OperatorSettings, watches } from './operators.ts';

/** What the user can see of the cluster beside the objects that are planned for. */
export interface Surroundings {
  readonly objects: readonly RegistryReplication[];
  /** The namespaces whose objects are seen; undefined: all. */
  readonly seen: readonly string[] | undefined;
  readonly operators: readonly OperatorSettings[];
  /** Whether there are no other operators than these in the cluster; false: there may be. */
  readonly isWhole: boolean;
}

/** What is said on the command line, or by the environment, of the operator. */
export interface Said {
  readonly clusterName: string | undefined;
  /** From --subscription. */
  readonly subscriptionId: string | undefined;
  /** From AZURE_SUBSCRIPTION_ID, where nothing tells the operator's own. */
  readonly ownSubscriptionId: string | undefined;
}

/**
 * What the operator of an object knows of the others, with all `planned` objects applied, and notes for people where
 * something of it is not known.
 */
export function neighboursOf(
  object: RegistryReplication,
  { objects, seen, operators, isWhole }: Surroundings,
  planned: readonly RegistryReplication[],
  said: Said,
): {
  readonly neighbours: Neighbours;
  readonly notes: readonly string[];
  /** Why nobody does anything about the object; undefined: somebody does. */
  readonly stop: Stop | undefined;
} {
  const watching = operators.filter((one) => watches(one, object)).sort((a, b) => breadthOf(a) - breadthOf(b));
  const [operator] = watching;
  const known = new Map<Key, RegistryReplication>([...objects, ...planned, object].map((one) => [keyOf(one), one]));
  const own = (one: RegistryReplication | undefined) =>
    one !== undefined && (operator === undefined || watches(operator, one)) ? one : undefined;
  const isVisible = (namespace: string) => operator === undefined || looksInto(operator, namespace);
  const { clusterName, note } = clusterNameOf(object, operator, said);
  const isAlone = operator === undefined && operators.length > 0 && isWhole;
  return {
    stop: isAlone ? 'no operator looks after the object' : undefined,
    neighbours: {
      clusterName,
      subscriptionId:
        said.subscriptionId ??
        operator?.subscriptionId ??
        subscriptionIn([object, ...[...known.values()].filter((one) => own(one) !== undefined)]) ??
        said.ownSubscriptionId,
      get: (key) => own(known.get(key)),
      namesakes: (name) =>
        [...known.values()].filter(
          ({ spec, metadata }) =>
            spec.registry.name.toLowerCase() === name.toLowerCase() && isVisible(metadata.namespace),
        ),
      seesAllOf: (namespace) =>
        (seen === undefined || seen.includes(namespace)) && operator?.selector === undefined && isVisible(namespace),
    },
    notes: [
      ...(note === undefined ? [] : [note]),
      ...(operator === undefined ? [operators.length > 0 ? unwatched(object, operators) : undeployed] : []),
      ...(operator === undefined ? [] : notesOn(operator)),
      ...(watching.length > 1 ? [several(watching)] : []),
      ...(seen === undefined ? [] : [unseen(seen)]),
    ],
  };
}

function clusterNameOf(
  { status }: RegistryReplication,
  operator: OperatorSettings | undefined,
  { clusterName }: Said,
): { readonly clusterName: string; readonly note?: string } {
  const known = clusterName ?? operator?.clusterName ?? status?.owner?.split('/')[0];
  if (known !== undefined) return { clusterName: known };
  const told = 'The CLUSTER_NAME of the operator cannot be read and is taken to be default.';
  return {
    clusterName: 'default',
    note: `${told} If it is another, replicas that this object made may be told as those of another owner: a change or deletion of them as held. --cluster-name says it.`,
  };
}

/** The operator's own subscription: that in which the registry was found of an object whose spec names none. */
function subscriptionIn(objects: readonly RegistryReplication[]): string | undefined {
  for (const { spec, status } of objects) {
    const [, found] = /^\/subscriptions\/([^/]+)\//i.exec(status?.registry?.id ?? '') ?? [];
    if (spec.registry.subscriptionId === undefined && found !== undefined) return found;
  }
  return undefined;
}

const undeployed =
  'No Deployment of the operator can be seen (label app.kubernetes.io/name=acr-replication-operator): it is taken to look into all namespaces.';

/** An operator that is told what to watch is meant for it, more than one that watches everything. */
function breadthOf({ namespaces, selector }: OperatorSettings): number {
  return Number(namespaces.length === 0) + Number(selector === undefined);
}

function notesOn({ source, unread, runs }: OperatorSettings): readonly string[] {
  const [what, are] = [unread.join(' and '), unread.length > 1 ? 'are' : 'is'];
  return [
    ...(unread.length === 0
      ? []
      : [`${what} of ${source} cannot be read and ${are} taken not to be set: it may look after fewer objects.`]),
    ...(runs ? [] : [`${source} is scaled to 0: nothing is done before it runs.`]),
  ];
}

function several(operators: readonly OperatorSettings[]): string {
  const [first, ...others] = operators.map(({ source }) => source);
  return `Several operators look after this object: this is the plan of ${first}, not of ${others.join(', ')}.`;
}

function unwatched({ metadata }: RegistryReplication, operators: readonly OperatorSettings[]): string {
  const found = operators.map(({ source }) => source).join(', ');
  return `No operator looks after this object: WATCH_NAMESPACES or WATCH_SELECTOR of ${found} leave out ${keyOf({ metadata })}.`;
}

function unseen(seen: readonly string[]): string {
  const where = seen.length === 0 ? 'no namespace' : `namespace ${seen.join(', ')} only`;
  return `You may list RegistryReplications in ${where}: objects elsewhere that manage the same registry are not seen.`;
}
