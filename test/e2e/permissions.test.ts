import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { apiVersion, kind, plural, type RegistryReplication } from '../../src/api/registryreplication.ts';
import { startControlPlane } from '../sandbox/apiserver.ts';
import type { AuditEvent } from '../sandbox/cluster-access.ts';
import { startEmulator } from '../sandbox/emulator/emulator.ts';
import { DEFAULTS } from '../sandbox/emulator/settings.ts';
import { readManifestFile } from '../sandbox/manifests.ts';
import { federatedApp, operatorAccount, operatorNamespace, startOperator } from '../sandbox/operator.ts';
import { grant } from '../support/object-credentials.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** What the roles in files grant, as `group/resource verb`. */
function granted(...files: readonly string[]): string[] {
  const manifests = files.flatMap((file) => parseAllDocuments(readFileSync(file, 'utf8')).map((d) => d.toJS()));
  const rules = (manifests as { readonly rules?: readonly Rule[] }[]).flatMap((manifest) => manifest.rules ?? []);
  const all = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((g) => resources.flatMap((r) => verbs.map((v) => `${g}/${r} ${v}`))),
  );
  return [...new Set(all)].toSorted();
}

function asked({ objectRef: { apiGroup = '', resource = '', subresource } = {}, verb }: AuditEvent): string {
  return `${apiGroup}/${resource}${subresource === undefined ? '' : `/${subresource}`} ${verb}`;
}

interface Installation {
  readonly watchListEnabled: boolean;
  /** With deploy/namespaced: the role counts in the object's namespace only. */
  readonly namespaced: boolean;
}

/** Creates, edits and deletes an object; what the operator asked of the API server meanwhile. */
async function requestsOfAWholeLife({ watchListEnabled, namespaced }: Installation): Promise<readonly AuditEvent[]> {
  await using stack = new AsyncDisposableStack();
  const cluster = await startControlPlane({ auditLog: true, watchListEnabled });
  stack.defer(() => cluster.stop());
  const { kube } = cluster;
  await kube.installCrds('crds');
  await kube.applyKustomization('deploy', (manifest) =>
    namespaced && manifest.kind === 'ClusterRoleBinding' ? undefined : manifest,
  );
  const namespace = await kube.createNamespace('permissions');
  if (namespaced) {
    for (const manifest of await readManifestFile('deploy/namespaced/watched-namespaces.yaml')) {
      await kube.apply({ ...manifest, metadata: { ...manifest.metadata, namespace } });
    }
  }
  const { tenantId, clientId, clientSecret } = DEFAULTS;
  const own = await federatedApp(cluster);
  const subject = `system:serviceaccount:${namespace}:contoso-replication`;
  const federation = [own.federation ?? []].flat().flatMap((trusted) => [trusted, { ...trusted, subject }]);
  const azure = await startEmulator({ operationMs: 300, deleteMs: 300, apps: [{ ...own, federation }] });
  stack.defer(() => azure.stop());
  // One works, the other stands by.
  const env = { LEADER_ELECTION: 'true', LEASE_NAMESPACE: operatorNamespace };
  const named = namespaced ? { ...env, LEASE_NAME: operatorAccount } : env; // as deploy/namespaced does
  const namespaces = namespaced ? [namespace] : [];
  const start = () => startOperator({ cluster, azure, namespaces, env: named });
  const operators = [await start(), await start()];
  for (const operator of operators) stack.defer(() => operator.kill());

  const names = { platform: namespace, 'REPLACE-WITH-CLIENT-ID': clientId, 'REPLACE-WITH-TENANT-ID': tenantId };
  for (const example of ['secret', 'service-account'] as const) await grant(kube, example, names);
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'azure-contoso', namespace },
    stringData: { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: clientSecret },
  };
  await kube.apply(secret);
  const path = `/apis/${apiVersion}/namespaces/${namespace}/${plural}/contoso`;
  const lives = [
    { location: 'japaneast' },
    { location: 'uksouth', credentialsRef: { name: 'azure-contoso' } },
    { location: 'uksouth', credentialsRef: { serviceAccountName: 'contoso-replication' } },
  ];
  for (const { location, ...rest } of lives) {
    const registry = { name: 'contoso', resourceGroup: 'registries' };
    await kube.apply({
      apiVersion,
      kind,
      metadata: { name: 'contoso', namespace },
      spec: { registry, regions: [{ location }], ...rest },
    });
    await kube.waitFor<RegistryReplication>(
      path,
      (object) => object?.status?.phase === 'Ready' && object.status.observedGeneration === object.metadata.generation,
      { deadlineMs: 30_000, what: 'Ready' },
    );
  }
  await kube.delete(path);
  await kube.waitForGone(path);
  for (const operator of operators) await operator.stop();
  const account = `system:serviceaccount:${operatorNamespace}:${operatorAccount}`;
  const events = await cluster.auditEvents();
  return events.filter(({ user }) => user.username === account);
}

test('over a whole life, with WatchList and without, in all namespaces and in one, the operator uses every verb of its roles and is refused none', async () => {
  const requests = [
    ...(await requestsOfAWholeLife({ watchListEnabled: true, namespaced: true })),
    ...(await requestsOfAWholeLife({ watchListEnabled: false, namespaced: false })),
  ];
  expect(requests.filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);
  expect([...new Set(requests.map(asked))].toSorted()).toEqual(
    granted(
      'deploy/cluster-role.yaml',
      'deploy/role.yaml',
      'deploy/credentials/secret.yaml',
      'deploy/credentials/service-account.yaml',
    ),
  );
  const names = requests
    .filter(({ objectRef }) => objectRef?.apiGroup === undefined && objectRef?.resource !== 'events')
    .map(({ objectRef }) => objectRef?.name);
  expect(new Set(names)).toEqual(new Set(['azure-contoso', 'contoso-replication']));
});
