import fc from 'fast-check';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { manifestOf } from '../../../src/cli/import/manifest.ts';
import { isSubscriptionId, registryOfId } from '../../../src/cli/import/registry-id.ts';
import { desiredOf } from '../../../src/domain/desired.ts';
import { plan } from '../../../src/domain/plan.ts';
import { regionOf } from '../../../src/domain/region.ts';
import { ownerTags, type Replica, replicaStates } from '../../../src/domain/replication.ts';
import { actual, replica, resource, situation } from '../../support/builders.ts';

const subscriptionId = '00000000-0000-0000-0000-000000000000';
const ref = { subscriptionId, resourceGroup: 'registries', name: 'contoso' };
const manifest = (...replicas: readonly Replica[]) => manifestOf({ ref, actual: actual(...replicas) }, undefined);
const regionsIn = (text: string) => (load(text) as { spec: { regions: object[] } }).spec.regions;

test('states what is there, sorted, and nothing that Azure has by itself', () => {
  const text = manifest(
    replica('westeurope', { name: 'weu01', routing: 'Disabled', tags: { team: 'platform' } }),
    replica('eastus', { routing: 'Disabled' }),
    replica('japaneast', { zoneRedundancy: 'Enabled', status: 'Syncing' }),
  );
  expect(text).toBe(`# Registry contoso as Azure has it, at home in eastus.
# Applying this writes nothing to Azure. With prune: None and deletionPolicy: Retain every replica
# stays, listed or not, and when the object is deleted; take them out when the list is to decide.
apiVersion: acr-replication.dev/v1alpha1
kind: RegistryReplication
metadata:
  name: contoso
spec:
  registry:
    name: contoso
    resourceGroup: registries
    subscriptionId: 00000000-0000-0000-0000-000000000000
  regions:
    - location: japaneast
      zoneRedundancy: Enabled
    - location: westeurope
      name: weu01
      routing: Disabled
  prune: None
  deletionPolicy: Retain
`);
});

test('gives equal bytes in whatever order Azure lists the replicas', () => {
  const replicas = ['uksouth', 'eastus', 'japaneast', 'westeurope'].map((region) => replica(region));
  expect(manifest(...replicas.toReversed())).toBe(manifest(...replicas));
});

test('lists home alone where there is nothing else', () => {
  expect(regionsIn(manifest())).toEqual([{ location: 'eastus' }]);
  expect(regionsIn(manifest(replica('eastus'), replica('uksouth', { state: 'Failed' })))).toEqual([
    { location: 'eastus' },
  ]);
});

test('leaves out, and says so, what the operator would write to', () => {
  const text = manifest(
    replica('japaneast', { state: 'Failed' }),
    replica('uksouth', { state: 'Canceled' }),
    replica('westeurope', { state: 'Deleting' }),
    replica('koreacentral', { state: 'Creating' }),
  );
  expect(regionsIn(text)).toEqual([{ location: 'koreacentral' }]);
  expect(text).toContain(
    '# japaneast is left out, for it is Failed: the operator would repair it. It stays as it is.\n',
  );
  expect(text).toContain(
    '# uksouth is left out, for it is Canceled: the operator would repair it. It stays as it is.\n',
  );
  expect(text).toContain('# westeurope is left out, for it is Deleting: the operator would make it again.');
  expect(text).toContain('# koreacentral: still being created; should that fail, the operator repairs it.\n');
});

test('does not state a routing that Azure may yet take back', () => {
  expect(regionsIn(manifest(replica('japaneast', { state: 'Updating', routing: 'Disabled' })))).toEqual([
    { location: 'japaneast' },
  ]);
});

test('leaves out a name that the CRD would refuse: the replica is known by its region', () => {
  expect(regionsIn(manifest(replica('japaneast', { name: 'jpe' })))).toEqual([{ location: 'japaneast' }]);
});

test('leaves out, too, the names that regions without theirs take, however many follow from one', () => {
  const text = manifest(
    replica('japaneast', { name: 'eu1' }),
    replica('uksouth', { name: 'japaneast' }),
    replica('westeurope', { name: 'uksouth' }),
    replica('koreacentral', { name: 'London01' }),
  );
  expect(regionsIn(text)).toEqual([
    { location: 'japaneast' },
    { location: 'koreacentral', name: 'London01' },
    { location: 'uksouth' },
    { location: 'westeurope' },
  ]);
});

const regionNames = ['eastus', 'japaneast', 'uksouth', 'westeurope', 'koreacentral'];
const anyReplica = fc.record({
  region: fc.constantFrom(...regionNames).map(regionOf),
  name: fc.constantFrom('eu1', 'London01', 'japaneast', 'uksouth', 'a2345'),
  state: fc.constantFrom(...replicaStates),
  status: fc.constantFrom('', 'Ready', 'Syncing'),
  message: fc.constant(''),
  changedAt: fc.constant(''),
  tags: fc.constantFrom({}, { Team: 'a' }, ownerTags('test/platform/contoso'), ownerTags('other/platform/contoso')),
  routing: fc.constantFrom('Enabled', 'Disabled'),
  zoneRedundancy: fc.constantFrom('Enabled', 'Disabled'),
} satisfies { readonly [K in keyof Replica]: fc.Arbitrary<Replica[K]> });
/** Azure has one replica of a region, and one of a name. */
const anyReplicas = fc
  .uniqueArray(anyReplica, { selector: ({ region }) => region })
  .map((all) => all.filter((one, i) => all.findIndex(({ name }) => name === one.name) === i));

test('whatever Azure has, the first look at the object finds nothing to do', () => {
  fc.assert(
    fc.property(anyReplicas, fc.boolean(), (replicas, alive) => {
      const { spec } = load(manifest(...replicas)) as RegistryReplication;
      const parsed = desiredOf(resource([], { spec }), undefined);
      if (!parsed.ok) throw new Error(parsed.problems.join());
      const fresh = { desired: parsed.desired, remembered: [], ownerAlive: () => alive };
      const decisions = plan(situation(regionNames, replicas, fresh));
      expect(decisions.filter(({ kind }) => kind !== 'keep' && kind !== 'wait')).toEqual([]);
    }),
  );
});

test.each(['1_000', '0123', '1e3', 'yes', '~'])('a resource group called %s stays a text', (resourceGroup) => {
  const text = manifestOf({ ref: { ...ref, resourceGroup }, actual: actual() }, undefined);
  expect(text).toContain(`    resourceGroup: '${resourceGroup}'\n`);
});

test('the object is named as Kubernetes allows, and in the namespace that was given', () => {
  const text = manifestOf({ ref: { ...ref, name: 'Contoso' }, actual: actual() }, 'platform');
  expect(load(text)).toMatchObject({
    metadata: { name: 'contoso', namespace: 'platform' },
    spec: { registry: { name: 'Contoso' } },
  });
});

test('an ARM id names a registry, whatever the case of its words', () => {
  const id = `/subscriptions/${subscriptionId}/resourcegroups/registries/providers/microsoft.containerregistry/registries/contoso`;
  expect(registryOfId(id)).toEqual(ref);
  expect(registryOfId(`${id}/`)).toEqual(ref);
  for (const other of ['contoso', `${id}/replications/japaneast`, '']) expect(registryOfId(other)).toBeUndefined();
});

test("a subscription's id is told from its name", () => {
  expect([subscriptionId, 'Production'].map(isSubscriptionId)).toEqual([true, false]);
});
