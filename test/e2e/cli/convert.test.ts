import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { KubeObject } from '../../sandbox/manifests.ts';
import { plugin } from '../../support/plugin.ts';
import { scene, sharedWorld } from '../../support/registry-scene.ts';

const world = sharedWorld();
const subscription = '00000000-0000-0000-0000-000000000000';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acr-replication-convert-'));
});
afterAll(() => rm(folder, { recursive: true }));

const replicas = [
  { location: 'uksouth', regionEndpointEnabled: false, tags: { Team: 'a' } },
  { location: 'japaneast', zoneRedundancy: 'Enabled' },
] as const;

/** What `terraform show -json` prints of a registry with these replicas. */
const stateOf = (name: string, georeplications: readonly object[]) => ({
  format_version: '1.0',
  values: {
    root_module: {
      resources: [
        {
          address: 'azurerm_container_registry.main',
          mode: 'managed',
          type: 'azurerm_container_registry',
          values: {
            id: `/subscriptions/${subscription}/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/${name}`,
            location: 'eastus',
            sku: 'Premium',
            georeplications,
          },
        },
      ],
    },
  },
});
const blocks = [
  { location: 'uksouth', regional_endpoint_enabled: false, zone_redundancy_enabled: false, tags: { Team: 'a' } },
  { location: 'japaneast', regional_endpoint_enabled: true, zone_redundancy_enabled: true, tags: {} },
];

async function convertedObject(name: string, georeplications: readonly object[]): Promise<RegistryReplication> {
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify(stateOf(name, georeplications)));
  const { cluster, namespace } = world();
  const { code, out } = await plugin(['convert', '-f', file], { kubeconfig: cluster.adminKubeconfig, namespace });
  expect(code).toBe(0);
  const [object] = loadAll(out) as unknown as readonly RegistryReplication[];
  if (object === undefined) throw new Error('convert printed no object');
  return object;
}

const apply = (object: object) => world().cluster.kube.applyAll([object as KubeObject]);
const hasLooked = ({ metadata, status }: RegistryReplication) => status?.observedGeneration === metadata.generation;

test('what Terraform has is taken over without a write, before and after the mode is taken out', async () => {
  const name = 'convertsame';
  const it = await scene(world(), name, { replicas });
  const before = await world().azure.control.replicas(name);
  const object = await convertedObject(name, blocks);
  await apply(object);
  const { status } = await it.until('a first look', hasLooked);
  expect(status?.plan ?? []).toEqual([]);
  await it.untilReady();

  const { mode: _mode, ...spec } = object.spec;
  await apply({ ...object, spec });
  await it.until('a look without the mode', (seen) => seen.spec.mode === undefined && hasLooked(seen));
  await it.untilReady();
  expect(await it.writes()).toEqual([]);
  expect(await world().azure.control.replicas(name)).toEqual(before);
});

test('what Azure has otherwise is told and left alone in mode Observe', async () => {
  const name = 'convertother';
  const it = await scene(world(), name, { replicas });
  await apply(await convertedObject(name, [...blocks, { location: 'westeurope', tags: {} }]));
  const { status } = await it.until('a first look', hasLooked);
  expect(status?.plan).toEqual(['+westeurope']);
  expect(await it.writes()).toEqual([]);
});
