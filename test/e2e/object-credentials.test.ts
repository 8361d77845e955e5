import { expect, test } from 'vitest';
import { selfSigned } from '../sandbox/certificates.ts';
import { contosoApp, credentialsWorld, goodSecret, tenantId, withinSecondsMs } from '../support/object-credentials.ts';

const regions = [{ location: 'uksouth' }];
const bySecret = { regions, credentialsRef: { name: 'azure-contoso' } };
const byAccount = { regions, credentialsRef: { serviceAccountName: 'contoso-replication' } };

test('a Secret decides who the operator is; broken it is noticed and mended it heals within seconds, the object untouched', async (t) => {
  const world = await credentialsWorld(t);
  await world.grant('secret');
  await world.putSecret(goodSecret);
  await world.start();
  const { metadata } = await world.apply('contoso', bySecret);
  await world.untilReady('contoso');

  await world.putSecret({ ...goodSecret, AZURE_CLIENT_SECRET: 'wrong-secret' });
  // A secret that was just made may be on its way for five minutes.
  const message = await world.untilReason('contoso', 'Retrying', /client secret is wrong/);
  expect(message).toContain(`Correct Secret azure-contoso in namespace ${world.namespace}.`);

  await world.putSecret({ ...goodSecret, AZURE_CLIENT_SECRET: 'contoso-secret\n' }); // as a file or echo makes it
  const healed = await world.until('contoso', 'Ready', ({ status }) => status?.phase === 'Ready', withinSecondsMs);
  expect(healed.metadata.generation).toBe(metadata.generation);

  const bad = [
    { values: { AZURE_CLIENT_SECRET: undefined }, says: /has no AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE\./ },
    { values: { AZURE_TENANT_ID: undefined, AZURE_CLIENT_ID: '' }, says: /no AZURE_TENANT_ID and no AZURE_CLIENT_ID/ },
    { values: { AZURE_CLIENT_ID: 'contoso-secret' }, says: /AZURE_CLIENT_ID of .* is no application/ },
    { values: { AZURE_TENANT_ID: contosoApp }, says: /There is no tenant \S+ in this cloud/ },
    { values: { AZURE_CLIENT_ID: tenantId }, reason: 'Retrying', says: /There is no application \S+ in tenant/ },
    { values: { AZURE_CLIENT_CERTIFICATE: 'no PEM' }, says: /AZURE_CLIENT_CERTIFICATE of .* holds no certificate/ },
  ];
  for (const { values, reason = 'AuthenticationFailed', says } of bad) {
    await world.putSecret({ ...goodSecret, ...values });
    await world.untilReason('contoso', reason, says);
  }
  await world.cluster.kube.delete(`/api/v1/namespaces/${world.namespace}/secrets/azure-contoso`);
  await world.untilReason('contoso', 'AuthenticationFailed', /There is no Secret azure-contoso in namespace/);
});

test('a Secret may hold a certificate and its key', async (t) => {
  const { key, cert } = await selfSigned();
  const other = await selfSigned();
  const world = await credentialsWorld(t, { certificate: cert });
  await world.grant('secret');
  await world.start();
  await world.putSecret({
    ...goodSecret,
    AZURE_CLIENT_SECRET: undefined,
    AZURE_CLIENT_CERTIFICATE: other.cert + other.key,
  });
  await world.apply('contoso', bySecret);
  await world.untilReason('contoso', 'Retrying', /certificate is not registered/);
  await world.putSecret({ ...goodSecret, AZURE_CLIENT_SECRET: undefined, AZURE_CLIENT_CERTIFICATE: cert + key });
  await world.untilReady('contoso');
});

