import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, fetch as fetchWith } from 'undici';
import { type TestContext, test } from 'vitest';
import { parse } from 'yaml';
import { apiVersion, kind } from '../../../src/api/registryreplication.ts';
import { createAuthority, issueServerCertificate } from '../../sandbox/certificates.ts';
import { access } from '../../sandbox/cluster-access.ts';
import { startInstalledCluster } from '../../sandbox/installed-cluster.ts';
import { operatorAccount, operatorNamespace } from '../../sandbox/operator.ts';
import { expressionsOf, filledIn } from '../../support/dashboard.ts';
import { controlledBy, localPull, pullRegion } from '../../support/local-pull.ts';
import { type OperatorWorld, operatorWorld } from '../../support/operator-world.ts';
import { type Jobs, startPrometheus } from '../../support/prometheus.ts';
import { unreadForMinutes } from '../../support/registry-scene.ts';

const rulesFile = 'deploy/chart/files/alerts.yaml';
const soon = { timeout: 60_000, interval: 250 };
const lease = { LEADER_ELECTION: 'true', LEASE_NAMESPACE: operatorNamespace, LEASE_NAME: 'acr-replication-operator' };

async function prometheus({ onTestFinished }: TestContext, jobs: Jobs) {
  const started = await startPrometheus(jobs, [rulesFile]);
  onTestFinished(() => started.stop());
  return started;
}

test('every query of the dashboard has data, and every alert can be evaluated', async (t) => {
  // So many regions, and so small a share of Azure's limits, that some calls wait their turn.
  const plane = await startInstalledCluster(); // its own, for policies are the cluster's
  t.onTestFinished(() => plane.stop());
  const world = await operatorWorld(t, { syncMs: 3_000 }, { cluster: access(plane) });
  const pull = await pulling(world);
  const operator = await world.start({ ...lease, ARM_QUOTA_SHARE: '0.05' });
  const { url, caPem, adminToken } = world.cluster;
  const apiserver = {
    url: `${url}/metrics`,
    settings: { tls_config: { ca: caPem }, authorization: { credentials: adminToken } },
  };
  const server = await prometheus(t, { operator: { url: operator.metricsUrl }, apiserver });
  await t.expect.poll(() => server.query('acr_replication_objects'), soon).not.toHaveLength(0);
  const many =
    'australiaeast brazilsouth canadacentral centralindia francecentral germanywestcentral japaneast koreacentral norwayeast uksouth westeurope westus2';
  await world.apply('contoso', {
    regions: many.split(' ').map((location) => ({ location })),
    readyWhen: 'Provisioned',
  });

  const dashboard = readFileSync('deploy/chart/files/dashboard.json', 'utf8');
  const empty = new Set(expressionsOf(dashboard).map(({ panel, expr }) => `${panel}: ${expr}`));
  const look = async () => {
    await pull();
    for (const { panel, expr } of expressionsOf(dashboard)) {
      const name = `${panel}: ${expr}`;
      if (!empty.has(name)) continue;
      const samples = await server.query(filledIn(expr, { rate: '1m', range: '1m' }));
      if (samples.some(({ value }) => !Number.isNaN(value))) empty.delete(name);
    }
    return [...empty];
  };
  await t.expect.poll(look, soon).toEqual([]);

  interface Groups {
    readonly groups: readonly {
      readonly rules: readonly { readonly health?: string; readonly lastError?: string }[];
    }[];
  }
  const rulesIn = ({ groups }: Groups) => groups.flatMap(({ rules }) => rules);
  const evaluated = async () =>
    rulesIn(await server.get<Groups>('/api/v1/rules')).map(({ health, lastError = '' }) => `${health}${lastError}`);
  const written = rulesIn(parse(readFileSync(rulesFile, 'utf8')) as Groups);
  await t.expect.poll(evaluated, soon).toEqual(written.map(() => 'ok'));
  t.expect(await server.query('ALERTS{alertstate="firing"}')).toEqual([]);

  // What needs a person makes its alert wait for its time.
  await world.apply('again', { regions: [{ location: 'japaneast' }] });
  await world.apply('lost', {
    registry: { name: 'missing', resourceGroup: 'registries' },
    regions: [{ location: 'japaneast' }],
  });
  await unreadForMinutes(world, 'lost');
  const pending = async () =>
    (await server.query('ALERTS{alertstate="pending"}'))
      .map(({ labels: { alertname, reason } }) => `${alertname} ${reason}`)
      .toSorted();
  await t.expect
    .poll(pending, soon)
    .toEqual(['AcrReplicationConflict RegistryClaimed', 'AcrReplicationStalled RegistryNotFound']);
});

/**
 * Before an operator starts, which would write its own status: gives the cluster a policy for local pull, and an object
 * whose replica serves. The function makes a Pod that pulls from there.
 */
async function pulling(world: OperatorWorld): Promise<() => Promise<unknown>> {
  const { cluster, namespace } = world;
  const { kube } = cluster;
  const shop = await kube.createNamespace('shop');
  await kube.createServiceAccount(shop, 'default');
  const selector = { matchLabels: { 'kubernetes.io/metadata.name': shop } };
  const named = `${namespace}-local-pull`;
  const { policy, binding } = await localPull(named, { namespace, name: 'pulled' }, selector);
  const registry = { name: 'pulled', resourceGroup: 'registries' };
  const spec = { registry, regions: [{ location: pullRegion }], suspend: true }; // an operator leaves the replicas in its status
  await kube.apply({ apiVersion, kind, metadata: { name: 'pulled', namespace }, spec });
  const conditions = (policy['spec'] as { readonly matchConditions: readonly { readonly name: string }[] })
    .matchConditions;
  const matchConditions = conditions.filter(({ name }) => name !== 'looked-after');
  await kube.applyAll([{ ...policy, spec: { ...(policy['spec'] as object), matchConditions } }, binding]);
  const replica = { location: pullRegion, provisioningState: 'Succeeded', status: 'Ready' };
  const status = {
    observedGeneration: 1,
    registry: { loginServer: 'pulled.azurecr.io' },
    replicas: [{ ...replica, endpoint: `pulled.${pullRegion}.geo.azurecr.io` }],
  };
  await kube.patch(`${world.path('pulled')}/status`, { status });
  const containers = [{ name: 'main', image: 'pulled.azurecr.io/app' }];
  const pod = { metadata: { generateName: 'pod-', ...controlledBy('apps/v1', 'ReplicaSet') }, spec: { containers } };
  return () => kube.request('POST', `/api/v1/namespaces/${shop}/pods`, pod, { query: { dryRun: 'All' } });
}

