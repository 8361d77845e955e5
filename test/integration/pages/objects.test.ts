import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { apiVersion, kind, plural, type RegistryReplication } from '../../../src/api/registryreplication.ts';
import { azureLogin } from '../../support/azure-login.ts';
import { controlPlane } from '../../support/cluster.ts';
import { logKubelet } from '../../support/kubelet.ts';
import { type OperatorWorld, operatorWorld } from '../../support/operator-world.ts';
import { namespaceController } from '../install/namespace-controller.ts';
import { commands, type Machine, machineOf, untyped } from './machine.ts';

const cluster = controlPlane();
const { kube } = cluster;
const object = (heading: string, nth = 0) => commands('docs/registryreplication.md', heading, nth);
const typed = (text: string) => ({ ...object('Example'), text: `${text}\n` });
const path = (name: string, namespace = 'platform') => `/apis/${apiVersion}/namespaces/${namespace}/${plural}/${name}`;
const registries = ['contoso', 'fabrikam'].map((name) => ({ name, resourceGroup: 'registries', location: 'eastus' }));

let world: OperatorWorld;
let machine: Machine;
const ends: (() => Promise<void>)[] = [];
const lifetime = { onTestFinished: (end: () => Promise<void>) => ends.unshift(end) };

/** The operator as deploy/ installs it, with all the rights and the whole cluster to look after; the objects of one registry in turn. */
beforeAll(async () => {
  const stop = new AbortController();
  const controller = namespaceController(kube, stop.signal);
  ends.unshift(async () => {
    stop.abort();
    await controller;
  });
  world = await operatorWorld(lifetime, { registries });
  machine = await machineOf(lifetime, {
    kubeconfig: cluster.adminKubeconfig,
    env: { ...azureLogin(world.azure), TENANT: 't', CLIENT: 'c', SECRET: 's' },
    standIns: { az: 'echo the activity log of Azure' },
  });
  await machine.type(commands('docs/install.md', 'Kustomize'));
  await machine.type(typed('kubectl create namespace platform'));
  await world.start({ WATCH_NAMESPACES: undefined });
});
afterAll(async () => {
  await machine.type(
    typed('kubectl delete acrrep --all --all-namespaces; kubectl delete -k deploy/ --ignore-not-found'),
  );
  for (const end of ends) await end();
});

async function until(what: string, holds: (seen: RegistryReplication) => boolean): Promise<void> {
  const options = { deadlineMs: 60_000, what };
  await kube.waitFor<RegistryReplication>(path('contoso'), (seen) => seen !== undefined && holds(seen), options);
}

