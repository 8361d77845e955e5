import { loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { ReplicaChange } from '../../sandbox/emulator/control.ts';
import type { FaultEffect } from '../../sandbox/emulator/fault-rules.ts';
import type { SeedReplica } from '../../sandbox/emulator/settings.ts';
import type { KubeObject } from '../../sandbox/manifests.ts';
import { azureLogin } from '../../support/azure-login.ts';
import { plugin } from '../../support/plugin.ts';
import { scene, sharedWorld } from '../../support/registry-scene.ts';

const world = sharedWorld({ operationMs: 4_000 });

/** `import` of one registry; `words` are more of its options. */
async function imported(name: string, ...words: readonly string[]) {
  const { azure, cluster, namespace } = world();
  const run = await plugin(['import', '--registry', name, '-g', 'registries', ...words], {
    kubeconfig: cluster.adminKubeconfig,
    namespace,
    env: azureLogin(azure),
  });
  expect(run).toMatchObject({ code: 0, err: '' });
  return run.out;
}

async function applied(text: string): Promise<readonly RegistryReplication[]> {
  const objects = loadAll(text) as unknown as readonly KubeObject[];
  return (await world().cluster.kube.applyAll(objects)) as unknown as readonly RegistryReplication[];
}

interface State {
  readonly called: string;
  readonly replicas: readonly SeedReplica[];
  readonly changes?: readonly Omit<ReplicaChange, 'registry'>[];
  readonly faults?: readonly FaultEffect[];
  readonly zoneRedundancy?: 'Enabled';
}

const foreign = 'other/platform/contoso';
const states: readonly State[] = [
  { called: 'no replica', replicas: [] },
  { called: 'a zone redundant home alone', replicas: [], zoneRedundancy: 'Enabled' },
  { called: 'plain replicas', replicas: [{ location: 'uksouth' }, { location: 'japaneast' }] },
  {
    called: 'names that are not the regions',
    replicas: [
      { location: 'uksouth', name: 'japaneast' },
      { location: 'japaneast', name: 'London01' },
      { location: 'westeurope', name: 'eu' },
    ],
  },
  {
    called: 'routing and tags by hand',
    replicas: [
      { location: 'uksouth', regionEndpointEnabled: false, tags: { Team: 'a', 'on-call': 'yes' } },
      { location: 'eastus', regionEndpointEnabled: false, tags: { home: '1' } },
      { location: 'japaneast', zoneRedundancy: 'Enabled' },
    ],
  },
  {
    called: "another owner's replicas",
    replicas: [{ location: 'uksouth', owner: foreign, regionEndpointEnabled: false }, { location: 'japaneast' }],
  },
  {
    called: 'replicas that are broken',
    replicas: [{ location: 'uksouth' }, { location: 'japaneast' }, { location: 'westeurope' }],
    changes: [
      { region: 'uksouth', provisioningState: 'Failed' },
      { region: 'japaneast', provisioningState: 'Canceled' },
    ],
  },
  {
    called: 'a broken replica of its own, left by an object of before',
    replicas: [
      { location: 'uksouth', owner: 'mine' },
      { location: 'japaneast', owner: 'mine' },
    ],
    changes: [{ region: 'uksouth', provisioningState: 'Failed' }],
  },
  {
    called: 'a replica that is still Syncing',
    replicas: [{ location: 'uksouth' }],
    changes: [{ region: 'uksouth', displayStatus: 'Syncing' }],
  },
  {
    called: 'a LIST in random order',
    replicas: ['uksouth', 'japaneast', 'westeurope', 'brazilsouth'].map((location) => ({ location })),
    faults: [{ kind: 'listShuffled' }],
  },
  {
    called: 'a LIST that leaves a replica out',
    replicas: ['uksouth', 'japaneast'].map((location) => ({ location })),
    faults: [{ kind: 'listOmits', region: 'uksouth' }],
  },
  {
    called: 'a LIST that calls a replica Failed',
    replicas: ['uksouth', 'japaneast'].map((location) => ({ location })),
    faults: [{ kind: 'listMisreports', region: 'uksouth', provisioningState: 'Failed' }],
  },
];

describe('applied, the manifest writes nothing to Azure and loses nothing', () => {
  states.forEach(({ called, replicas, changes = [], faults = [], zoneRedundancy }, i) => {
    test(`with ${called}`, async () => {
      const name = `import${i}x`;
      const { namespace, azure } = world();
      const owned = replicas.map((replica) =>
        replica.owner === 'mine' ? { ...replica, owner: `sandbox/${namespace}/${name}` } : replica,
      );
      const it = await scene(world(), name, {
        replicas: owned,
        ...(zoneRedundancy === undefined ? {} : { zoneRedundancy }),
      });
      for (const change of changes) await azure.control.alterReplica({ registry: name, ...change });
      const ends = await Promise.all(faults.map((fault) => it.fault(fault)));
      const before = await azure.control.replicas(name);

      const text = await imported(name);
      expect(await imported(name)).toBe(text);
      await applied(text);
      // Twice, and once more when LIST has come to itself: what waits for a second look has had it.
      await it.until('a first look', ({ status }) => status?.replicas !== undefined);
      await it.lookNow();
      await it.until('a second look', seen);
      for (const end of ends) await end();
      await it.lookNow();
      await it.until('a third look', seen);

      expect(await it.writes()).toEqual([]);
      expect(await azure.control.replicas(name)).toEqual(before);
    });
  });
});

test('with a replica that somebody has begun to create, it is waited for', async () => {
  const name = 'importbusy';
  const it = await scene(world(), name);
  await it.apply({ regions: [{ location: 'uksouth', name: 'London01' }], deletionPolicy: 'Retain' });
  await it.until(
    'Creating',
    ({ status }) => status?.replicas?.some((r) => r.provisioningState === 'Creating') === true,
  );
  await world().cluster.kube.delete(world().path(name));
  await it.untilGone();

  const text = await imported(name);
  expect(text).toContain('# uksouth: still being created');
  await applied(text);
  const { status } = await it.untilReady();
  expect(status?.replicas?.map((r) => `${r.name} ${r.provisioningState}`)).toContain('London01 Succeeded');
  expect(await it.writes()).toEqual(['PUT uksouth']);
});

function seen({ metadata, status }: RegistryReplication): boolean {
  return (
    status?.observedGeneration === metadata.generation &&
    status.lastHandledRequest === metadata.annotations?.['acr-replication.dev/requested-at']
  );
}
