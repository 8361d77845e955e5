import type { Verb } from './model.ts';
import type { Kind } from './route.ts';
import { same } from './seed.ts';

export interface JournalEntry {
  readonly at: number;
  readonly verb: Verb;
  readonly kind: Kind;
  readonly method: string;
  /** The path without its query. */
  readonly path: string;
  readonly apiVersion?: string;
  readonly registry?: string;
  readonly region?: string;
  /** Request body as JSON, as text when it was none; absent when empty. Never of token requests. */
  readonly body?: unknown;
  /** Status of the answer; 0 when none was given. */
  readonly status: number;
  readonly code?: string;
  readonly userAgent?: string;
  /** The correlation id as the client gave it: Azure's activity log has it. */
  readonly correlationId?: string;
  /** Client id of the access token that came along, whether it was good or not. */
  readonly clientId?: string;
  /** For a DELETE, the replica as it truly was before; absent when there was none. */
  readonly was?: Readonly<Record<'name' | 'provisioningState', string>> & {
    readonly tags: Readonly<Record<string, string>>;
  };
}

export interface JournalQuery {
  readonly verb?: Verb;
  readonly kind?: Kind;
  readonly registry?: string;
  readonly region?: string;
}

/** Counts and remembers calls: all are counted by `VERB kind`, the last `size` are kept. */
export class Journal {
  readonly #size: number;
  #entries: JournalEntry[] = [];
  #counts = new Map<string, number>();

  constructor(size: number) {
    this.#size = size;
  }

  count(verb: Verb, kind: Kind): void {
    const key = `${verb} ${kind}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  add(entry: JournalEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length >= this.#size * 2) this.#entries = this.#entries.slice(-this.#size);
  }

  counters(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => a.localeCompare(b)));
  }

  resetCounters(): void {
    this.#counts = new Map();
  }

  entries({ verb, kind, registry, region }: JournalQuery): readonly JournalEntry[] {
    return this.#entries
      .slice(-this.#size)
      .filter((e) => (verb === undefined || e.verb === verb) && (kind === undefined || e.kind === kind))
      .filter(
        (e) =>
          (registry === undefined || same(e.registry ?? '', registry)) && (region === undefined || e.region === region),
      );
  }

  clear(): void {
    this.#entries = [];
  }
}
