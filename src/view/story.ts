import { type Condition, isDeleting, type RegistryReplication } from '../api/registryreplication.ts';
import { leavesAzure } from '../domain/outset.ts';
import { type Awaited, awaitedBy } from './awaited.ts';
import type { Happened } from './happened.ts';
import { type ReplicaRow, rowsOf, type Standing } from './replicas.ts';

/** How an object stands, in words. Plain data, as `-o json` prints it. */
export interface Story {
  readonly namespace: string;
  readonly object: string;
  readonly registry: string;
  /** What is known of the registry: login server, home region, SKU. */
  readonly about: readonly string[];
  readonly phase: string;
  /** Regions ready / regions wanted. */
  readonly summary: string;
  readonly sentences: readonly Sentence[];
  readonly regions: readonly RegionStory[];
  /** The last ones, oldest first; a text says why they cannot be read. */
  readonly events: readonly Happened[] | string;
}

export interface Sentence {
  readonly standing: Standing;
  /** What is so. */
  readonly says: string;
  /** Since when. */
  readonly since?: string;
  /** The reason of the condition, one word. */
  readonly reason?: string;
  /** The region, the cause and the next step. */
  readonly message: string;
}

export type RegionStory = ReplicaRow & { readonly awaits: Awaited };

/** The object's story at `now`, made only of what the API server said. */
export function storyOf(object: RegistryReplication, events: Story['events'], now: Date): Story {
  const { metadata, spec, status } = object;
  const { loginServer, homeRegion, sku } = status?.registry ?? {};
  return {
    namespace: metadata.namespace,
    object: metadata.name,
    registry: spec.registry.name,
    about: [
      loginServer ?? `registry ${spec.registry.name} in resource group ${spec.registry.resourceGroup}`,
      ...(homeRegion === undefined ? [] : [`home ${homeRegion}`]),
      ...(sku === undefined ? [] : [sku]),
    ],
    phase: status?.phase ?? 'Pending',
    summary: status?.summary ?? `0/${spec.regions.length}`,
    sentences: sentencesOf(object),
    regions: rowsOf(object).map((row) => ({ ...row, awaits: awaitedBy(row, { object, now }) })),
    events,
  };
}

function sentencesOf(object: RegistryReplication): readonly Sentence[] {
  const { metadata, status, spec } = object;
  const { generation } = metadata;
  if (status === undefined) {
    const message = 'If that lasts, no operator is running, or none watches this namespace.';
    const says = 'Not looked at by an operator yet';
    return [{ standing: 'missing', says, since: metadata.creationTimestamp, message }];
  }
  const conditions = new Map((status.conditions ?? []).map((condition) => [condition.type, condition]));
  const isStale = (status.observedGeneration ?? 0) < generation;
  const stale = `The last edit is generation ${generation}; what follows is about generation ${status.observedGeneration}.`;
  return [
    ...(isDeleting(object) ? [deletionOf(object)] : []),
    ...(spec.suspend === true && !isDeleting(object) ? [suspended] : []),
    ...(isStale ? [{ standing: 'busy', says: 'The last edit was not looked at yet', message: stale } as const] : []),
    ...told(conditions),
  ];
}

const suspended: Sentence = {
  standing: 'unlisted',
  says: 'Suspended: Azure is neither read nor changed',
  message: 'What follows is as it was last seen.',
};

function deletionOf(object: RegistryReplication): Sentence {
  const since = object.metadata.deletionTimestamp;
  const message = leavesAzure(object)
    ? 'Its replicas stay in Azure.'
    : 'It goes when its replicas are gone; with spec.deletionPolicy: Retain it goes at once, and they stay.';
  return { standing: 'busy', says: 'Being deleted', ...(since === undefined ? {} : { since }), message };
}

/** Conditions that say the same in the same words are told once. */
function told(conditions: ReadonlyMap<string, Condition>): readonly Sentence[] {
  const ready = conditions.get('Ready');
  const acting = conditions.get('Stalled') ?? conditions.get('Reconciling');
  const isOne = ready?.status === 'False' && ready.message === acting?.message;
  const others = [...conditions.values()].filter(
    (one) => one !== ready && !(isOne && one === acting) && one.message !== acting?.message,
  );
  return [
    ...(ready === undefined ? [] : [isOne ? { ...sentence(ready), ...together(acting) } : sentence(ready)]),
    ...(acting === undefined || isOne ? [] : [sentence(acting)]),
    ...others.filter((one) => one !== acting).map(sentence),
  ];
}

function together({ type }: Condition): Pick<Sentence, 'says' | 'standing'> {
  return type === 'Stalled'
    ? { says: 'Not ready, and somebody must act', standing: 'bad' }
    : { says: 'Not ready yet, and goes on by itself', standing: 'busy' };
}

/** What a condition means; one that is not known here is told as it is. */
const meanings: Readonly<Record<string, Pick<Sentence, 'says' | 'standing'>>> = {
  'Ready True': { says: 'Ready', standing: 'ready' },
  'Ready False': { says: 'Not ready', standing: 'busy' },
  'Ready Unknown': { says: 'Not known whether it is ready', standing: 'missing' },
  'Reconciling True': { says: 'Goes on by itself', standing: 'busy' },
  'Stalled True': { says: 'Somebody must act', standing: 'bad' },
  'Drained True': { says: 'Regions are out of routing for a while', standing: 'busy' },
};

function sentence({ type, status, reason, message, lastTransitionTime: since }: Condition): Sentence {
  const { says, standing } = meanings[`${type} ${status}`] ?? { says: `${type} is ${status}`, standing: 'unlisted' };
  return { standing, says, since, reason, message };
}
