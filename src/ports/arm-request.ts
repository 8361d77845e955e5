/** Requests to Azure, as label values of metrics. */
export type ArmOperation =
  | 'registry_get'
  | 'replications_list'
  | 'replication_get'
  | 'replication_put'
  | 'replication_patch'
  | 'replication_delete'
  | 'other';

/** What Azure's remaining-quota headers speak of. */
export type QuotaKind = 'reads' | 'writes' | 'deletes';

/** One request on the wire and how it ended; every page of a LIST is one. */
export interface ArmRequest {
  readonly operation: ArmOperation;
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined;
  /** Until the whole body was read. */
  readonly durationMs: number;
  /** Azure's id for its support; empty when no answer came. */
  readonly correlationId: string;
  /** What Azure says is left to the operator in this subscription, the smallest figure of each kind. */
  readonly remaining: Readonly<Partial<Record<QuotaKind, number>>>;
}
