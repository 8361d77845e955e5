import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlPlane } from '../../sandbox/apiserver.ts';
import { freePort } from '../../sandbox/apiserver.ts';
import type { SeedRegistry, SeedReplica } from '../../sandbox/emulator/settings.ts';
import { startInstalledCluster } from '../../sandbox/installed-cluster.ts';
import { cleanAtProcessEnd } from '../../sandbox/leftovers.ts';
import { operatorAccount, operatorNamespace } from '../../sandbox/operator.ts';
import { startServer } from '../../sandbox/process.ts';
import { type Contender, clusterName, objectsPath } from './contender.ts';
import { type AzureProcess, type AzureProcessOptions, startAzure } from './emulator-process.ts';
import { cpuSeconds, type Memory, machineCpuSeconds, residentMiB, treeCpuSeconds, treeMiB } from './process-figures.ts';
import type { Subject } from './template.ts';

/** What every scenario is told. */
export interface Bench {
  readonly contenders: readonly Contender[];
  readonly runs: number;
  /** Share of the full times: of Azure's in ready and bulk, and of what is waited after them. 1, but for trying the bench. */
  readonly pace: number;
  /** Tells in one line what is going on. */
  readonly say: (activity: string) => void;
}

/** A contender in a lab: with a namespace, a user and registries of its own. */
export interface Entrant extends Contender {
  readonly namespace: string;
  /** Path of its objects. */
  readonly path: string;
  /** Its user's name in the audit log, and a kubeconfig of that user. */
  readonly username: string;
  readonly kubeconfig: string;
  /** What its object of that index is about: the registry of the same index. */
  readonly subject: (index: number, regions: readonly string[]) => Subject;
}

/** An API server and an Azure, each with all that the contenders need; they share both. */
export interface Lab extends AsyncDisposable {
  readonly plane: ControlPlane;
  readonly azure: AzureProcess;
  readonly entrants: readonly Entrant[];
  /** Tells in one line what is going on. */
  readonly say: (activity: string) => void;
}

export interface LabOptions extends Omit<AzureProcessOptions, 'registries' | 'cluster'> {
  /** Registries of each contender. */
  readonly registries: number;
  /** Regions where each registry has a replica from the start, owned by the object of the same index. */
  readonly replicas?: readonly string[];
}

const resourceGroup = 'registries';

/** Registries to a subscription: so few that Azure's request limits, which an operator may keep to, play no part. */
const perSubscription = 20;

/** Homes of registries: faults can tell by it those that are to be in trouble. */
export const homes = { troubled: 'northcentralus', others: 'eastus' } as const;

/** How many of a contender's registries are to be in trouble, the first ones: a subscription of them, if there are so many. */
export function troubledOf(registries: number): number {
  return Math.min(perSubscription, Math.floor(registries / 2));
}

export async function startLab({ contenders, say }: Bench, options: LabOptions): Promise<Lab> {
  const { registries, replicas = [], ...azureOptions } = options;
  await using parts = new AsyncDisposableStack();
  say('starting the control plane');
  const plane = await startInstalledCluster({ auditLog: true });
  parts.defer(() => plane.stop());
  const entrants: Entrant[] = [];
  for (const [index, contender] of contenders.entries()) entrants.push(await enter(plane, contender, index));
  const azure = await startAzure({
    ...azureOptions,
    registries: entrants.flatMap((entrant) =>
      Array.from({ length: registries }, (_, index) =>
        seed(entrant.subject(index, replicas), index, troubledOf(registries)),
      ),
    ),
  });
  parts.defer(() => azure.stop());
  const kept = parts.move();
  return { plane, azure, entrants, say, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function seed(
  { name, namespace, subscriptionId, registry, regions }: Subject,
  index: number,
  troubled: number,
): SeedRegistry {
  const owner = `${clusterName}/${namespace}/${name}`;
  return {
    name: registry,
    resourceGroup,
    subscriptionId,
    location: index < troubled ? homes.troubled : homes.others,
    ...(regions.length === 0 ? {} : { replicas: regions.map((location): SeedReplica => ({ location, owner })) }),
  };
}

async function enter({ kube, ...plane }: ControlPlane, contender: Contender, index: number): Promise<Entrant> {
  const letter = String.fromCharCode('a'.charCodeAt(0) + index);
  const namespace = await kube.createNamespace('bench');
  const account = contender.hasRightsOfDeploy
    ? { namespace: operatorNamespace, serviceAccount: operatorAccount }
    : { namespace, serviceAccount: 'operator' };
  if (!contender.hasRightsOfDeploy) {
    await kube.applyCrd(contender.crd);
    await kube.createServiceAccount(account.namespace, account.serviceAccount);
    await kube.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', namespace: account.namespace, name: account.serviceAccount }],
    });
  }
  const token = await kube.tokenFor({ ...account, expirationSeconds: 6 * 3600 });
  return {
    ...contender,
    namespace,
    path: objectsPath(contender.crd, namespace),
    username: `system:serviceaccount:${account.namespace}:${account.serviceAccount}`,
    kubeconfig: await plane.kubeconfigFor({ token }),
    subject: (at, regions) => {
      const name = `bench${letter}${String(at).padStart(5, '0')}`;
      const subscription = `${index}${String(Math.floor(at / perSubscription)).padStart(11, '0')}`;
      const subscriptionId = `00000000-0000-4000-8000-${subscription}`;
      return { name, namespace, registry: name, resourceGroup, subscriptionId, regions };
    },
  };
}

