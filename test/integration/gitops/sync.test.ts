import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { apiVersion, kind, type RegistryReplication, type Spec } from '../../../src/api/registryreplication.ts';
import { resourceGroup, type Scene, scene, sharedWorld } from '../../support/registry-scene.ts';
import { kubectl } from './kubectl.ts';

const world = sharedWorld();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acr-replication-gitops-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Manifest = Pick<RegistryReplication, 'apiVersion' | 'kind' | 'spec'> & { readonly metadata: object };

function manifestOf(name: string, spec: Omit<Spec, 'registry'>): Manifest {
  const metadata = { name, namespace: world().namespace, labels: { team: 'platform' } };
  return { apiVersion, kind, metadata, spec: { registry: { name, resourceGroup }, ...spec } };
}

const minimal: Omit<Spec, 'registry'> = { regions: [{ location: 'japaneast' }] };
/** Whatever the operator or the API server could be tempted to write otherwise. */
const wordy: Omit<Spec, 'registry'> = {
  regions: [
    { location: 'UK South', name: 'london', routing: 'Disabled', tags: { 'Cost-Center': '42' } },
    { location: 'Japan East', zoneRedundancy: 'Disabled' },
    { location: 'eastus' },
  ],
  tags: {},
  prune: 'All',
  deletionPolicy: 'Delete',
  readyWhen: 'Synced',
  mode: 'Apply',
  suspend: false,
  interval: '0h5m0s',
};

const phases: readonly (readonly [
  name: string,
  spec: Omit<Spec, 'registry'>,
  arrived: (it: Scene) => Promise<unknown>,
])[] = [
  ['ready', minimal, (it) => it.untilReady()],
  ['wordy', wordy, (it) => it.untilReady()],
  ['observing', { ...minimal, mode: 'Observe' }, (it) => it.untilReason('PlanPending')],
  ['suspended', { ...wordy, suspend: true }, (it) => it.untilReason('Suspended')],
  ['retained', { ...minimal, deletionPolicy: 'Retain' }, (it) => it.untilReady()],
  ['failing', { regions: [{ location: 'nowhere' }] }, (it) => it.untilReason('RegionUnavailable')],
];

describe.concurrent('the same manifest again changes nothing', () => {
  test.each(phases)('kubectl apply and diff, and Argo CD: %s', async (name, spec, arrived) => {
    const it = await scene(world(), `client${name}`);
    const file = join(folder, `${it.name}.yaml`);
    await writeFile(file, stringify(manifestOf(it.name, spec)));
    expect(await kubectl('apply', '-f', file)).toMatchObject({ end: '0' });
    await arrived(it);
    const before = await liveOf(it.name);
    expect(await kubectl('diff', '-f', file)).toMatchObject({ end: '0', stdout: '' });
    expect((await kubectl('apply', '-f', file)).stdout).toMatch(/ unchanged\n$/);
    expect(await liveOf(it.name)).toEqual(before);
  });

  /** Argo CD's ServerSideDiff and Flux compare the answer of a dry run with what is there. */
  test.each(phases)('server-side apply of Flux and of Argo CD: %s', async (name, spec, arrived) => {
    const it = await scene(world(), `server${name}`);
    const manifest = manifestOf(it.name, spec);
    for (const manager of ['kustomize-controller', 'argocd-controller']) await apply(manifest, manager);
    await arrived(it);
    const before = await liveOf(it.name);
    for (const manager of ['kustomize-controller', 'argocd-controller']) {
      expect(await apply(manifest, manager, { dryRun: 'All' }), manager).toEqual(before);
      expect(await apply(manifest, manager), manager).toEqual(before);
    }
    expect(await liveOf(it.name)).toEqual(before);
  });
});

