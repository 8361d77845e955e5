import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { apiVersion, kind, plural, type RegistryReplication } from '../../src/api/registryreplication.ts';
import type { AuditEvent } from '../sandbox/access.ts';
import { startControlPlane } from '../sandbox/apiserver.ts';
import { startEmulator } from '../sandbox/emulator/emulator.ts';
import { federatedApp, operatorAccount, operatorNamespace, startOperator } from '../sandbox/operator.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** What deploy/ grants, as `group/resource verb`. */
function granted(): string[] {
  const role = parse(readFileSync('deploy/cluster-role.yaml', 'utf8')) as { readonly rules: readonly Rule[] };
  const all = role.rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((g) => resources.flatMap((r) => verbs.map((v) => `${g}/${r} ${v}`))),
  );
  return all.toSorted();
}

function asked({ objectRef: { apiGroup = '', resource = '', subresource } = {}, verb }: AuditEvent): string {
  return `${apiGroup}/${resource}${subresource === undefined ? '' : `/${subresource}`} ${verb}`;
}

/** Creates, edits and deletes an object; what the operator asked of the API server meanwhile. */
async function requestsOfAWholeLife(watchListEnabled: boolean): Promise<readonly AuditEvent[]> {
  await using stack = new AsyncDisposableStack();
  const cluster = await startControlPlane({ auditLog: true, watchListEnabled });
  stack.defer(() => cluster.stop());
  const { kube } = cluster;
  await kube.installCrds('crds');
  await kube.applyKustomization('deploy');
  const azure = await startEmulator({ operationMs: 300, deleteMs: 300, apps: [await federatedApp(cluster)] });
  stack.defer(() => azure.stop());
  const operator = await startOperator({ cluster, azure });
  stack.defer(() => operator.kill());

  const namespace = await kube.createNamespace('permissions');
  const path = `/apis/${apiVersion}/namespaces/${namespace}/${plural}/contoso`;
  for (const location of ['japaneast', 'uksouth']) {
    const registry = { name: 'contoso', resourceGroup: 'registries' };
    await kube.apply({
      apiVersion,
      kind,
      metadata: { name: 'contoso', namespace },
      spec: { registry, regions: [{ location }] },
    });
    await kube.waitFor<RegistryReplication>(
      path,
      (object) => object?.status?.phase === 'Ready' && object.status.observedGeneration === object.metadata.generation,
      { deadlineMs: 30_000, what: 'Ready' },
    );
  }
  await kube.delete(path);
  await kube.waitForGone(path);
  await operator.stop();
  const account = `system:serviceaccount:${operatorNamespace}:${operatorAccount}`;
  const events = await cluster.auditEvents();
  return events.filter(({ user }) => user.username === account);
}

test('over a whole life, with WatchList and without, the operator uses every verb of its role and is refused none', async () => {
  const requests = [...(await requestsOfAWholeLife(true)), ...(await requestsOfAWholeLife(false))];
  expect(requests.filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);
  expect([...new Set(requests.map(asked))].toSorted()).toEqual(granted());
});