test('a service account stands in for a secret by a token that Azure checks with the keys of the cluster', async (t) => {
  const world = await credentialsWorld(t, {});
  const { issuer } = world.cluster;
  const subject = `system:serviceaccount:${world.namespace}:contoso-replication`;
  await world.grant('service-account', { 'REPLACE-WITH-CLIENT-ID': contosoApp, 'REPLACE-WITH-TENANT-ID': tenantId });
  await world.start();
  await world.apply('contoso', byAccount);
  await world.untilReason('contoso', 'Retrying', /presents issuer/);

  await world.azure.control.putApp({
    clientId: contosoApp,
    federation: [
      { issuer: 'https://another.example', subject, jwks: { keys: [] } },
      { issuer, subject, jwks: await world.cluster.jwks() },
    ],
  });
  const account = `/api/v1/namespaces/${world.namespace}/serviceaccounts/contoso-replication`;
  const annotate = (value: string | null) =>
    world.cluster.kube.patch(account, { metadata: { annotations: { 'azure.workload.identity/client-id': value } } });
  await annotate(null);
  await world.untilReason('contoso', 'AuthenticationFailed', /has no azure.workload.identity\/client-id\./);
  await annotate(contosoApp);
  await world.untilReady('contoso');
});

test('without a grant the message says what is missing where; granted, it goes on by itself', async (t) => {
  const world = await credentialsWorld(t);
  await world.putSecret(goodSecret);
  await world.start();
  await world.apply('contoso', bySecret);
  const message = await world.untilReason('contoso', 'Forbidden');
  expect(message).toContain(
    `Kubernetes does not let the operator use Secret azure-contoso in namespace ${world.namespace}: it lacks list and watch on it.`,
  );
  expect(message).toContain('deploy/credentials');
  await world.grant('secret');
  await world.untilReady('contoso');

  // A grant that gives the account but not its tokens.
  await world.grant('service-account', {
    'REPLACE-WITH-CLIENT-ID': contosoApp,
    'REPLACE-WITH-TENANT-ID': tenantId,
    'serviceaccounts/token': 'serviceaccounts/nothing',
  });
  await world.apply('contoso', byAccount);
  await world.untilReason('contoso', 'Forbidden', /it lacks create on serviceaccounts\/token/);
});

test('a reference never crosses a namespace: a Secret of the same name elsewhere is not used', async (t) => {
  const world = await credentialsWorld(t);
  const elsewhere = await world.cluster.kube.createNamespace('elsewhere');
  await world.grant('secret', { [world.namespace]: elsewhere });
  await world.putSecret(goodSecret, 'azure-contoso', elsewhere);
  await world.grant('secret');
  await world.start();
  await world.apply('contoso', bySecret);
  await world.untilReason('contoso', 'AuthenticationFailed', /^There is no Secret azure-contoso in namespace e2e/);
  expect(await world.writes()).toEqual({ PUT: 0, PATCH: 0, DELETE: 0 });
});

test('two objects with two identities work on two registries side by side, each with its own rights only', async (t) => {
  const world = await credentialsWorld(t);
  const fabrikamApp = '40000000-0000-4000-8000-000000000004';
  const { control, subscriptionId } = world.azure;
  await control.putRegistry({ name: 'fabrikam', resourceGroup: 'registries', location: 'westeurope' });
  await control.putApp({ clientId: fabrikamApp, secret: 'fabrikam-secret' });
  const scope = (registry: string) =>
    `/subscriptions/${subscriptionId}/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/${registry}`;
  await control.setRoles([
    { clientId: contosoApp, scope: scope('contoso'), actions: ['*'] },
    { clientId: fabrikamApp, scope: scope('fabrikam'), actions: ['*'] },
  ]);
  await world.grant('secret');
  await world.grant('secret', { 'azure-contoso': 'azure-fabrikam' });
  await world.putSecret(goodSecret);
  await world.putSecret(
    { ...goodSecret, AZURE_CLIENT_ID: fabrikamApp, AZURE_CLIENT_SECRET: 'fabrikam-secret' },
    'azure-fabrikam',
  );
  await world.start();
  const registry = { name: 'fabrikam', resourceGroup: 'registries' };
  await world.apply('contoso', bySecret);
  await world.apply('fabrikam', { registry, regions, credentialsRef: { name: 'azure-fabrikam' } });
  await Promise.all([world.untilReady('contoso'), world.untilReady('fabrikam')]);
  expect(await world.locations('fabrikam')).toContain('uksouth');

  await world.apply('fabrikam', { registry, regions, credentialsRef: { name: 'azure-contoso' } });
  await world.untilReason(
    'fabrikam',
    'Retrying',
    /Grant the identity of Secret azure-contoso in namespace \S+ this action on the registry/,
  );
});