/** An operator's process that runs. */
export interface Running {
  readonly pid: number;
  /** `performance.now()` right before the process was made, and the same moment since 1970, which Azure's journal has. */
  readonly startedAt: number;
  readonly startedDate: number;
  readonly metricsUrl: string;
  /** `peakPrivate` is looked for ten times a second: the kernel keeps no such figure. */
  memory(): Memory & { readonly peakPrivate: number };
  cpuS(): number;
  /** Throws with the last lines of the log when the process has ended by itself. */
  mustRun(): void;
  /** Sends SIGTERM, then SIGKILL to all that it started; resolves when it is gone. */
  stop(): Promise<void>;
}

const sampleMs = 100;
const stopMs = 15_000;

export interface Start {
  /** What it is started for, by which profiles are told apart. */
  readonly run: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a contender with the environment of the contract (README.md). */
export async function start(lab: Lab, entrant: Entrant, { run, env = {} }: Start): Promise<Running> {
  const { plane, azure } = lab;
  const metricsPort = String(await freePort());
  const dir = await mkdtemp(join(plane.dir, 'operator-'));
  const logFile = join(dir, 'log');
  const given = {
    PATH: process.env['PATH'],
    HOME: dir,
    TMPDIR: dir,
    KUBECONFIG: entrant.kubeconfig,
    POD_NAMESPACE: entrant.namespace,
    WATCH_NAMESPACE: entrant.namespace,
    METRICS_PORT: metricsPort,
    BENCH_RUN: run,
    AZURE_RESOURCE_MANAGER_ENDPOINT: azure.url,
    AZURE_AUTHORITY_HOST: `${azure.url}/`,
    AZURE_TENANT_ID: azure.credentials.tenantId,
    AZURE_CLIENT_ID: azure.credentials.clientId,
    AZURE_CLIENT_SECRET: azure.credentials.clientSecret,
    AZURE_SUBSCRIPTION_ID: azure.subscriptionId,
    AZURE_CA_FILE: azure.caFile,
    SSL_CERT_FILE: azure.caFile,
    NODE_EXTRA_CA_CERTS: azure.caFile,
    REQUESTS_CA_BUNDLE: azure.caFile,
  };
  const filled = (text: string) =>
    text.replaceAll('$METRICS_PORT', metricsPort).replaceAll('$NAMESPACE', entrant.namespace);
  const own = Object.entries(entrant.env).map(([name, value]) => [name, filled(value)]);
  const [startedAt, startedDate] = [performance.now(), Date.now()];
  const server = startServer('/bin/sh', ['-c', `exec ${entrant.command}`], {
    logFile,
    env: { ...given, ...Object.fromEntries(own), ...env },
  });
  let peakPrivate = 0;
  const look = () => {
    peakPrivate = Math.max(peakPrivate, residentMiB(server.pid).private);
  };
  const sampling = setInterval(look, sampleMs);
  const killGroup = () => {
    try {
      process.kill(-server.pid, 'SIGKILL');
    } catch {
      // Nothing of it is left.
    }
  };
  const forget = cleanAtProcessEnd(killGroup);
  return {
    pid: server.pid,
    startedAt,
    startedDate,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    memory() {
      look();
      return { ...treeMiB(server.pid), peakPrivate };
    },
    cpuS: () => treeCpuSeconds(server.pid),
    mustRun() {
      if (!server.running()) throw new Error(`${entrant.name} ended by itself; ${server.lastLines()}`);
    },
    async stop() {
      clearInterval(sampling);
      await server.stop(stopMs);
      killGroup();
      forget();
    },
  };
}

/** Processor time in seconds, and what was used since another reading. */
export interface Cpu {
  readonly operatorS: number;
  readonly apiserverS: number;
  readonly etcdS: number;
  readonly azureS: number;
  /** Of all other programs of the machine, this one apart: a figure beside much of it is worth little. */
  readonly othersS: number;
}

/** Begins to measure; call what is returned, with the operators that ran, for what was used since. */
export function measureCpu(lab: Lab, running: readonly Running[] = []): (running: readonly Running[]) => Cpu {
  const before = readCpu(lab, running);
  return (now) => {
    const after = readCpu(lab, now);
    const used = (of: keyof Cpu) => after[of] - before[of];
    const own = used('operatorS') + used('apiserverS') + used('etcdS') + used('azureS');
    return {
      operatorS: used('operatorS'),
      apiserverS: used('apiserverS'),
      etcdS: used('etcdS'),
      azureS: used('azureS'),
      othersS: Math.max(0, used('othersS') - own),
    };
  };
}

function readCpu({ plane, azure }: Lab, running: readonly Running[]): Cpu {
  const { user, system } = process.cpuUsage();
  return {
    operatorS: running.reduce((sum, one) => sum + one.cpuS(), 0),
    apiserverS: cpuSeconds(plane.apiserver.pid()),
    etcdS: cpuSeconds(plane.etcd.pid()),
    azureS: cpuSeconds(azure.pid),
    othersS: machineCpuSeconds() - (user + system) / 1_000_000,
  };
}

/** How many objects are created at a time. */
export const applyAtOnce = 16;

/** Creates the objects of these indexes, several at a time. */
export async function createObjects(
  { plane }: Lab,
  entrant: Entrant,
  indexes: Iterable<number>,
  regions: readonly string[],
  labels: (index: number) => Readonly<Record<string, string>> = () => ({}),
): Promise<void> {
  const left = [...indexes].values();
  const create = async () => {
    for (const index of left) {
      const { metadata, ...object } = entrant.manifest(entrant.subject(index, regions));
      const named = { ...metadata, labels: { ...metadata.labels, ...labels(index) } };
      await plane.kube.request('POST', entrant.path, { ...object, metadata: named });
    }
  };
  await Promise.all(Array.from({ length: applyAtOnce }, create));
}

/** Removes an object without its operator. */
export async function purge({ plane }: Lab, entrant: Entrant, index: number): Promise<void> {
  const at = `${entrant.path}/${entrant.subject(index, []).name}`;
  await plane.kube.patch(at, { metadata: { finalizers: null } });
  await plane.kube.delete(at);
  await plane.kube.waitForGone(at);
}

export function range(count: number, from = 0): readonly number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

/** Looks again and again until there is something, and fails at the deadline or when an operator has ended. */
export async function until<T>(
  look: () => Promise<T | undefined> | T | undefined,
  { what, deadlineMs, running = [], everyMs = 50 }: Waiting,
): Promise<T> {
  for (const deadline = Date.now() + deadlineMs; Date.now() < deadline; await delay(everyMs)) {
    for (const one of running) one.mustRun();
    const seen = await look();
    if (seen !== undefined) return seen;
  }
  throw new Error(`after ${deadlineMs} ms still waiting for ${what}`);
}

interface Waiting {
  readonly what: string;
  readonly deadlineMs: number;
  readonly running?: readonly Running[];
  readonly everyMs?: number;
}
