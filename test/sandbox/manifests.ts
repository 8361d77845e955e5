import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
  };
  readonly [field: string]: unknown;
}

/** The documents of one YAML file. */
export async function readManifestFile(path: string): Promise<readonly KubeObject[]> {
  return parseManifests(await readFile(path, 'utf8'));
}

/** The documents of a YAML text that are not empty. */
export function parseManifests(text: string): readonly KubeObject[] {
  return parseAllDocuments(text)
    .map((document) => {
      if (document.errors[0] !== undefined) throw document.errors[0];
      return document.toJS() as KubeObject | null;
    })
    .filter((manifest) => manifest !== null);
}

/** The documents of every YAML file of a folder, in the order of the file names. */
export async function readManifests(folder: string): Promise<readonly KubeObject[]> {
  const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  return (await Promise.all(names.map((name) => readManifestFile(join(folder, name))))).flat();
}

interface Kustomization {
  readonly resources?: readonly string[];
  readonly namespace?: string;
}

/** The members that this reader understands; anything else in a kustomization is refused, not ignored. */
const known = new Set(['apiVersion', 'kind', 'resources', 'namespace']);

/**
 * Gives what `kubectl kustomize` prints for a folder whose kustomization.yaml only lists `resources` (files, or folders with
 * a kustomization) and perhaps sets `namespace`. Namespaces come first.
 */
export async function readKustomization(
  folder: string,
  isNamespaced: (manifest: KubeObject) => Promise<boolean>,
): Promise<readonly KubeObject[]> {
  const file = join(folder, 'kustomization.yaml');
  const { resources = [], namespace, ...rest } = parse(await readFile(file, 'utf8')) as Kustomization;
  const unknown = Object.keys(rest).filter((field) => !known.has(field));
  if (unknown.length > 0)
    throw new Error(`${file}: only resources and namespace are understood, not ${unknown.join()}`);
  const manifests: KubeObject[] = [];
  for (const resource of resources) {
    const path = join(folder, resource);
    if ((await stat(path)).isDirectory()) manifests.push(...(await readKustomization(path, isNamespaced)));
    else manifests.push(...(await readManifestFile(path)));
  }
  const placed = namespace === undefined ? manifests : await Promise.all(manifests.map((m) => place(m, namespace)));
  return [...placed.filter(({ kind }) => kind === 'Namespace'), ...placed.filter(({ kind }) => kind !== 'Namespace')];

  async function place(manifest: KubeObject, namespace: string): Promise<KubeObject> {
    if (manifest.kind === 'Namespace') return { ...manifest, metadata: { ...manifest.metadata, name: namespace } };
    const subjects = manifest['subjects'] as readonly { readonly kind: string }[] | undefined;
    return {
      ...manifest,
      ...((await isNamespaced(manifest)) ? { metadata: { ...manifest.metadata, namespace } } : {}),
      ...(subjects === undefined
        ? {}
        : { subjects: subjects.map((s) => (s.kind === 'ServiceAccount' ? { ...s, namespace } : s)) }),
    };
  }
}
