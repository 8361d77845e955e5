import type { Chance } from '../soak/chance.ts';
import { objections } from './admission.ts';
import type { Coverage } from './coverage.ts';
import { type FieldSchema, type Loose, specFields, valueAt, withoutNulls, withValueAt } from './fields.ts';
import { type Edit, goals, type Kind } from './goals.ts';
import { atBounds, beyond, type Place, sensible } from './values.ts';

interface Means {
  readonly place: Place;
  readonly chance: Chance;
  readonly covered: Coverage;
  /** Whether an edit may be tried. */
  readonly among: (goal: Edit) => boolean;
}

/** An edit of the spec, and the spec after it. What this lane has tried least is likelier. */
export function anEdit(
  spec: Loose,
  { place, chance, covered, among }: Means,
): { readonly edit: Edit; readonly spec: Loose } {
  const possible = goals.filter(among);
  for (;;) {
    const few = chance.some(possible, 4);
    const least = Math.min(...few.map((goal) => covered.count(goal)));
    const goal = few.find((candidate) => covered.count(candidate) === least);
    const found = goal && tried(spec, goal, place, chance);
    if (found !== undefined) return found;
  }
}

function tried(spec: Loose, { field, kind }: Edit, place: Place, chance: Chance) {
  const schema = specFields.get(field);
  const index = chance.whole(0, 63);
  const isThere = valueAt(spec, field, index) !== undefined;
  if (schema === undefined || (kind === 'set' && isThere)) return undefined;
  if ((kind === 'changed' || kind === 'removed') && !isThere) return undefined;
  const value = chance.pick(candidates(field, schema, kind, place));
  const after = withValueAt(spec, field, value, index);
  if (after === undefined || (value === undefined && kind !== 'removed')) return undefined;
  // The values of this kind are made to be refused.
  if (kind === 'beyond them' && objections(withoutNulls(after), undefined).length === 0)
    throw new Error(`${field} = ${JSON.stringify(value)} was to be beyond the bounds, and the schema allows it`);
  return { edit: kind === 'removed' ? { field, kind } : { field, kind, value }, spec: after };
}

function candidates(field: string, schema: FieldSchema, kind: Kind, place: Place): readonly unknown[] {
  switch (kind) {
    case 'set':
    case 'changed':
      return sensible(field, schema, place);
    case 'removed':
      return [undefined, null];
    case 'at its bounds':
      return atBounds(field, schema);
    case 'beyond them':
      return beyond(schema);
  }
}
