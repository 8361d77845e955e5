import type { Access } from '../../sandbox/cluster-access.ts';
import { DEFAULTS, type SeedApp } from '../../sandbox/emulator/settings.ts';
import { readManifestFile } from '../../sandbox/manifests.ts';
import { goodSecret, goodServiceAccount } from './values.ts';

const clientId = '30000000-0000-4000-8000-000000000003';
const clientSecret = 'contoso-secret';

/** The application that objects may name in credentialsRef: it has a secret, and trusts a service account, too. */
export async function objectApp(cluster: Access, namespace: string): Promise<SeedApp> {
  return {
    clientId,
    secret: clientSecret,
    federation: {
      issuer: cluster.issuer,
      subject: `system:serviceaccount:${namespace}:${goodServiceAccount}`,
      jwks: await cluster.jwks(),
    },
  };
}

/** Lets the operator use what objects name: what is there, and what is not. */
export async function grant({ kube }: Access, namespace: string): Promise<void> {
  const names = {
    secret: [goodSecret, 'azure-missing'],
    'service-account': [goodServiceAccount, 'missing-replication'],
  };
  for (const [example, all] of Object.entries(names)) {
    for (const name of all) {
      for (const manifest of await readManifestFile(`deploy/credentials/${example}.yaml`)) {
        const text = JSON.stringify(manifest)
          .replaceAll('platform', namespace)
          .replaceAll(all[0] ?? '', name)
          .replaceAll('REPLACE-WITH-CLIENT-ID', clientId)
          .replaceAll('REPLACE-WITH-TENANT-ID', DEFAULTS.tenantId);
        await kube.apply(JSON.parse(text) as typeof manifest);
      }
    }
  }
}

/** Puts back the credentials that objects may name: the Secret as it was, and no ServiceAccount but the good one. */
export async function goodCredentials({ kube }: Access, namespace: string): Promise<void> {
  await kube.delete(`/api/v1/namespaces/${namespace}/serviceaccounts/missing-replication`);
  await kube.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: goodSecret, namespace },
    stringData: {
      AZURE_TENANT_ID: DEFAULTS.tenantId,
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: clientSecret,
    },
  });
}
