import { isRequired, specFields } from './fields.ts';
import { atBounds } from './values.ts';

export const kinds = ['set', 'changed', 'removed', 'at its bounds', 'beyond them'] as const;
export type Kind = (typeof kinds)[number];

/** One field changed in one way. */
export interface Edit {
  readonly field: string;
  readonly kind: Kind;
  readonly value?: unknown;
}

/**
 * All that can be tried: a field that must be there can't be set, and where the schema has no bounds there are none.
 */
export const goals: readonly Edit[] = [...specFields].flatMap(([field, schema]) => {
  const possible = { set: !isRequired(field), 'at its bounds': atBounds(field, schema).length > 0 };
  return kinds
    .filter((kind) => ({ ...possible })[kind as keyof typeof possible] ?? true)
    .map((kind) => ({ field, kind }));
});