test('a metrics server that requires a token lets Prometheus in over TLS, and nobody else', async (t) => {
  const world = await operatorWorld(t);
  const { tokenOf } = await readers(world);
  const dir = await mkdtemp(join(tmpdir(), 'acr-replication-metrics-tls-'));
  t.onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const authority = await createAuthority('Metrics CA');
  const { certPem, keyPem } = await issueServerCertificate(authority);
  const file = (name: string) => join(dir, name);
  const tokens = { allowed: await tokenOf('prometheus'), powerless: await tokenOf('somebody'), invented: 'invented' };
  await Promise.all([
    writeFile(file('tls.crt'), certPem),
    writeFile(file('tls.key'), keyPem),
    writeFile(file('ca.crt'), authority.certPem),
    ...Object.entries(tokens).map(([name, token]) => writeFile(file(name), token)),
  ]);
  const operator = await world.start({ METRICS_REQUIRE_TOKEN: 'true', METRICS_TLS_DIR: dir });
  const url = operator.metricsUrl.replace('http:', 'https:');
  const tls_config = { ca_file: file('ca.crt') };
  const server = await prometheus(t, {
    nobody: { url, settings: { tls_config } },
    ...Object.fromEntries(
      Object.keys(tokens).map((name) => [
        name,
        { url, settings: { tls_config, authorization: { credentials_file: file(name) } } },
      ]),
    ),
  });
  interface Target {
    readonly labels: { readonly job: string };
    readonly health: string;
    readonly lastError: string;
  }
  const targets = async () => {
    const { activeTargets } = await server.get<{ activeTargets: readonly Target[] }>('/api/v1/targets');
    return Object.fromEntries(
      activeTargets.map(({ labels, health, lastError }) => [labels.job, /status (\d+)/.exec(lastError)?.[1] ?? health]),
    );
  };
  await t.expect.poll(targets, soon).toEqual({ nobody: '401', allowed: 'up', powerless: '403', invented: '401' });
  await t.expect.poll(() => server.query('acr_replication_build_info{job="allowed"}'), soon).toHaveLength(1);

  // A flood of invented tokens reaches the API server a few times only, and keeps out nobody who is known.
  const dispatcher = new Agent({ connect: { ca: authority.certPem }, connections: 20 });
  t.onTestFinished(() => dispatcher.close());
  const status = async (token: string) =>
    (await fetchWith(url, { dispatcher, headers: { authorization: `Bearer ${token}` } })).status;
  const reviews = async () =>
    (await world.cluster.auditEvents()).filter(
      ({ objectRef, stage }) => objectRef?.resource === 'tokenreviews' && stage === 'ResponseComplete',
    ).length;
  const before = await reviews();
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => status(`invented-${i}`)));
  t.expect(new Set(answers)).toEqual(new Set([401, 429]));
  t.expect(await status(tokens.allowed)).toBe(200);
  t.expect((await reviews()) - before).toBeLessThan(20);
  await operator.stop();
  for (const token of Object.values(tokens)) t.expect(operator.output()).not.toContain(token);
});

test('a token without TLS is possible, and warned of', async (t) => {
  const world = await operatorWorld(t);
  const { tokenOf } = await readers(world);
  const operator = await world.start({ METRICS_REQUIRE_TOKEN: 'true' });
  const status = async (headers: Readonly<Record<string, string>>) =>
    (await fetch(operator.metricsUrl, { headers })).status;
  t.expect(await status({})).toBe(401);
  t.expect(await status({ authorization: `Bearer ${await tokenOf('prometheus')}` })).toBe(200);
  t.expect(operator.log()).toContainEqual(
    t.expect.objectContaining({
      level: 'warn',
      message: 'tokens for /metrics cross the network in the clear',
      because: 'METRICS_REQUIRE_TOKEN without METRICS_TLS_DIR',
    }),
  );
});

/** What the chart makes with metrics.requireToken, and service accounts in the world's namespace. */
async function readers({ cluster: { kube }, namespace }: OperatorWorld) {
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' };
  const bind = async (name: string, rules: readonly object[], subject: { name: string; namespace: string }) => {
    const metadata = { name: `${namespace}-${name}` };
    await kube.apply({ ...rbac, kind: 'ClusterRole', metadata, rules });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name };
    const subjects = [{ kind: 'ServiceAccount', ...subject }];
    await kube.apply({ ...rbac, kind: 'ClusterRoleBinding', metadata, roleRef, subjects });
  };
  await bind(
    'metrics-auth',
    [
      { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
      { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
    ],
    { name: operatorAccount, namespace: operatorNamespace },
  );
  for (const name of ['prometheus', 'somebody']) await kube.createServiceAccount(namespace, name);
  const reader = [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }];
  await bind('metrics-reader', reader, { name: 'prometheus', namespace });
  return { tokenOf: (serviceAccount: string) => kube.tokenFor({ namespace, serviceAccount }) };
}
