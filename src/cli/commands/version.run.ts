import { version as apiVersion, group, plural } from '../../api/registryreplication.ts';
import { isNotFound, KubeError } from '../../kube/http/error.ts';
import { version } from '../../version.ts';
import type { Cluster } from '../cluster.ts';
import { type Call, Problem } from '../command.ts';
import { kubeProblem } from '../kube-words.ts';
import { type OperatorPart, operatorParts } from '../operator.ts';
import { table } from '../output/table.ts';
import { cured, told } from '../output/told.ts';
import { type CrdVersion, misfitsOf, type OperatorVersion, type Versions, versionInImage } from '../versions.ts';

interface Deployment extends OperatorPart {
  readonly spec: {
    readonly replicas?: number;
    readonly template: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly { readonly image?: string }[] };
    };
  };
  readonly status?: { readonly readyReplicas?: number };
}

interface Crd {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: { readonly versions: readonly { readonly name: string; readonly served: boolean }[] };
}

const label = 'app.kubernetes.io/version';

export async function run(call: Call): Promise<number> {
  const { terminal, text, cluster, signal } = call;
  const unread: string[] = [];
  /** What cannot be read is left open. */
  const tried = async <Value>(what: string, read: () => Promise<Value>): Promise<Value | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (signal.aborted || !(error instanceof KubeError || error instanceof Problem)) throw error;
      const { message } = error instanceof KubeError ? kubeProblem(error) : error;
      unread.push(`${what} could not be read: ${message}`);
      return undefined;
    }
  };
  const opened = await tried('the kubeconfig', async () => cluster());
  const [operators, crd] =
    opened === undefined
      ? []
      : await Promise.all([
          tried("the operator's version", () => operatorsIn(opened, text('operator-namespace'), signal)),
          tried("the CRD's version", () => crdIn(opened, signal)),
        ]);
  const versions = { plugin: version, operators, crd };
  const misfits = misfitsOf(versions, apiVersion);
  const output = text('output');
  if (output === undefined) print(call, versions);
  else {
    const fits = unread.length > 0 ? undefined : misfits.length === 0;
    terminal.out(await structured(output, { ...versions, fits, misfits, unread }));
  }
  for (const line of unread) terminal.err(told(terminal, line, 'warning:'));
  for (const { kind, text: what, cure } of misfits) {
    terminal.err(told(terminal, what, kind === 'bad' ? 'error:' : 'warning:'));
    terminal.err(cured(terminal, call.here(cure)));
  }
  return misfits.some(({ kind }) => kind === 'bad') ? 1 : 0;
}

function print({ terminal }: Call, versions: Versions): void {
  const { plugin, operators, crd } = versions;
  const rows = [
    { what: 'plugin', version: plugin, more: `speaks ${apiVersion}` },
    ...(operators ?? [undefined]).map((operator) => ({
      what: 'operator',
      version: operator?.version ?? 'unknown',
      more: operator === undefined ? '' : whereIs(operator),
    })),
    typeof crd === 'object'
      ? { what: 'CRD', version: crd.version ?? 'unknown', more: `serves ${crd.served.join(', ')}` }
      : { what: 'CRD', version: crd ?? 'unknown', more: '' },
  ];
  const text = table(
    [
      { title: 'PART', cell: ({ what }: (typeof rows)[number]) => what },
      { title: 'VERSION', cell: ({ version }) => version },
      { title: 'WHAT IT SAYS', cell: ({ more }) => more, wraps: true },
    ],
    rows,
    terminal.columns(),
  );
  terminal.out(text);
}

function whereIs({ deployment, ready, wanted }: OperatorVersion): string {
  const [namespace, name] = deployment.split('/');
  return `${name} in namespace ${namespace}, ${ready} of ${wanted} pods ready`;
}

async function structured(output: string, value: object): Promise<string> {
  const json = JSON.stringify(value, undefined, 2);
  if (output === 'json') return `${json}\n`;
  const { dump } = await import('js-yaml');
  return dump(JSON.parse(json));
}

async function operatorsIn(
  cluster: Cluster,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<readonly OperatorVersion[]> {
  const deployments = await operatorParts<Deployment>(cluster, 'deployments', namespace, signal);
  return deployments.map(({ metadata, spec, status }) => {
    const image = spec.template.spec.containers[0]?.image;
    return {
      deployment: `${metadata.namespace}/${metadata.name}`,
      version: versionInImage(image ?? '') ?? spec.template.metadata?.labels?.[label] ?? metadata.labels?.[label],
      image,
      ready: status?.readyReplicas ?? 0,
      wanted: spec.replicas ?? 1,
    };
  });
}

async function crdIn({ client }: Cluster, signal: AbortSignal): Promise<CrdVersion | 'absent'> {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.${group}`;
  try {
    const { metadata, spec } = (await client.call({ path }, signal)) as Crd;
    return {
      version: metadata.labels?.[label],
      served: spec.versions.filter(({ served }) => served).map(({ name }) => name),
    };
  } catch (error) {
    if (isNotFound(error)) return 'absent';
    if (error instanceof KubeError && error.status === 403) return servedIn(client, signal);
    throw error;
  }
}

/** What everybody who is signed in may ask: which versions are served. */
async function servedIn(client: Cluster['client'], signal: AbortSignal): Promise<CrdVersion | 'absent'> {
  try {
    const { versions } = (await client.call({ path: `/apis/${group}` }, signal)) as {
      readonly versions: readonly { readonly version: string }[];
    };
    return { version: undefined, served: versions.map(({ version }) => version) };
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return 'absent';
    throw error;
  }
}
