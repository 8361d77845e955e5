/** Kinds of requests to Azure. Metrics have them as label values. */
export type ArmOperation =
  | 'registry_get'
  | 'replications_list'
  | 'replication_get'
  | 'replication_put'
  | 'replication_patch'
  | 'replication_delete'
  | 'resource_graph_list'
  | 'resource_graph_query'
  | 'other';

/** Kinds of requests whose remaining number Azure tells in its answers' headers. */
export type QuotaKind = 'reads' | 'writes' | 'deletes';

/** Who answered a look at a registry's replicas. Metrics have them as label values. */
export type ReadWay = 'provider' | 'resource_graph_list' | 'resource_graph_query';

/** One request on the wire and how it ended. Every page of a LIST is a request of its own. */
export interface ArmRequest {
  readonly operation: ArmOperation;
  /** HTTP status of the answer. Undefined: no answer came. */
  readonly status: number | undefined;
  /** Milliseconds from the start of the request until the whole body was read. */
  readonly durationMs: number;
  /** Id by which Azure's support finds the request. Empty: no answer came. */
  readonly correlationId: string;
  /**
   * How many more requests Azure lets the operator send in this subscription: the smallest number told for each kind.
   */
  readonly remaining: Readonly<Partial<Record<QuotaKind, number>>>;
}