describe('docs/registryreplication.md, from top to bottom', () => {
  test('the example becomes Ready, and each replica is told', async () => {
    await machine.type(object('Example'));
    await machine.type(object('Wait until it is done'));
    expect(await machine.type(object('See where each replica stands'))).toBe(
      ['brazilsouth', 'eastus', 'japaneast', 'westeurope'].map((r) => `${r}\tSucceeded\tReady\n`).join(''),
    );
  });

  test('it is looked at now', async () => {
    await machine.type(object('Have it looked at now'));
    await until('the look', ({ metadata, status }) => {
      const asked = metadata.annotations?.['acr-replication.dev/requested-at'];
      return asked !== undefined && status?.lastHandledRequest === asked;
    });
  });

  test('it says what would change', async () => {
    await world.azure.control.deleteReplica({ registry: 'contoso', region: 'japaneast' });
    await machine.type(object('See what would change'));
    await until('a plan', ({ status }) => status?.plan?.join() === '+japaneast');
    expect(await machine.type(object('See what would change'))).toContain('["+japaneast"]');
    await machine.type(typed(`kubectl patch acrrep -n platform contoso --type merge -p '{"spec":{"mode":null}}'`));
    await machine.type(object('Wait until it is done'));
  });

  test('work on it stops and goes on', async () => {
    await machine.type(object('Stop work on it'));
    await until('the resumption', ({ metadata, spec, status }) => {
      return spec.suspend === false && status?.observedGeneration === metadata.generation && status.phase === 'Ready';
    });
  });

  test('a region is out of routing and back', async () => {
    const output = await machine.type(object('Take a region out of routing'));
    expect(output).toMatch(/japaneast of contoso goes out of routing, until .*Z\n/);
    expect(output).toContain('japaneast of contoso goes back to the routing that it has without a drain');
    await until('no drain', ({ spec, status, metadata }) => {
      const isDrained = status?.replicas?.some(({ drained }) => drained !== undefined);
      return spec.drains === undefined && isDrained === false && status?.observedGeneration === metadata.generation;
    });
  });

  test('docs/gitops.md shows who states a drain', async () => {
    const output = await machine.type(commands('docs/gitops.md', 'Drains'));
    expect(output).toMatch(/\nacr-replication-drain\t{.*"k:{\\"location\\":\\"japaneast\\"}"/);
  });

  test('a replica is made anew', async () => {
    await machine.type(object('Have a replica made anew'));
    await until('the request to be handled', ({ status }) => status?.lastHandledRecreate === 'japaneast');
    await machine.type(object('Have a replica made anew', 1));
    await machine.type(object('Wait until it is done'));
  });

  test('another identity may be given', async () => {
    await machine.type(object('Another identity for one object'));
    await machine.type(object('Another identity for one object', 1));
    const bindings = await kube.list('/apis/rbac.authorization.k8s.io/v1/namespaces/platform/rolebindings');
    expect(bindings.map(({ metadata }) => metadata.name)).toEqual([
      'acr-replication-azure-contoso',
      'acr-replication-contoso-replication',
    ]);
  });

  test('docs/troubleshooting.md and docs/gitops.md show and wait for it', async () => {
    expect(await machine.type(commands('docs/troubleshooting.md', 'Troubleshooting'))).toMatch(/InSync[^]*Events:/);
    expect(await machine.type(commands('docs/gitops.md', 'GitOps', 1))).toContain('condition met');
  });

  test('from an id to its lines, and to Azure', async (t) => {
    const { metadata } = (await kube.get<RegistryReplication>(path('contoso'))) ?? {};
    const ids = ['390109b8-ca90-4dd5-899c-000000000003', `${metadata?.uid?.slice(0, 24)}000000000001`, 'another'];
    const kubelet = await logKubelet(cluster, t);
    const lines = ids.map((correlationId) => JSON.stringify({ message: 'azure refused', correlationId }));
    await kubelet.pod('acr-replication-system', 'operator-0', lines);
    const told = await machine.type(commands('docs/monitoring.md', 'From an id to its lines'));
    expect(told).toBe(`${lines[0]}\nthe activity log of Azure\n`);
    expect(await machine.type(commands('docs/monitoring.md', 'From an id to its lines', 1))).toBe(`${lines[1]}\n`);
    await kube.request('DELETE', '/api/v1/namespaces/acr-replication-system/pods/operator-0', {
      gracePeriodSeconds: 0,
    });
  });

  test('its replicas are let go', async () => {
    await machine.type(object('Let go of the replicas'));
    expect(await world.locations('contoso')).toEqual(['brazilsouth', 'eastus', 'japaneast', 'westeurope']);
  });
});

test('docs/adoption.md: a registry with replicas is taken over without a write, and given back', async () => {
  const { control } = world.azure;
  await control.createReplica({ registry: 'contoso', location: 'uksouth', regionEndpointEnabled: false });
  const before = await world.writes();
  const locations = await world.locations('contoso');
  await machine.type(commands('docs/adoption.md', 'A manifest from what is there'));
  const answer = await machine.type(commands('docs/adoption.md', 'A manifest from what is there', 1));
  expect(answer).toContain('condition met');
  const { status } = (await kube.get<RegistryReplication>(path('contoso', 'default'))) ?? {};
  const managed = status?.replicas?.map(({ location, managed: how }) => `${location} ${how}`);
  expect(managed).toEqual(locations.map((l) => `${l} ${l === 'eastus' ? 'Home' : 'Adopted'}`));
  expect(await world.writes()).toEqual(before);
  await machine.type(commands('docs/adoption.md', 'Giving a registry back'));
  expect(await world.locations('contoso')).toEqual(locations);
  expect(await world.writes()).toEqual(before);
});

test('docs/adoption.md: what Terraform has becomes a manifest that writes nothing yet', async () => {
  const id = '/subscriptions/s/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso';
  const values = {
    id: id.replace('/s/', `/${world.azure.subscriptionId}/`),
    name: 'contoso',
    resource_group_name: 'registries',
    location: 'eastus',
    sku: 'Premium',
    georeplications: [{ location: 'uksouth', regional_endpoint_enabled: true, tags: {} }],
  };
  const resource = { address: 'r.main', mode: 'managed', type: 'azurerm_container_registry', name: 'main', values };
  const state = {
    format_version: '1.0',
    terraform_version: '1.13.4',
    values: { root_module: { resources: [resource] } },
  };
  await writeFile(join(machine.folder, 'state.json'), JSON.stringify(state));
  await machine.type(commands('docs/adoption.md', 'From Terraform, Bicep or Azure Service Operator'));
  const written = parse(await readFile(join(machine.folder, 'contoso.yaml'), 'utf8')) as RegistryReplication;
  expect(written.spec).toMatchObject({ mode: 'Observe', prune: 'None', deletionPolicy: 'Retain' });
  expect(written.spec.regions).toEqual([expect.objectContaining({ location: 'uksouth' })]);
});

test('docs/gitops.md: Argo CD learns the health and the actions', async () => {
  await machine.type(typed('kubectl create namespace argocd; kubectl create configmap argocd-cm -n argocd'));
  await machine.type(commands('docs/gitops.md', 'GitOps'));
  const config = await kube.get('/api/v1/namespaces/argocd/configmaps/argocd-cm');
  expect(Object.keys(config?.['data'] ?? {})).toEqual([
    'resource.customizations.actions.acr-replication.dev_RegistryReplication',
    'resource.customizations.health.acr-replication.dev_RegistryReplication',
  ]);
  await machine.type(typed('kubectl delete namespace argocd'));
});

test('docs/monitoring.md: Prometheus may read the metrics', async () => {
  await machine.type(commands('docs/monitoring.md', 'Metrics and alerts'));
  const review = await kube.request<{ readonly status: { readonly allowed: boolean } }>(
    'POST',
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: 'system:serviceaccount:monitoring:prometheus-k8s',
        nonResourceAttributes: { path: '/metrics', verb: 'get' },
      },
    },
  );
  expect(review.status.allowed).toBe(true);
  await machine.type(typed('kubectl delete clusterrolebinding prometheus-acr-replication'));
});

