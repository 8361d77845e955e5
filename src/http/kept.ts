/** Values for a time, at most so many: of more the one that was kept first is forgotten. */
export class Memory<T> {
  readonly #kept = new Map<string, { readonly value: T; readonly untilMs: number }>();
  readonly #most: number;
  readonly #nowMs: () => number;

  constructor(most: number, nowMs: () => number) {
    this.#most = most;
    this.#nowMs = nowMs;
  }

  /** Undefined when it is not known, or not any more. */
  get(key: string): { readonly value: T } | undefined {
    const kept = this.#kept.get(key);
    return kept === undefined || kept.untilMs <= this.#nowMs() ? undefined : kept;
  }

  set(key: string, value: T, forMs: number): void {
    this.#kept.delete(key);
    this.#kept.set(key, { value, untilMs: this.#nowMs() + forMs });
    if (this.#kept.size <= this.#most) return;
    const oldest = this.#kept.keys().next();
    if (oldest.done !== true) this.#kept.delete(oldest.value);
  }
}
