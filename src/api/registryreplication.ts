import type { RegistryReplicationSpec, RegistryReplicationStatus } from './registryreplication.generated.ts';
import { group, type kind, version } from './registryreplication.generated.ts';

export { group, kind, plural, version } from './registryreplication.generated.ts';

export const apiVersion = `${group}/${version}`;
export const finalizer = `${group}/finalizer`;
/** Annotation: any new value means look now. */
export const requestedAt = `${group}/requested-at`;

/** Annotation: regions, separated by commas, whose replicas are to be deleted and created anew, once per value. */
export const recreate = `${group}/recreate`;

/** The part of Kubernetes' ObjectMeta that the operator reads. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

export type Spec = RegistryReplicationSpec;
export type Status = RegistryReplicationStatus;
export type Phase = NonNullable<Status['phase']>;
export type ReplicaStatus = NonNullable<Status['replicas']>[number];
export type Condition = NonNullable<Status['conditions']>[number];

/** A RegistryReplication as the API server hands it out. */
export interface RegistryReplication {
  readonly apiVersion: typeof apiVersion;
  readonly kind: typeof kind;
  readonly metadata: ObjectMeta;
  readonly spec: Spec;
  readonly status?: Status;
}

/** Whether somebody has deleted the object; it stays until its last finalizer is gone. */
export function isDeleting({ metadata }: RegistryReplication): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** Whether the object cannot go before the operator has let go of it. */
export function hasFinalizer({ metadata }: RegistryReplication): boolean {
  return metadata.finalizers?.includes(finalizer) ?? false;
}
