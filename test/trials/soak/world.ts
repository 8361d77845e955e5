import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlPlane } from '../../sandbox/apiserver.ts';
import { startInstalledCluster } from '../../sandbox/installed-cluster.ts';
import { readManifestFile } from '../../sandbox/manifests.ts';
import { type OperatorProcess, operatorAccount, operatorNamespace, startOperator } from '../../sandbox/operator.ts';
import { type AzureProcess, startAzure } from '../bench/emulator-process.ts';
import { type Cast, castOf, secretName } from './cast.ts';
import type { Chance } from './chance.ts';

export interface SoakWorld extends Cast, AsyncDisposable {
  readonly plane: ControlPlane;
  readonly azure: AzureProcess;
  readonly namespaces: readonly [string, string, string];
  startOperator(): Promise<OperatorProcess>;
  /** Gives the application a new secret, in Azure and in the namespace's Secret. */
  rotateSecret(namespace: string): Promise<void>;
}

/** What the operator calls itself in owner tags; startOperator's own. */
export const cluster = 'sandbox';

/**
 * Azure's times in milliseconds: short, so that many operations fit into an hour and two processors carry all of it.
 */
const times = { operationMs: 3_000, syncMs: 1_500, deleteMs: 2_000, updateMs: 500, homeDelayMs: 1_000, jitter: 1 };
/** The operator's settings as a pod of deploy/ has them. */
const env = { LEADER_ELECTION: 'true', LEASE_NAMESPACE: operatorNamespace, LEASE_NAME: operatorAccount };
const contosoApp = '30000000-0000-4000-8000-000000000003';

/** Starts everything. The operator is a copy of the program, which stays as it is whoever builds meanwhile. */
export async function soakWorld(objects: number, chance: Chance): Promise<SoakWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'acr-replication-soak-'));
  await using parts = new AsyncDisposableStack();
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const program = join(folder, 'main.js');
  await copyFile('dist/main.js', program);
  const plane = await startInstalledCluster();
  parts.defer(() => plane.stop());
  const { kube } = plane;
  const name = () => kube.createNamespace('soak');
  const namespaces = [await name(), await name(), await name()] as const;
  const cast = castOf(objects, [...namespaces], chance);
  const seeds = cast.registries.map(({ name, resourceGroup, subscriptionId, location }) => ({
    name,
    resourceGroup,
    subscriptionId,
    location,
  }));
  const azure = await startAzure({ cluster: plane, registries: seeds, latencyMs: 20 });
  parts.defer(() => azure.stop());
  const { control } = azure;
  await control.setTimes(times);
  const { roles, apps } = await control.state();
  await control.putApp({ clientId: contosoApp, secret: 'secret 0' });
  await control.setRoles([...roles, ...roles.map((role) => ({ ...role, clientId: contosoApp }))]);

  let rotations = 0;
  let secret = 'secret 0';
  const putSecret = async (namespace: string): Promise<void> => {
    const values = {
      AZURE_TENANT_ID: apps[0]?.tenantId ?? '',
      AZURE_CLIENT_ID: contosoApp,
      AZURE_CLIENT_SECRET: secret,
    };
    const metadata = { name: secretName, namespace };
    await kube.apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: values });
  };
  for (const namespace of namespaces) {
    await putSecret(namespace);
    for (const manifest of await readManifestFile('deploy/credentials/secret.yaml'))
      await kube.apply(JSON.parse(JSON.stringify(manifest).replaceAll('platform', namespace)) as typeof manifest);
  }
  const kept = parts.move();
  return {
    ...cast,
    plane,
    azure,
    namespaces,
    startOperator: () =>
      startOperator({ cluster: plane, azure, namespaces, tokenLifeSeconds: 24 * 3_600, program, env }),
    async rotateSecret() {
      rotations += 1;
      secret = `secret ${rotations}`;
      for (const one of namespaces) await putSecret(one); // then Azure, which refuses the old one from then on
      await control.putApp({ clientId: contosoApp, secret });
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
