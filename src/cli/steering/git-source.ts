import { plainText } from '../../domain/text.ts';
import type { KubeClient } from '../../kube/http/client.ts';
import { KubeError } from '../../kube/http/error.ts';
import { type Fields, fieldsOf } from '../plan/applying.ts';
import type { Keeper } from './git.ts';

/** Where the file is that an object comes from: in words, or the command that shows it. */
export type Source = { readonly says: string } | { readonly shownBy: string };

/** Where Argo CD is installed when nothing else is said. */
const usualArgo = 'argocd';

/**
 * Reads where the tool gets the object from: one GET of the Kustomization, HelmRelease or Application, and one of what it
 * refers to. What the user may not read, or nothing names, leaves the command that shows it.
 */
export async function sourceOf(
  { client }: { readonly client: Pick<KubeClient, 'call'> },
  keeper: Keeper,
  signal: AbortSignal,
): Promise<Source> {
  const { kind, name, namespace = usualArgo } = keeper;
  const shownBy = { shownBy: commandFor(keeper) };
  if (name === undefined) return shownBy;
  const read: Read = async (group, plural, at) => {
    const scope = `namespaces/${encodeURIComponent(at.namespace)}/${plural}/${encodeURIComponent(at.name)}`;
    for (const version of versions[group]) {
      const answer = await unlessRefused(client.call({ path: `/apis/${group}/${version}/${scope}` }, signal));
      if (answer !== undefined) return fieldsOf(fieldsOf(answer)['spec']);
    }
    return undefined;
  };
  const says = await readers[kind]({ name, namespace }, read);
  return says === undefined ? shownBy : { says };
}

interface Named {
  readonly name: string;
  readonly namespace: string;
}
type Group = keyof typeof versions;
/** The spec of an object; undefined when the user may not read it, or when it is not there. */
type Read = (group: Group, plural: string, at: Named) => Promise<Fields | undefined>;

/** The newest that is served counts. */
const versions = {
  'argoproj.io': ['v1alpha1'],
  'kustomize.toolkit.fluxcd.io': ['v1', 'v1beta2'],
  'helm.toolkit.fluxcd.io': ['v2', 'v2beta2', 'v2beta1'],
  'source.toolkit.fluxcd.io': ['v1', 'v1beta2'],
} as const;

const readers: Readonly<Record<Keeper['kind'], (at: Named, read: Read) => Promise<string | undefined>>> = {
  async Application(at, read) {
    const spec = await read('argoproj.io', 'applications', at);
    if (spec === undefined) return undefined;
    const { source, sources = source === undefined ? [] : [source] } = spec;
    const places = (Array.isArray(sources) ? sources : []).map(fieldsOf).flatMap((one) => {
      const [url, path, chart, revision] = textsOf(one, 'repoURL', 'path', 'chart', 'targetRevision');
      if (url === undefined) return [];
      const what = chart === undefined ? path : `chart ${chart}`;
      return [`${what === undefined ? '' : `${what} in `}${url}${revision === undefined ? '' : ` (${revision})`}`];
    });
    return places.length === 0 ? undefined : `Its source is ${places.join(', and ')}.`;
  },
  async Kustomization(at, read) {
    const spec = await read('kustomize.toolkit.fluxcd.io', 'kustomizations', at);
    const place = spec && (await placeOf(fieldsOf(spec['sourceRef']), at, read));
    if (spec === undefined || place === undefined) return undefined;
    const [path = './'] = textsOf(spec, 'path');
    return `Its source is ${path} in ${place}.`;
  },
  async HelmRelease(at, read) {
    const spec = await read('helm.toolkit.fluxcd.io', 'helmreleases', at);
    if (spec === undefined) return undefined;
    const chart = fieldsOf(fieldsOf(spec['chart'])['spec']);
    const ref = fieldsOf(spec['chartRef'] ?? chart['sourceRef']);
    const place = await placeOf(ref, at, read);
    if (place === undefined) return undefined;
    const [name, version] = textsOf(chart, 'chart', 'version');
    const what = name === undefined ? 'the chart' : `chart ${name}${version === undefined ? '' : ` ${version}`}`;
    return `It comes from ${what} in ${place}, with the values of the HelmRelease.`;
  },
};

const plurals: Readonly<Record<string, string>> = {
  GitRepository: 'gitrepositories',
  OCIRepository: 'ocirepositories',
  HelmRepository: 'helmrepositories',
  Bucket: 'buckets',
};

/** What a source of Flux points at; the name of the source where that may not be read. */
async function placeOf(ref: Fields, at: Named, read: Read): Promise<string | undefined> {
  const [kind, name, namespace = at.namespace] = textsOf(ref, 'kind', 'name', 'namespace');
  if (kind === undefined || name === undefined) return undefined;
  const plural = Object.hasOwn(plurals, kind) ? plurals[kind] : undefined;
  const spec = plural && (await read('source.toolkit.fluxcd.io', plural, { name, namespace }));
  const [url, endpoint, bucket] = textsOf(spec || {}, 'url', 'endpoint', 'bucketName');
  const where = url ?? (endpoint === undefined ? undefined : `${endpoint}/${bucket ?? ''}`);
  if (where === undefined) return `${kind} ${namespace}/${name}`;
  const revisions = Object.entries(fieldsOf(fieldsOf(spec)['ref'])).flatMap(([what, value]) =>
    typeof value === 'string' ? [`${what} ${plainText(value, 100)}`] : [],
  );
  return `${where}${revisions.length === 0 ? '' : ` (${revisions.join(', ')})`}`;
}

function commandFor({ kind, name = 'NAME', namespace }: Keeper): string {
  if (kind === 'Application') return `argocd app get ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  return `kubectl get ${kind.toLowerCase()} ${name} -n ${namespace ?? 'NAMESPACE'} -o yaml`;
}

function textsOf(fields: Fields, ...names: readonly string[]): readonly (string | undefined)[] {
  return names.map((name) => {
    const value = fields[name];
    return typeof value === 'string' && value !== '' ? plainText(value, 300) : undefined;
  });
}

async function unlessRefused(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KubeError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  }
}
