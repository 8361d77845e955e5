import { isDeepStrictEqual } from 'node:util';
import { kind, type RegistryReplication } from '../../api/registryreplication.ts';
import { recreateOf, requestOf } from '../../domain/memory.ts';
import { isNotFound, KubeError } from '../../kube/http/error.ts';
import { collectionPath } from '../../kube/store.ts';
import { parseObject } from '../../kube/watch/object.ts';
import type { Cluster } from '../cluster.ts';
import { Problem } from '../command.ts';
import { filesIn, textBehind } from '../files.ts';
import { kubeProblem } from '../kube-words.ts';
import { applyingOf, type Fields, fieldsOf, mergePatch, statusWrittenAt } from './applying.ts';
import { type Manifest, type Manifests, manifestsIn } from './manifests.ts';

/** An object to plan for. */
export interface Subject {
  /** As it is, or as it would be with what the file says. */
  readonly object: RegistryReplication;
  /** As the API server has it now; undefined when it is new. */
  readonly stored: RegistryReplication | undefined;
  /** What applying the file does to the object; undefined without a file. */
  readonly applied: 'new' | 'changed' | 'unchanged' | undefined;
  /** When the operator last wrote its status. */
  readonly statusAt: string | undefined;
}

/** The objects of files, of folders (their YAML and JSON files), or of standard input, `-`. Throws a Problem. */
export async function readManifests(paths: readonly string[]): Promise<Manifests> {
  const read: Manifests[] = [];
  for (const file of paths.flatMap(filesIn)) {
    read.push(manifestsIn(file === '-' ? 'standard input' : file, await textBehind(file)));
  }
  return { ours: read.flatMap(({ ours }) => ours), ignored: read.flatMap(({ ignored }) => ignored) };
}

/** The object as it is; one GET. */
export async function subjectNamed(cluster: Cluster, name: string, signal: AbortSignal): Promise<Subject> {
  const path = `${collectionPath(cluster.namespace)}/${encodeURIComponent(name)}`;
  // One that is parsed has no managedFields, which tell when it was written; one that is not there is told by the cluster.
  const raw = (await fieldsAt(cluster, path, signal)) ?? (await cluster.object(name, signal));
  const statusAt = statusWrittenAt(raw as unknown as Fields);
  const object = parsed(raw);
  return { object, stored: object, applied: undefined, statusAt };
}

/** The object as it would be once the file is applied, as the API server says; one GET, and one PATCH that changes nothing. */
export async function subjectIn(cluster: Cluster, manifest: Manifest, signal: AbortSignal): Promise<Subject> {
  const { name, body, file, namespace = cluster.namespace } = manifest;
  const path = `${collectionPath(namespace)}/${encodeURIComponent(name)}`;
  const stored = await fieldsAt(cluster, path, signal);
  const result = await asked(cluster, { path, body, stored }, signal).catch((error: unknown) => {
    if (!(error instanceof KubeError) || signal.aborted) throw error;
    const problem = kubeProblem(error);
    const isHomeless = error.status === 404 && error.details?.['kind'] === 'namespaces';
    const mend = isHomeless
      ? `kubectl create namespace ${namespace}`
      : `mend it in ${file}: kubectl explain ${kind.toLowerCase()}.spec`;
    throw new Problem(`${file}: ${problem.message}`, problem.cure ?? mend);
  });
  return subjectFrom(stored, result);
}

/** The object as the API server would make it, beside what it is now: `result` is the answer of a dry run. */
export function subjectFrom(stored: Fields | undefined, result: unknown): Subject {
  const statusAt = statusWrittenAt(stored);
  const object = parsed(result);
  const before = stored === undefined ? undefined : parsed(stored);
  return { object, stored: before, applied: appliedTo(before, object), statusAt };
}

async function fieldsAt(cluster: Cluster, path: string, signal: AbortSignal): Promise<Fields | undefined> {
  try {
    return (await cluster.client.call({ path }, signal)) as Fields;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function asked(
  { client }: Cluster,
  { path, body, stored }: { readonly path: string; readonly body: Fields; readonly stored: Fields | undefined },
  signal: AbortSignal,
): Promise<unknown> {
  const applying = applyingOf(stored);
  const query = { dryRun: 'All', fieldValidation: 'Strict' };
  if (applying.kind === 'client-side') {
    const contentType = 'application/merge-patch+json';
    const manager = { ...query, fieldManager: 'kubectl-client-side-apply' };
    const patch = mergePatch(body, applying.lastApplied);
    return client.call({ method: 'PATCH', path, query: manager, body: patch, contentType }, signal);
  }
  // Whose a field is matters to who applies, not to what the operator will do.
  const manager = { ...query, fieldManager: applying.fieldManager, force: 'true' };
  const contentType = 'application/apply-patch+yaml';
  return client.call({ method: 'PATCH', path, query: manager, body, contentType }, signal);
}

function parsed(raw: unknown): RegistryReplication {
  const { metadata, ...rest } = fieldsOf(raw);
  // What a dry run would create has no version.
  const object = parseObject({ ...rest, metadata: { resourceVersion: '0', ...fieldsOf(metadata) } });
  if (object === undefined) throw new Problem('the API server answered with something that is no object');
  return object as RegistryReplication;
}

/** Beside the spec also labels and annotations count: an operator may choose by labels, and annotations ask for something. */
function appliedTo(before: RegistryReplication | undefined, after: RegistryReplication): Subject['applied'] {
  if (before === undefined) return 'new';
  const steering = (object: RegistryReplication) => {
    const { generation, labels = {} } = object.metadata;
    return [generation, labels, requestOf(object), recreateOf(object)];
  };
  return isDeepStrictEqual(steering(before), steering(after)) ? 'unchanged' : 'changed';
}