describe.concurrent('two owners of one object, by server-side apply', () => {
  const both = (name: string, location: string, more: object = {}) =>
    manifestOf(name, { regions: [{ location, ...more }] });

  test('each adds its region, and takes only its own away', async () => {
    const it = await scene(world(), 'twoowners');
    await apply(both(it.name, 'japaneast'), 'team-japan', { force: false });
    await apply(both(it.name, 'uksouth'), 'team-britain', { force: false });
    await it.untilReady();
    expect(await it.locations()).toEqual(['eastus', 'japaneast', 'uksouth']);

    await apply(both(it.name, 'brazilsouth'), 'team-britain', { force: false });
    await it.untilReady();
    expect(await it.locations()).toEqual(['brazilsouth', 'eastus', 'japaneast']);
    expect(await it.writes()).toEqual(['DELETE uksouth', 'PUT brazilsouth', 'PUT japaneast', 'PUT uksouth']);
  });

  test('both may list one region, which goes when the second of them drops it', async () => {
    const it = await scene(world(), 'sharedregion');
    await apply(both(it.name, 'japaneast'), 'team-a', { force: false });
    await apply(both(it.name, 'japaneast'), 'team-b', { force: false });
    await it.untilReady();
    await apply(both(it.name, 'uksouth'), 'team-a', { force: false });
    await it.untilReady();
    expect(await it.locations()).toEqual(['eastus', 'japaneast', 'uksouth']);
    await apply(both(it.name, 'uksouth'), 'team-b', { force: false });
    await it.untilReady();
    expect(await it.locations()).toEqual(['eastus', 'uksouth']);
  });

  test('who claims a field of the other is told whose it is, and nothing changes', async () => {
    const it = await scene(world(), 'conflicting');
    await apply(both(it.name, 'japaneast', { routing: 'Enabled' }), 'team-japan', { force: false });
    await it.untilReady();
    const before = await liveOf(it.name);
    const claim = apply(both(it.name, 'japaneast', { routing: 'Disabled' }), 'team-britain', { force: false });
    await expect(claim).rejects.toThrow(
      /409 Apply failed with 1 conflict: conflict with "team-japan".*: \.spec\.regions\[location="japaneast"\]\.routing/,
    );
    expect(await liveOf(it.name)).toEqual(before);
  });

  test('one region in two spellings is refused, for neither would know that the other has it', async () => {
    const it = await scene(world(), 'twospellings');
    await apply(both(it.name, 'japaneast'), 'team-a', { force: false });
    const claim = apply(both(it.name, 'Japan East'), 'team-b', { force: false });
    await expect(claim).rejects.toThrow(/422 .*listed twice/);
  });

  test('the last region cannot be taken away: an empty list is refused', async () => {
    const it = await scene(world(), 'lastregion');
    await apply(both(it.name, 'japaneast'), 'team-a', { force: false });
    await apply(both(it.name, 'japaneast'), 'team-b', { force: false });
    const { spec, ...rest } = both(it.name, 'japaneast');
    await apply({ ...rest, spec: { ...spec, regions: [] } }, 'team-a', { force: false });
    await expect(apply({ ...rest, spec: { ...spec, regions: [] } }, 'team-b', { force: false })).rejects.toThrow(/422/);
  });
});

/** Without managedFields, where the time of an apply is. */
async function liveOf(name: string): Promise<RegistryReplication> {
  return withoutManagedFields(await world().cluster.kube.request<RegistryReplication>('GET', world().path(name)));
}

async function apply(
  manifest: Manifest,
  fieldManager: string,
  { force = true, ...query }: { readonly force?: boolean; readonly dryRun?: 'All' } = {},
): Promise<RegistryReplication> {
  const { name } = manifest.metadata as { readonly name: string };
  const options = { contentType: 'application/apply-patch+yaml', query: { fieldManager, force, ...query } };
  return withoutManagedFields(
    await world().cluster.kube.request<RegistryReplication>('PATCH', world().path(name), manifest, options),
  );
}

function withoutManagedFields({ metadata, ...object }: RegistryReplication): RegistryReplication {
  const kept = { ...metadata };
  delete (kept as { managedFields?: unknown }).managedFields;
  return { ...object, metadata: kept };
}
