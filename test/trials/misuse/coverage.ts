import { type Edit, goals, kinds } from './goals.ts';

const keyOf = ({ field, kind }: Edit) => `${field} ${kind}`;

/** What has been tried, and what the API server said to it. */
export class Coverage {
  readonly #edits = new Map<string, number>();
  readonly #other = new Map<string, number>();
  accepted = 0;
  refused = 0;
  steps = 0;

  count(edit: Edit): number {
    return this.#edits.get(keyOf(edit)) ?? 0;
  }

  add(edit: Edit): void {
    this.#edits.set(keyOf(edit), this.count(edit) + 1);
  }

  /** Counts something that is no edit of the spec, such as a deletion or a foreign hand. */
  note(what: string): void {
    this.#other.set(what, (this.#other.get(what) ?? 0) + 1);
  }

  get never(): readonly Edit[] {
    return goals.filter((goal) => this.count(goal) === 0);
  }

  /** A table for people: one line per field, then what else was done. */
  table(): string {
    const width = Math.max(...goals.map(({ field }) => field.length));
    const row = (field: string, cells: readonly string[]) => [field.padEnd(width), ...cells].join('  ').trimEnd();
    const isGoal = new Set(goals.map(keyOf));
    const rows = [...new Set(goals.map(({ field }) => field))].map((field) =>
      row(
        field,
        kinds.map((kind) => {
          const goal = { field, kind };
          return (isGoal.has(keyOf(goal)) ? String(this.count(goal)) : '-').padStart(kind.length);
        }),
      ),
    );
    const other = [...this.#other].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, n]) => `${n} ${what}`);
    const { never } = this;
    return [
      row('field', kinds),
      ...rows,
      `Also: ${other.join(', ') || 'nothing'}.`,
      never.length === 0 ? 'Every field in every way.' : `Never: ${never.map(keyOf).join(', ')}.`,
    ].join('\n');
  }

  static sum(all: readonly Coverage[]): Coverage {
    const sum = new Coverage();
    for (const part of all) {
      sum.accepted += part.accepted;
      sum.refused += part.refused;
      sum.steps += part.steps;
      for (const [key, n] of part.#edits) sum.#edits.set(key, (sum.#edits.get(key) ?? 0) + n);
      for (const [key, n] of part.#other) sum.#other.set(key, (sum.#other.get(key) ?? 0) + n);
    }
    return sum;
  }

  /** How many pairs of field and kind of change were tried, of those that there are: `24 of 94`. */
  get share(): string {
    return `${goals.length - this.never.length} of ${goals.length}`;
  }
}
