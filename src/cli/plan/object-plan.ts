import type { Line } from './forecast.ts';
import type { Difference, Price } from './money.ts';

/** What would become of one object. */
export interface ObjectPlan {
  readonly namespace: string;
  readonly name: string;
  /** What applying the file does to the object; undefined without a file. */
  readonly applied: 'new' | 'changed' | 'unchanged' | undefined;
  readonly registry: string;
  /** Where it is told from what Azure has. */
  readonly seen:
    | { readonly from: 'azure' }
    /** `at`: when the operator last wrote its status; undefined when that cannot be told. */
    | { readonly from: 'status'; readonly at: string | undefined };
  readonly lines: readonly Line[];
  readonly notes: readonly string[];
}

/** An object for which there is no plan. */
export interface Unplanned {
  /** `platform/contoso`. */
  readonly object: string;
  /** Why, in words. */
  readonly problem: string;
}

/** All that a use of the command came to. */
export interface Plans {
  readonly plans: readonly ObjectPlan[];
  readonly unplanned: readonly Unplanned[];
  /** Objects of other kinds in the files. */
  readonly ignored: readonly string[];
  readonly price: Price;
  readonly bill: { readonly now: Difference; readonly later: Difference };
  readonly now: Date;
}

const kinds = ['create', 'delete', 'update', 'keep', 'held'] as const;

/** How many lines there are of each kind. */
export function countsOf(lines: readonly Line[]): Readonly<Record<Line['kind'], number>> {
  const count = (kind: Line['kind']) => lines.filter((line) => line.kind === kind).length;
  return Object.fromEntries(kinds.map((kind) => [kind, count(kind)])) as Record<Line['kind'], number>;
}

export const signs = { create: '+', delete: '-', update: '~', keep: '=', held: '?' } as const satisfies Record<
  Line['kind'],
  string
>;

/** `1 to create, 1 to delete, 0 to update; 3 stay, 1 held`. */
export function summaryOf(lines: readonly Line[]): string {
  const { create, delete: deleted, update, keep, held } = countsOf(lines);
  return `${create} to create, ${deleted} to delete, ${update} to update; ${keep} kept, ${held} held.`;
}
