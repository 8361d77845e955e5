import { access } from '../sandbox/cluster-access.ts';
import type { JournalEntry } from '../sandbox/emulator/journal.ts';
import type { EmulatorOptions } from '../sandbox/emulator/settings.ts';
import { readManifestFile } from '../sandbox/manifests.ts';
import { federatedApp, type OperatorOptions, type OperatorProcess, startOperator } from '../sandbox/operator.ts';
import { controlPlane } from './cluster.ts';
import { type Lifetime, type OperatorWorld, operatorWorld } from './operator-world.ts';

/** Operators that elect one among them, each with an app registration of its own, by which Azure tells them apart. */
export interface ElectionWorld extends OperatorWorld {
  /** `number`, from 0, is its name in Azure; `apiServer` another way to the API server. */
  startNumber(
    number: number,
    options?: { readonly env?: OperatorOptions['env']; readonly apiServer?: string },
  ): Promise<OperatorProcess>;
  /** What one of them asked of Azure, but for tokens; oldest first. */
  requestsOf(number: number): Promise<readonly JournalEntry[]>;
  writesOf(number: number): Promise<readonly JournalEntry[]>;
  holder(): Promise<string | undefined>;
}

const leaseName = 'acr-replication-operator';
const clientId = (number: number) => `20000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

export async function electionWorld(
  lifetime: Lifetime,
  { operators, ...options }: EmulatorOptions & { readonly operators: number },
): Promise<ElectionWorld> {
  const cluster = controlPlane();
  lifetime.onTestFinished(() => cluster.close());
  const numbers = Array.from({ length: operators }, (_, number) => number);
  const apps = await Promise.all(numbers.map((number) => federatedApp(cluster, { clientId: clientId(number) })));
  const world = await operatorWorld(lifetime, { ...options, apps });
  const { namespace, azure } = world;
  // As deploy/ has them for the operator's own namespace.
  for (const file of ['deploy/role.yaml', 'deploy/role-binding.yaml'])
    for (const manifest of await readManifestFile(file))
      await cluster.kube.apply({ ...manifest, metadata: { ...manifest.metadata, namespace } });

  const requestsOf = async (number: number) =>
    (await azure.control.journal()).filter((entry) => entry.clientId === clientId(number) && entry.kind !== 'token');
  return {
    ...world,
    async startNumber(number, { env = {}, apiServer = cluster.url } = {}) {
      const through = access({ ...cluster, url: apiServer });
      lifetime.onTestFinished(() => through.close());
      const operator = await startOperator({
        cluster: through,
        azure,
        namespaces: [namespace],
        env: {
          AZURE_CLIENT_ID: clientId(number),
          LEADER_ELECTION: 'true',
          LEASE_NAMESPACE: namespace,
          LEASE_NAME: leaseName,
          ...env,
        },
      });
      lifetime.onTestFinished(() => operator.kill());
      return operator;
    },
    requestsOf,
    writesOf: async (number) => (await requestsOf(number)).filter(({ method }) => method !== 'GET'),
    async holder() {
      const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${leaseName}`;
      const lease = await cluster.kube.get<{ readonly spec: { readonly holderIdentity?: string } }>(path);
      return lease?.spec.holderIdentity;
    },
  };
}

/** When an operator first said this, in milliseconds since 1970; undefined: not yet. */
export function said(operator: OperatorProcess, message: string): number | undefined {
  const line = operator.log().find((entry) => entry.message === message);
  return line === undefined ? undefined : Date.parse(line.timestamp);
}
