import { apiVersion, kind } from '../../../src/api/registryreplication.ts';
import type { Access } from '../../sandbox/cluster-access.ts';
import type { SeedRegistry } from '../../sandbox/emulator/settings.ts';
import type { KubeObject } from '../../sandbox/manifests.ts';
import {
  type AzureEndpoint,
  type OperatorProcess,
  operatorAccount,
  operatorNamespace,
  startOperator,
} from '../../sandbox/operator.ts';

/** What every measurement gets. */
export interface Bench {
  readonly cluster: Access;
  /** How often each small measurement is repeated. */
  readonly runs: number;
  /** NODE_OPTIONS of the operator; undefined: those of deploy/. */
  readonly nodeOptions: string | undefined;
  /** Tells in one line what is going on. */
  readonly say: (activity: string) => void;
}

const resourceGroup = 'registries';

/** Registries to a subscription: so few that Azure's request limits, which the operator keeps to, play no part. */
const perSubscription = 20;

function subscriptionOf(index: number): string {
  return `00000000-0000-4000-8000-${String(Math.floor(index / perSubscription)).padStart(12, '0')}`;
}

/** Registries for so many objects: Premium, at home in eastus, without replicas. */
export function registries(count: number): readonly SeedRegistry[] {
  return Array.from({ length: count }, (_, index) => ({
    name: registryName(index),
    resourceGroup,
    location: 'eastus',
    subscriptionId: subscriptionOf(index),
  }));
}

export function registryName(index: number): string {
  return `bench${String(index).padStart(5, '0')}`;
}

/** One object about the registry of that index, both with the same name. */
export function manifest(namespace: string, index: number, regions: readonly string[]): KubeObject {
  const name = registryName(index);
  return {
    apiVersion,
    kind,
    metadata: { name, namespace },
    spec: {
      registry: { name, resourceGroup, subscriptionId: subscriptionOf(index) },
      regions: regions.map((location) => ({ location })),
    },
  };
}

/** Starts the real program with the settings of deploy/, watching one namespace. */
export function startMeasured(bench: Bench, azure: AzureEndpoint, namespace: string): Promise<OperatorProcess> {
  const { cluster, nodeOptions } = bench;
  return startOperator({
    cluster,
    azure,
    namespaces: [namespace],
    ...(nodeOptions === undefined ? {} : { env: { NODE_OPTIONS: nodeOptions } }),
  });
}

/** What the operator asked of Kubernetes in a namespace, from the audit log. */
export async function kubeTraffic(
  cluster: Access,
  namespace: string,
): Promise<{ readonly writes: number; readonly byKind: Readonly<Record<string, number>>; readonly watches: number }> {
  const user = `system:serviceaccount:${operatorNamespace}:${operatorAccount}`;
  const own = (await cluster.auditEvents()).filter(
    ({ user: who, objectRef }) => who.username === user && objectRef?.namespace === namespace,
  );
  const byKind: Record<string, number> = {};
  for (const { verb, objectRef, stage } of own) {
    if (['get', 'list', 'watch'].includes(verb) || stage !== 'ResponseComplete') continue;
    const what = [verb, objectRef?.resource, objectRef?.subresource].filter(Boolean).join(' ');
    byKind[what] = (byKind[what] ?? 0) + 1;
  }
  const writes = Object.values(byKind).reduce((sum, count) => sum + count, 0);
  const watches = own.filter(({ verb, stage }) => verb === 'watch' && stage === 'ResponseStarted').length;
  return { writes, byKind, watches };
}
