/** How old what Azure Resource Graph shows is; drawn anew for each resource and answer where the two differ. */
export interface Age {
  readonly ageMs: number;
  readonly ageUpToMs: number;
  /** It shows what was true at this moment, until it is set going again. */
  readonly frozenAt?: number;
}

/** How Azure Resource Graph behaves. */
export interface GraphSettings {
  readonly all: Age;
  /** Registries, in lower case, whose data is of another age. */
  readonly registries: ReadonlyMap<string, Age>;
  /** GETs and LISTs with `useResourceGraph=true` per minute, user and subscription. [azure-docs azure-resource-graph-get-list-api.md] */
  readonly readsPerMinute: number;
  /** Queries per 5 s and user. [azure-docs guidance-for-throttled-requests.md] */
  readonly queriesPer5Seconds: number;
}

/** What setResourceGraph takes. Without `registry` an age holds for all, also for those that had one of their own. */
export interface GraphChange {
  readonly registry?: string;
  readonly ageMs?: number;
  /** Default: `ageMs`. */
  readonly ageUpToMs?: number;
  readonly frozen?: boolean;
  readonly readsPerMinute?: number;
  readonly queriesPer5Seconds?: number;
}

/** Changes reach Resource Graph within seconds: 95 % within 30 s to a minute, and no bound is promised. Here 1 s. */
export function graphSettings(ageMs = 1_000): GraphSettings {
  return {
    all: { ageMs, ageUpToMs: ageMs },
    registries: new Map(),
    readsPerMinute: 4_000,
    queriesPer5Seconds: 15,
  };
}

export function changedGraph(
  graph: GraphSettings,
  { registry, ageMs, ageUpToMs, frozen, ...limits }: GraphChange,
  now: number,
): GraphSettings {
  const name = registry?.toLowerCase();
  const before = (name === undefined ? undefined : graph.registries.get(name)) ?? graph.all;
  const from = ageMs ?? before.ageMs;
  const upTo = Math.max(from, ageUpToMs ?? (ageMs === undefined ? before.ageUpToMs : ageMs));
  const frozenAt =
    frozen === true ? (before.frozenAt ?? now - before.ageMs) : frozen === false ? undefined : before.frozenAt;
  const age: Age = { ageMs: from, ageUpToMs: upTo, ...(frozenAt === undefined ? {} : { frozenAt }) };
  const isOfAge = ageMs !== undefined || ageUpToMs !== undefined || frozen !== undefined;
  if (!isOfAge) return { ...graph, ...limits };
  return name === undefined
    ? { ...graph, ...limits, all: age, registries: new Map() }
    : { ...graph, ...limits, registries: new Map([...graph.registries, [name, age]]) };
}

/** The oldest moment that somebody may be shown. */
export function horizonOf({ all, registries }: GraphSettings, now: number): number {
  return Math.min(...[all, ...registries.values()].map(({ ageUpToMs, frozenAt }) => frozenAt ?? now - ageUpToMs));
}
