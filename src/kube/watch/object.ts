import type { ObjectMeta } from '../../api/registryreplication.ts';

/** Any object of Kubernetes, with what a reflector needs of it. */
export interface KubeObject {
  readonly metadata: ObjectMeta;
}

interface Raw {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>>; readonly [field: string]: unknown };
  readonly status?: { readonly observedGeneration?: unknown } | null;
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Parses an object in an answer of the API server, and takes out what nobody reads and what would fill memory. A status
 * that is only the CRD's default, because no operator has looked at the object yet, is taken out, too. Undefined: it is
 * no object.
 */
export function parseObject(raw: unknown): KubeObject | undefined {
  const answer = (typeof raw === 'object' && raw !== null ? raw : {}) as Raw;
  if (answer.metadata === undefined || answer.metadata === null) return undefined;
  const { managedFields: _, ...metadata } = answer.metadata;
  const { name, namespace, uid, resourceVersion, annotations } = metadata;
  if ([name, namespace, uid, resourceVersion].some((field) => typeof field !== 'string')) return undefined;
  if (!/^\d+$/.test(String(resourceVersion))) return undefined;
  const { [lastApplied]: __, ...kept } = annotations ?? {};
  const object = { ...answer, metadata: annotations === undefined ? metadata : { ...metadata, annotations: kept } };
  const { status, ...unseen } = object;
  return (status?.observedGeneration === -1 ? unseen : object) as unknown as KubeObject;
}

/**
 * The version of an object. The versions of all objects of one collection are integers of one sequence.
 * Source: Kubernetes API concepts, "Resource versions", since 1.35; true of all servers before.
 */
export function versionOf(object: KubeObject): bigint {
  return BigInt(object.metadata.resourceVersion);
}

/** Whether `a` was stored after `b`. */
export function isNewer(a: KubeObject, b: KubeObject): boolean {
  return versionOf(a) > versionOf(b);
}
