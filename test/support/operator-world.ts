import { apiVersion, kind, plural, type RegistryReplication, type Spec } from '../../src/api/registryreplication.ts';
import type { Access } from '../sandbox/cluster-access.ts';
import { type Emulator, startEmulator } from '../sandbox/emulator/emulator.ts';
import type { EmulatorOptions } from '../sandbox/emulator/settings.ts';
import { federatedApp, type OperatorOptions, type OperatorProcess, startOperator } from '../sandbox/operator.ts';
import { controlPlane } from './cluster.ts';
import { brokenLaws } from './status-laws.ts';
import { validateRequest } from './swagger.ts';

/** A namespace, an Azure and an operator that watches the one and works on the other; all of it ends with the test. */
export interface OperatorWorld {
  readonly cluster: Access;
  readonly namespace: string;
  readonly azure: Emulator;
  /** Starts another operator process. */
  start(env?: OperatorOptions['env']): Promise<OperatorProcess>;
  apply(name: string, spec: Partial<Spec> & Pick<Spec, 'regions'>): Promise<RegistryReplication>;
  path(name: string): string;
  get(name: string): Promise<RegistryReplication | undefined>;
  /** Waits until `holds` says yes of the object; checks the laws of its status each time it looks. */
  until(
    name: string,
    what: string,
    holds: (object: RegistryReplication) => boolean,
    deadlineMs?: number,
  ): Promise<RegistryReplication>;
  untilReady(name: string): Promise<RegistryReplication>;
  /** Locations of the replicas Azure has, sorted. */
  locations(registry?: string): Promise<readonly string[]>;
  /** Writes to Azure so far, by verb. */
  writes(): Promise<Readonly<Record<'PUT' | 'PATCH' | 'DELETE', number>>>;
}

/** Something that ends, such as a test, whose context is one: a world ends with it. */
export interface Lifetime {
  readonly onTestFinished: (end: () => Promise<void>) => void;
}

/** Operations take the states of real ones, but only a second. */
const quick: EmulatorOptions = { operationMs: 1_000, syncMs: 500, deleteMs: 500, homeDelayMs: 300 };

/** The cluster that the world is in. Default: the shared control plane, which operators see as it is. */
export interface Clusters {
  readonly cluster?: Access;
  /** The cluster as operators see it, such as through a proxy. */
  readonly seen?: Access;
}

export async function operatorWorld(
  { onTestFinished }: Lifetime,
  options: EmulatorOptions = {},
  { cluster = controlPlane(), seen = cluster }: Clusters = {},
): Promise<OperatorWorld> {
  onTestFinished(() => cluster.close());
  const namespace = await cluster.kube.createNamespace('e2e');
  const azure = await startEmulator({ ...quick, apps: [await federatedApp(cluster)], ...options });
  onTestFinished(async () => {
    const problems = await offSwagger(azure);
    await azure.stop();
    if (problems.length > 0) throw new Error(`not as in the official swagger: ${problems.join('; ')}`);
  });
  const path = (name: string) => `/apis/${apiVersion}/namespaces/${namespace}/${plural}/${name}`;

  const world: OperatorWorld = {
    cluster,
    namespace,
    azure,
    async start(env = {}) {
      const operator = await startOperator({ cluster: seen, azure, namespaces: [namespace], env });
      onTestFinished(() => operator.kill());
      return operator;
    },
    apply: (name, { registry = { name: 'contoso', resourceGroup: 'registries' }, ...spec }) =>
      cluster.kube.apply<RegistryReplication>({
        apiVersion,
        kind,
        metadata: { name, namespace },
        spec: { registry, ...spec },
      }),
    path,
    get: (name) => cluster.kube.get<RegistryReplication>(path(name)),
    until: (name, what, holds, deadlineMs = 60_000) =>
      cluster.kube.waitFor<RegistryReplication>(
        path(name),
        (object) => {
          if (object === undefined) return false;
          const broken = lawsBrokenWhenWritten(object);
          if (broken.length > 0)
            throw new Error(`status breaks: ${broken.join('; ')}\n${JSON.stringify(object, null, 1)}`);
          return holds(object);
        },
        { deadlineMs, what },
      ),
    untilReady: (name) =>
      world.until(
        name,
        'Ready',
        ({ status, metadata }) => status?.phase === 'Ready' && status.observedGeneration === metadata.generation,
      ),
    locations: async (registry = 'contoso') => (await azure.control.replicas(registry)).map((r) => r.location),
    async writes() {
      const counters = await azure.control.counters();
      const of = (verb: string) => counters[`${verb} replication`] ?? 0;
      return { PUT: of('PUT'), PATCH: of('PATCH'), DELETE: of('DELETE') };
    },
  };
  return world;
}

/** Every request of the operator to Azure that the official swagger does not allow, with the reason. */
async function offSwagger({ control }: Emulator): Promise<readonly string[]> {
  const journal = await control.journal();
  return journal.flatMap(({ method, path, body, userAgent = '' }) => {
    if (!userAgent.includes('acr-replication-operator') || !path.includes('/Microsoft.ContainerRegistry/')) return [];
    return validateRequest(method, path, body).map((problem) => `${method} ${path}: ${problem}`);
  });
}

/** The laws that the status broke when it was written: the object may have been edited since. */
function lawsBrokenWhenWritten({ metadata, status, ...rest }: RegistryReplication): string[] {
  if (status?.observedGeneration === undefined) return [];
  const then = { ...rest, status, metadata: { ...metadata, generation: status.observedGeneration } };
  return brokenLaws(then, status);
}
