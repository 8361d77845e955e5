import type { Registry } from './model.ts';

/** Versions of one registry that are remembered at most: about an hour of an operator at work on it. */
const KEPT = 60;

interface Version {
  /** Undefined: there was none. */
  readonly registry: Registry | undefined;
  /** The registry was so before this moment. */
  readonly until: number;
}

/** What registries were like before each change, as far back as `horizon` says that anybody may ask. */
export class History {
  readonly #versions = new Map<string, Version[]>();
  readonly #horizon: () => number;

  constructor(horizon: () => number) {
    this.#horizon = horizon;
  }

  /** To be called before the registry of this name is changed at `now`, or made where there is none. */
  remember(name: string, registry: Registry | undefined, now: number): void {
    const key = name.toLowerCase();
    const horizon = this.#horizon();
    const before = (this.#versions.get(key) ?? []).filter(({ until }) => until > horizon).slice(1 - KEPT);
    this.#versions.set(key, [...before, { registry: structuredClone(registry), until: now }]);
  }

  /** What was before the first change after `at`, not brought up to `at`; undefined where no change followed. */
  before(name: string, at: number): Version | undefined {
    return this.#versions.get(name.toLowerCase())?.find(({ until }) => until > at);
  }

  /** Names of all registries that were changed or removed since. */
  names(): readonly string[] {
    return [...this.#versions.keys()];
  }
}