describe('docs/kubernetes.md: a watched namespace is deleted', () => {
  const section = (nth: number) => commands('docs/kubernetes.md', 'Deleting a watched namespace', nth);
  const spec = { registry: { name: 'fabrikam', resourceGroup: 'registries' }, regions: [{ location: 'japaneast' }] };
  const fabrikam = { apiVersion, kind, metadata: { name: 'contoso', namespace: 'platform' }, spec };

  test('the objects first', async () => {
    await kube.apply(fabrikam);
    await until('Ready', ({ status }) => status?.phase === 'Ready');
    await machine.type(section(0));
    expect(await world.locations('fabrikam')).toEqual(['eastus']);
  });

  test('and with the role bound in the cluster a stuck one comes free', async () => {
    await kube.apply(fabrikam);
    await until('a finalizer', ({ metadata }) => metadata.finalizers?.length === 1);
    await machine.type(typed('kubectl delete namespace platform --wait=false'));
    expect(await machine.type(section(1))).toContain('clusterrolebinding.rbac.authorization.k8s.io');
    expect(await kube.get('/api/v1/namespaces/platform')).toBeUndefined();
  });

  test('or with the finalizer taken off by hand', async () => {
    await machine.type(typed('kubectl create namespace platform'));
    await kube.apply({ ...fabrikam, metadata: { ...fabrikam.metadata, finalizers: ['example.com/stuck'] } });
    await vi.waitFor(async () => {
      await kube.delete(path('contoso'));
      expect((await kube.get<RegistryReplication>(path('contoso')))?.metadata.deletionTimestamp).toBeDefined();
    });
    await machine.type(section(2));
    await kube.waitForGone(path('contoso'));
    await machine.type(typed('kubectl delete namespace platform'));
  });
});

test('every block that the table gives to this file was typed', () => {
  expect(untyped('test/integration/pages/objects.test.ts')).toEqual([]);
});
