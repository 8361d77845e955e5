import { setTimeout as delay } from 'node:timers/promises';
import type { OperatorProcess } from '../../sandbox/operator.ts';
import type { OperatorWorld } from '../../support/operator-world.ts';

const namespace = 'acr-replication-system';
const name = 'acr-replication-operator';
const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;

interface Deployment {
  readonly metadata: { readonly uid: string; readonly generation: number };
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly serviceAccountName: string;
        readonly containers: readonly [
          {
            readonly env: readonly { readonly name: string; readonly value?: string }[];
            readonly envFrom?: readonly { readonly secretRef: { readonly name: string } }[];
          },
        ];
      };
    };
  };
}

/**
 * Does what the controllers, a node and the webhook of workload identity do with the operator's Deployment, for the
 * sandbox has none of them: runs one of its pods as a process, with the variables, the Secret and the identity that it
 * names, and says that all are available when that one is ready. Until `signal`.
 */
export async function runPods(world: OperatorWorld, signal: AbortSignal): Promise<void> {
  const { kube } = world.cluster;
  let running: { readonly key: string; readonly process: OperatorProcess } | undefined;
  while (!signal.aborted) {
    const deployment = await kube.get<Deployment>(path);
    const key = deployment && `${deployment.metadata.uid} ${deployment.metadata.generation}`;
    if (running !== undefined && running.key !== key) {
      await running.process.stop();
      running = undefined;
    }
    if (deployment !== undefined && key !== undefined && running === undefined) {
      running = { key, process: await world.start(await variablesOf(world, deployment)) };
    }
    if (deployment !== undefined && running !== undefined && (await isReady(running.process))) {
      const { metadata, spec } = deployment;
      const all = ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas'];
      const counts = Object.fromEntries(all.map((count) => [count, spec.replicas]));
      const status = { observedGeneration: metadata.generation, ...counts };
      await kube.patch(`${path}/status`, { status }).catch(() => {}); // it may have gone meanwhile
    }
    await delay(200, undefined, { signal }).catch(() => {});
  }
}

async function variablesOf({ cluster }: OperatorWorld, { spec }: Deployment) {
  const { metadata, spec: pod } = spec.template;
  const [{ env, envFrom = [] }] = pod.containers;
  const secrets = await Promise.all(
    envFrom.map(async ({ secretRef }) => {
      const secretPath = `/api/v1/namespaces/${namespace}/secrets/${secretRef.name}`;
      const secret = await cluster.kube.get<{ readonly data?: Readonly<Record<string, string>> }>(secretPath);
      return Object.entries(secret?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
    }),
  );
  const stated = env.flatMap(({ name: variable, value = '' }) => (value === '' ? [] : [[variable, value]]));
  return {
    WATCH_NAMESPACES: undefined,
    LEADER_ELECTION: 'true',
    LEASE_NAMESPACE: namespace,
    ...(metadata.labels['azure.workload.identity/use'] === 'true'
      ? { AZURE_CLIENT_ID: await clientIdOf(cluster, pod.serviceAccountName) }
      : { AZURE_FEDERATED_TOKEN_FILE: undefined, AZURE_CLIENT_ID: undefined, AZURE_TENANT_ID: undefined }),
    ...(Object.fromEntries(secrets.flat()) as Readonly<Record<string, string>>),
    ...(Object.fromEntries(stated) as Readonly<Record<string, string>>),
  };
}

/** What the webhook of workload identity puts into a pod's environment. */
async function clientIdOf({ kube }: OperatorWorld['cluster'], account: string): Promise<string | undefined> {
  const found = await kube.get(`/api/v1/namespaces/${namespace}/serviceaccounts/${account}`);
  return found?.metadata.annotations?.['azure.workload.identity/client-id'];
}

async function isReady({ healthUrl }: OperatorProcess): Promise<boolean> {
  const answer = await fetch(`${healthUrl}/readyz`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  return answer?.ok === true;
}
