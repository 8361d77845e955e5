import type { Spec } from '../../../src/api/registryreplication.ts';
import type { Chance } from '../soak/chance.ts';
import { same } from './admission.ts';
import type { Coverage } from './coverage.ts';
import { anEdit } from './edits.ts';
import type { Loose } from './fields.ts';
import type { Edit } from './goals.ts';
import { type Lane, ownSubscription } from './model.ts';
import { type Place, usualRegions } from './values.ts';

/** What a user does next. */
export type Action =
  | { readonly kind: 'create' | 'edit' | 'recover' | 'let go'; readonly spec: Loose; readonly edits: readonly Edit[] }
  | { readonly kind: 'delete' | 'nothing' }
  /** Sets the annotation that asks to look now. */
  | { readonly kind: 'ask'; readonly value: string };

export interface Mind {
  readonly lane: Lane;
  readonly chance: Chance;
  readonly covered: Coverage;
  /** The last spec that came to Ready. */
  readonly healthy: Spec;
  /** Whether the last step ended otherwise. */
  readonly troubled: boolean;
  /** Value of the last annotation that asked to look now. */
  readonly asked: string;
}

export function firstSpec({ name, resourceGroup, subscriptionId }: Place, chance: Chance): Spec {
  return {
    registry: { name, resourceGroup, ...(subscriptionId === ownSubscription ? {} : { subscriptionId }) },
    regions: [{ location: chance.pick(usualRegions) }],
  };
}

export function nextAction(mind: Mind): Action {
  const { lane, chance, healthy, troubled } = mind;
  const { object } = lane;
  if (object === undefined)
    return chance.maybe(0.5) ? { kind: 'create', spec: healthy, edits: [] } : edited('create', healthy, mind);
  if (object.deleting) return letGo(object.spec, healthy, chance);
  const recover = (): Action =>
    same(object.spec.registry, healthy.registry) ? { kind: 'recover', spec: healthy, edits: [] } : { kind: 'delete' };
  if (troubled && !same(object.spec, healthy) && chance.maybe(0.3)) return recover();
  switch (chance.weighted({ edit: 80, delete: 7, ask: 4, nothing: 9 })) {
    case 'edit':
      return edited('edit', object.spec, mind);
    case 'delete':
      return { kind: 'delete' };
    case 'ask':
      return { kind: 'ask', value: anotherRequest(mind) };
    case 'nothing':
      return { kind: 'nothing' };
  }
}

/** A spec with one field edited, or up to three at once. */
function edited(kind: 'create' | 'edit', spec: Loose, mind: Mind): Action {
  const { lane, chance, covered } = mind;
  const count = Number(chance.weighted({ 1: 60, 2: 25, 3: 15 }));
  let after = spec;
  const edits: Edit[] = [];
  // Else nearly all that is done at once would be refused.
  const mayBeRefused = chance.maybe(count === 1 ? 0.6 : 0.25);
  const among = (goal: Edit) =>
    mayBeRefused || (goal.kind !== 'beyond them' && (kind === 'create' || !goal.field.startsWith('spec.registry')));
  while (edits.length < count) {
    const { edit, spec: next } = anEdit(after, { place: lane.place, chance, covered, among });
    edits.push(edit);
    after = next;
  }
  return { kind, spec: after, edits };
}

/** The two ways out for an object that can't be deleted for want of credentials, or because it names another registry. */
function letGo(spec: Spec, { registry }: Spec, chance: Chance): Action {
  const { credentialsRef: _, ...own } = { ...spec, registry };
  return { kind: 'let go', edits: [], spec: chance.maybe(0.5) ? own : { ...spec, deletionPolicy: 'Retain' } };
}

/** Annotations have no schema: the API server takes any text. */
function anotherRequest({ chance, asked, covered }: Mind): string {
  const values = ['2026-11-22T18:00:00Z', 'now', ' ', '', 'é✓🚀\n"', 'x'.repeat(1_024), 'y'.repeat(1_025), '{}'];
  return chance.pick(values.filter((value) => value !== asked)) ?? `step ${covered.steps}`;
}
