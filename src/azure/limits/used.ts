/** A map that forgets the entries that nobody uses any more. */
export interface MapOfUsed<V> {
  /** Gives the entry, which counts as a use of it. */
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  /** All that is kept, which counts as no use of it. */
  values(): readonly V[];
}

/**
 * Makes a map whose entries are dropped when they were neither set nor got for `unusedMs`. Whatever is called looks for
 * such entries, at most ten times in that span, so that a large map costs no time.
 */
export function mapOfUsed<V>(nowMs: () => number, unusedMs: number): MapOfUsed<V> {
  const entries = new Map<string, { readonly value: V; usedAtMs: number }>();
  let sweptAtMs = nowMs();

  function sweep(): number {
    const now = nowMs();
    // A clock that was set back must not keep entries for longer than before.
    if (Math.abs(now - sweptAtMs) < unusedMs / 10) return now;
    sweptAtMs = now;
    for (const [key, entry] of entries) {
      if (now - entry.usedAtMs > unusedMs) entries.delete(key);
      else entry.usedAtMs = Math.min(entry.usedAtMs, now);
    }
    return now;
  }

  return {
    get(key) {
      const now = sweep();
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (now - entry.usedAtMs > unusedMs) {
        entries.delete(key);
        return undefined;
      }
      entry.usedAtMs = now;
      return entry.value;
    },
    set: (key, value) => void entries.set(key, { value, usedAtMs: sweep() }),
    delete: (key) => void entries.delete(key),
    values() {
      sweep();
      return Array.from(entries.values(), ({ value }) => value);
    },
  };
}
