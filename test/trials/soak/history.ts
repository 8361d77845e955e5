import type { Spec } from '../../../src/api/registryreplication.ts';

/** One state of an object that the API server may have shown: from the request for it to the answer for the next. */
export interface Version {
  /** Counts the objects that had this name; each is another object. */
  readonly incarnation: number;
  readonly spec: Spec;
  readonly deleting: boolean;
  readonly from: number;
  readonly until: number;
}

/** All that was ever asked of one name, in order. Spans of neighbours overlap while a request is under way. */
export class History {
  readonly #versions: Version[] = [];
  /** creationTimestamp of each incarnation, in milliseconds; whole seconds, as Kubernetes has them. */
  readonly #createdAt = new Map<number, number>();
  /** When each incarnation surely was there: from the answer to its creation to when it was seen last. */
  readonly #sure = new Map<number, { readonly from: number; until: number }>();

  get versions(): readonly Version[] {
    return this.#versions;
  }

  /** What the person wants now; undefined while there is no object. */
  get current(): Version | undefined {
    const last = this.#versions.at(-1);
    return last?.until === Number.POSITIVE_INFINITY ? last : undefined;
  }

  /** A request is about to be sent. What came before holds until `acknowledged`. */
  ask(spec: Spec, change: 'create' | 'edit' | 'delete', at: number): void {
    const incarnation = (this.#versions.at(-1)?.incarnation ?? 0) + (change === 'create' ? 1 : 0);
    this.#versions.push({
      incarnation,
      spec,
      deleting: change === 'delete',
      from: at,
      until: Number.POSITIVE_INFINITY,
    });
  }

  /** The newest request was carried out; the versions before it are over. */
  acknowledged(at: number): void {
    this.#endAll(at, -1);
  }

  created(creationTimestamp: string, at: number): void {
    const incarnation = this.#versions.at(-1)?.incarnation;
    if (incarnation === undefined) return;
    this.#createdAt.set(incarnation, Date.parse(creationTimestamp));
    this.#sure.set(incarnation, { from: at, until: Number.POSITIVE_INFINITY });
  }

  /** The object was seen to be gone; it was there at `lastSeen`. */
  gone(lastSeen: number, at: number): void {
    this.#endAll(at, this.#versions.length);
    const sure = this.#sure.get(this.#versions.at(-1)?.incarnation ?? 0);
    if (sure !== undefined) sure.until = lastSeen;
  }

  /** Whether one and the same object was there all the time. */
  surelyThere(from: number, to: number): boolean {
    return [...this.#sure.values()].some((sure) => sure.from <= from && sure.until >= to);
  }

  createdAt({ incarnation }: Version): number {
    return this.#createdAt.get(incarnation) ?? Number.POSITIVE_INFINITY;
  }

  /** The versions that may have been seen at some moment between the two. */
  during(from: number, to: number): readonly Version[] {
    return this.#versions.filter((version) => version.from <= to && version.until >= from);
  }

  #endAll(at: number, except: number): void {
    const end = except < 0 ? this.#versions.length + except : except;
    for (const [index, version] of this.#versions.slice(0, end).entries()) {
      if (version.until === Number.POSITIVE_INFINITY) this.#versions[index] = { ...version, until: at };
    }
  }
}
