import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { KubeObject } from '../../sandbox/manifests.ts';
import { readManifestFile } from '../../sandbox/manifests.ts';
import { type Subject, templateOf } from './template.ts';

/** An operator that is measured. */
export interface Contender {
  readonly name: string;
  /** Its command, for a shell. */
  readonly command: string;
  /** Environment beside that of the contract; `$METRICS_PORT` and `$NAMESPACE` stand for those of the process. */
  readonly env: Readonly<Record<string, string>>;
  readonly crd: Crd;
  readonly manifest: (subject: Subject) => KubeObject;
  readonly isReady: (object: Observed) => boolean;
  /** Whether it has the rights that deploy/ gives, and no others. */
  readonly hasRightsOfDeploy: boolean;
  /** The folder for what its heap holds in rest, when it can write that down (SIGUSR2). */
  readonly snapshots?: string;
}

export interface Crd extends KubeObject {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string; readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
}

/** An object as the API server gives it. */
export interface Observed {
  readonly metadata: { readonly name: string; readonly generation?: number; readonly resourceVersion?: string };
  readonly status?: Readonly<Record<string, unknown>>;
}

const crdFile = 'crds/registryreplications.acr-replication.dev.yaml';

const template = `
apiVersion: acr-replication.dev/v1alpha1
kind: RegistryReplication
metadata: { name: $NAME, namespace: $NAMESPACE }
spec:
  registry: { name: $REGISTRY, resourceGroup: $RESOURCE_GROUP, subscriptionId: $SUBSCRIPTION_ID }
  regions: [{ location: $REGION }]
`;

/** The cluster's name in the owner tags of the replicas that are there from the start. */
export const clusterName = 'bench';

/** The operator of this repository, as deploy/ runs it. */
export async function ours(nodeOptions: string | undefined): Promise<Contender> {
  return {
    name: 'this operator',
    command: `'${process.execPath}' '${resolve('dist/main.js')}'`,
    env: await environmentOfOurs(nodeOptions),
    crd: await readCrd(crdFile),
    manifest: templateOf(template),
    isReady: readyRule('condition:Ready'),
    hasRightsOfDeploy: true,
  };
}

export interface Against {
  readonly command: string;
  readonly name: string;
  /** Files, and when an object is ready; what is not given is as with ours. */
  readonly crd: string | undefined;
  readonly template: string | undefined;
  readonly ready: string | undefined;
}

/** The operator that `--against` names. With our own CRD it is one of ours, another build say, and is told what ours is. */
export async function other({ command, name, crd, template: file, ready }: Against): Promise<Contender> {
  const isOurs = crd === undefined;
  return {
    name,
    command,
    env: isOurs ? await environmentOfOurs(undefined) : {},
    crd: await readCrd(crd ?? crdFile),
    manifest: templateOf(file === undefined ? template : await readFile(file, 'utf8')),
    isReady: readyRule(ready ?? 'condition:Ready'),
    hasRightsOfDeploy: isOurs,
  };
}

async function environmentOfOurs(nodeOptions: string | undefined): Promise<Readonly<Record<string, string>>> {
  const runtime = runtimeVariables(await readManifestFile('deploy/deployment.yaml'));
  return {
    ...runtime,
    ...(nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions }),
    CLUSTER_NAME: clusterName,
    WATCH_NAMESPACES: '$NAMESPACE',
    LEADER_ELECTION: 'false',
    METRICS_ADDRESS: '127.0.0.1:$METRICS_PORT',
    HEALTH_ADDRESS: '127.0.0.1:0',
  };
}

/** What a Deployment tells Node and the C library. */
export function runtimeVariables(manifests: readonly KubeObject[]): Readonly<Record<string, string>> {
  const deployment = manifests.find(({ kind }) => kind === 'Deployment') as
    | { readonly spec?: { readonly template: { readonly spec: { readonly containers: readonly Container[] } } } }
    | undefined;
  const given = deployment?.spec?.template.spec.containers.flatMap(({ env = [] }) => env) ?? [];
  return Object.fromEntries(
    given.flatMap(({ name, value }) => (/^(NODE|MALLOC)_/.test(name) && value !== undefined ? [[name, value]] : [])),
  );
}

interface Container {
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

async function readCrd(file: string): Promise<Crd> {
  const crd = (await readManifestFile(file)).find(({ kind }) => kind === 'CustomResourceDefinition');
  if (crd === undefined) throw new Error(`${file} has no CustomResourceDefinition`);
  return crd as unknown as Crd;
}

/**
 * When an object is done: `condition:TYPE`, or a path below status and its value, `phase=Ready`. A status or condition that
 * says of which generation it is must be of the newest.
 */
export function readyRule(rule: string): (object: Observed) => boolean {
  const type = /^condition:(.+)$/.exec(rule)?.[1];
  const [path, value] = rule.split('=');
  if (type === undefined && value === undefined)
    throw new Error(`--against-ready is condition:TYPE or PATH=VALUE, not '${rule}'`);
  const holds = ({ status, metadata }: Observed): boolean => {
    if (type === undefined) return String(at(status, path ?? '')) === value;
    const conditions = (status?.['conditions'] ?? []) as readonly Condition[];
    const condition = conditions.find((one) => one.type === type);
    return condition?.status === 'True' && isNewest(condition.observedGeneration, metadata.generation);
  };
  return (object) => isNewest(object.status?.['observedGeneration'], object.metadata.generation) && holds(object);
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly observedGeneration?: number;
}

function isNewest(observed: unknown, generation: number | undefined): boolean {
  return observed === undefined || observed === generation;
}

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value);
}

/** Path of the objects of a namespace. */
export function objectsPath({ spec }: Crd, namespace: string): string {
  const version = spec.versions.find(({ served }) => served)?.name;
  return `/apis/${spec.group}/${version}/namespaces/${namespace}/${spec.names.plural}`;
}

/** Memory limit of a pod of deploy/, in MiB. */
export async function podMemoryMiB(): Promise<number> {
  const text = JSON.stringify(await readManifestFile('deploy/deployment.yaml'));
  return Number(/"limits":\{[^}]*"memory":"(\d+)Mi"/.exec(text)?.[1] ?? 'NaN');
}
