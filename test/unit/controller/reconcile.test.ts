import { describe, expect, test } from 'vitest';
import { finalizer, type RegistryReplication, requestedAt } from '../../../src/api/registryreplication.ts';
import { type Failure, localThrottle } from '../../../src/domain/failure.ts';
import type { Key } from '../../../src/domain/key.ts';
import { regionOf } from '../../../src/domain/region.ts';
import { replica, resource } from '../../support/builders.ts';
import { type MemoryWorld, memoryWorld } from '../../support/memory-world.ts';

const three = ['japaneast', 'westeurope', 'brazilsouth'];
const tokyo = regionOf('japaneast');

function condition(world: MemoryWorld, type: string, key?: Key) {
  return world.get(key)?.status?.conditions?.find((c) => c.type === type);
}

const isReady = (world: MemoryWorld) => () => world.get()?.status?.phase === 'Ready';

async function readyWorld(regions: readonly string[] = three): Promise<MemoryWorld> {
  const world = memoryWorld([resource(regions)]);
  expect(await world.passUntil(isReady(world))).toBe(true);
  return world;
}

const soon: Failure = {
  kind: 'retryable',
  pace: 'soon',
  reason: 'Retrying',
  code: '503',
  message: 'Azure is unavailable.',
};
const notFound: Failure = {
  kind: 'terminal',
  reason: 'RegistryNotFound',
  code: 'ResourceNotFound',
  message: 'The registry contoso does not exist.',
};
const forbidden: Failure = {
  kind: 'retryable',
  pace: 'slow',
  reason: 'Forbidden',
  code: 'AuthorizationFailed',
  message: 'Not allowed.',
};

describe('creating', () => {
  test('submits all missing regions in the first pass and says so', async () => {
    const world = memoryWorld([resource(three)]);
    await world.pass();
    expect(world.azure.calls).toEqual({ GET: 3, LIST: 1, PUT: 3, PATCH: 0, DELETE: 0 });
    expect(world.get()?.status).toMatchObject({
      observedGeneration: 1,
      phase: 'Syncing',
      summary: '0/3',
      plan: ['+brazilsouth', '+japaneast', '+westeurope'],
      registry: { homeRegion: 'eastus', loginServer: 'contoso.azurecr.io', sku: 'Premium' },
    });
    expect(condition(world, 'Ready')).toMatchObject({ status: 'False', reason: 'Creating' });
    expect(condition(world, 'Reconciling')).toMatchObject({
      status: 'True',
      reason: 'Creating',
      message: 'brazilsouth, japaneast, westeurope: being created.',
    });
  });

  test('puts the finalizer on before the first write to Azure', async () => {
    const world = memoryWorld([resource(['japaneast'])]);
    world.azure.faults.push(undefined, { failure: soon, lost: true });
    await world.pass();
    expect(world.get()?.metadata.finalizers).toEqual([finalizer]);
  });

  test('costs a finalizer and three status writes from apply to Ready', async () => {
    const world = await readyWorld();
    expect(world.writes()).toBe(4);
    expect(world.azure.calls).toMatchObject({ PUT: 3, GET: 3, DELETE: 0 });
    expect(world.get()?.status).toMatchObject({ phase: 'Ready', summary: '3/3' });
    expect(world.get()?.status?.plan).toBeUndefined();
  });

  test('lists every replica with its state, the home region included', async () => {
    const world = await readyWorld(['japaneast']);
    expect(
      world.get()?.status?.replicas?.map(({ location, managed, provisioningState, status }) => ({
        location,
        managed,
        provisioningState,
        status,
      })),
    ).toEqual([
      { location: 'eastus', managed: 'Home', provisioningState: 'Succeeded', status: 'Ready' },
      { location: 'japaneast', managed: 'Created', provisioningState: 'Succeeded', status: 'Ready' },
    ]);
  });

  test('readyWhen Provisioned does not wait for the sync', async () => {
    const world = memoryWorld([resource(['japaneast'], { spec: { readyWhen: 'Provisioned' } })]);
    expect(await world.passUntil(isReady(world))).toBe(true);
    expect(world.azure.replicas.get(tokyo)?.status).toBe('Syncing');
  });

  test('one region that cannot be created does not stop the others', async () => {
    const world = memoryWorld([resource(['atlantis', 'japaneast'])]);
    const failure: Failure = {
      kind: 'terminal',
      reason: 'RegionUnavailable',
      code: 'LocationNotAvailableForResourceType',
      message: 'Azure has no region atlantis.',
    };
    world.azure.faults.push(undefined, { failure, lost: false });
    await world.pass();
    expect(world.azure.replicas.get(tokyo)?.state).toBe('Creating');
    expect(world.get()?.status?.phase).toBe('Failed');
    expect(condition(world, 'Stalled')).toMatchObject({ reason: 'RegionUnavailable' });
    expect(condition(world, 'Stalled')?.message).toMatch(
      /^atlantis: Azure has no region atlantis\. Correct the location/,
    );
    expect(world.get()?.status?.replicas?.find((r) => r.location === 'atlantis')?.error?.code).toBe(
      'LocationNotAvailableForResourceType',
    );
  });

  test('stops asking once Azure throttles, and comes back when Azure said', async () => {
    const world = memoryWorld([resource(['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8', 'a9', 'b1'])]);
    const until = new Date('2026-09-10T12:00:17Z');
    const throttled: Failure = {
      kind: 'throttled',
      until,
      reason: 'Throttled',
      code: '429',
      message: 'Too many requests.',
    };
    world.azure.faults.push(undefined, ...Array.from({ length: 8 }, () => ({ failure: throttled, lost: false })));
    const next = await world.pass();
    expect(world.azure.calls).toMatchObject({ GET: 8, PUT: 0 });
    expect(next).toEqual({ kind: 'look', inMs: 17_000, failed: true });
    expect(condition(world, 'Reconciling')?.reason).toBe('Throttled');
  });
});

describe('taking what is there', () => {
  test('adopts existing replicas without one write to Azure', async () => {
    const world = memoryWorld(
      [resource(['japaneast'])],
      [replica('japaneast', { name: 'tokyo', changedAt: '2026-01-02T03:04:05.678Z' })],
    );
    await world.pass();
    expect(world.azure.calls).toEqual({ GET: 0, LIST: 1, PUT: 0, PATCH: 0, DELETE: 0 });
    expect(world.get()?.status?.phase).toBe('Ready');
    expect(world.get()?.status?.replicas?.[1]).toEqual({
      location: 'japaneast',
      name: 'tokyo',
      managed: 'Adopted',
      provisioningState: 'Succeeded',
      provisionedTime: '2026-09-10T12:00:00Z',
      status: 'Ready',
      routing: 'Enabled',
      since: '2026-01-02T03:04:05Z',
    });
  });

  test('the home region counts as there', async () => {
    const world = memoryWorld([resource(['East US'])]);
    await world.pass();
    expect(world.azure.calls).toEqual({ GET: 0, LIST: 1, PUT: 0, PATCH: 0, DELETE: 0 });
    expect(world.get()?.status).toMatchObject({ phase: 'Ready', summary: '1/1' });
  });
});

describe('changing the set', () => {
  test('makes the new region before it deletes the old one, by name, after a GET', async () => {
    const world = await readyWorld(['japaneast']);
    world.apply(resource(['westeurope']));
    await world.pass();
    expect(world.azure.calls.DELETE).toBe(0);
    expect(world.get()?.status?.plan).toEqual(['+westeurope', '-japaneast']);
    expect(await world.passUntil(isReady(world))).toBe(true);
    // Before the create; before the delete, of the registry, the old one and the new one.
    expect(world.azure.calls).toMatchObject({ GET: 5, DELETE: 1 });
    expect([...world.azure.replicas.keys()].sort()).toEqual(['eastus', 'westeurope']);
  });

  // Azure refuses a name that a replica elsewhere has, and that one only goes once the new one is there.
  test('a region whose name another replica bears gets one with a number', async () => {
    const world = memoryWorld([resource([], { spec: { regions: [{ location: 'brazilsouth', name: 'uksouth' }] } })]);
    expect(await world.passUntil(isReady(world))).toBe(true);
    world.apply(resource(['uksouth']));
    expect(await world.passUntil(isReady(world))).toBe(true);
    expect([...world.azure.replicas.values()].map(({ region, name }) => `${region} ${name}`).sort()).toEqual([
      'eastus eastus',
      'uksouth uksouth2',
    ]);
  });
});

describe('drift', () => {
  test('creates again what somebody deleted, after a GET confirms it', async () => {
    const world = await readyWorld();
    world.azure.drop(tokyo);
    await world.pass();
    expect(world.azure.calls).toMatchObject({ GET: 4, PUT: 4 });
    expect(await world.passUntil(isReady(world))).toBe(true);
  });

  test('writes nothing at all while nothing changes', async () => {
    const world = await readyWorld();
    const before = { ...world.azure.calls, writes: world.writes() };
    for (let i = 0; i < 5; i += 1) await world.pass();
    expect({ ...world.azure.calls, writes: world.writes() }).toEqual({ ...before, LIST: before.LIST + 5 });
  });
});

describe('repair', () => {
  test('replaces a failed replica and is done', async () => {
    const world = memoryWorld([resource(['japaneast'])]);
    world.azure.fates.set(tokyo, ['Failed']);
    expect(await world.passUntil(() => condition(world, 'Ready')?.reason === 'Repairing')).toBe(true);
    expect(await world.passUntil(isReady(world))).toBe(true);
    expect(world.azure.calls).toMatchObject({ PUT: 2, DELETE: 1 });
    expect(world.get()?.status?.replicas?.[1]?.attempts).toBe(1);
    world.advance(10 * 60_000);
    await world.pass();
    expect(world.get()?.status?.replicas?.[1]?.attempts).toBeUndefined();
  });

  test('gives up after three, says so, and starts again when the spec changes', async () => {
    const world = memoryWorld([resource(['japaneast'])]);
    world.azure.fates.set(tokyo, ['Failed', 'Failed', 'Failed', 'Failed']);
    expect(await world.passUntil(() => condition(world, 'Stalled') !== undefined)).toBe(true);
    expect(condition(world, 'Stalled')).toMatchObject({ reason: 'RepairExhausted' });
    expect(world.azure.calls).toMatchObject({ PUT: 4, DELETE: 3 });
    world.apply(resource(['japaneast']));
    expect(await world.passUntil(isReady(world))).toBe(true);
  });

  test('a replica that vanishes while being created is tried again with pauses, and the message names the known cause', async () => {
    const world = memoryWorld([resource(['japaneast'])]);
    world.azure.fates.set(tokyo, ['vanish', 'vanish', 'vanish', 'vanish']);
    expect(await world.passUntil(() => world.get()?.status?.replicas?.[1]?.error?.code === 'Vanished')).toBe(true);
    expect(world.get()?.status?.replicas?.[1]?.error?.message).toMatch(/private endpoint/);
    expect(condition(world, 'Ready')?.message).toMatch(
      /^japaneast: Azure gave up creating the replica and removed it\. .*private endpoint.* The next repair waits its turn\.$/,
    );
    expect(await world.passUntil(() => condition(world, 'Stalled')?.reason === 'RepairExhausted')).toBe(true);
    expect(world.azure.calls.PUT).toBe(4);
  });
});

describe('why a replica is Failed', () => {
  const spent = (message: string) => {
    const object = resource(['japaneast']);
    const entry = { location: 'japaneast', provisioningState: 'Failed', attempts: 3 };
    const status = { observedGeneration: object.metadata.generation, replicas: [entry] };
    return memoryWorld([{ ...object, status }], [replica('japaneast', { state: 'Failed', message })]);
  };

  test('is said in the words of Azure', async () => {
    const world = spent('The private endpoint pe-hub contains static ipconfigurations');
    await world.pass();
    expect(condition(world, 'Stalled')?.message).toMatch(
      /^japaneast: is failed and could not be repaired\. Azure says: The private endpoint pe-hub contains static ipconfigurations\. Look at/,
    );
  });

  test('is guessed at where Azure says nothing', async () => {
    const world = spent('');
    await world.pass();
    expect(condition(world, 'Stalled')?.message).toMatch(/activity log.*private endpoint.*static IP addresses/);
  });
});

describe('Azure that does not answer', () => {
  test('one failed read says nothing about a registry that was fine', async () => {
    const world = await readyWorld();
    const writes = world.writes();
    world.azure.faults.push({ failure: soon, lost: false }, { failure: soon, lost: false });
    await world.pass();
    await world.pass();
    expect(world.writes()).toBe(writes);
    expect(world.get()?.status?.phase).toBe('Ready');
  });

  test('the fourth in a row is said, the replicas stay as last known, and it recovers by itself', async () => {
    const world = await readyWorld();
    const { replicas } = world.get()?.status ?? {};
    world.azure.faults.push(...Array.from({ length: 4 }, () => ({ failure: soon, lost: false })));
    for (let i = 0; i < 4; i += 1) await world.pass();
    expect(world.get()?.status).toMatchObject({ phase: 'Syncing', replicas });
    expect(condition(world, 'Reconciling')?.reason).toBe('Retrying');
    await world.pass();
    expect(world.get()?.status?.phase).toBe('Ready');
  });

  test('before anything is known the object is Pending', async () => {
    const world = memoryWorld([resource(three)]);
    world.azure.faults.push({ failure: soon, lost: false });
    await world.pass();
    expect(world.get()?.status?.phase).toBe('Pending');
    expect(condition(world, 'Ready')?.status).toBe('Unknown');
  });

  test('a registry that is not there is Stalled, looked for again at the interval, and found', async () => {
    const world = memoryWorld([resource(three)]);
    world.azure.faults.push({ failure: notFound, lost: false });
    expect(await world.pass()).toEqual({ kind: 'look', inMs: 285_000, failed: true });
    expect(condition(world, 'Stalled')).toMatchObject({ status: 'True', reason: 'RegistryNotFound' });
    expect(await world.passUntil(isReady(world))).toBe(true);
  });
});

describe('two objects about one registry', () => {
  const older = resource(['japaneast']);
  const younger: RegistryReplication = {
    ...resource(['westeurope']),
    metadata: { ...older.metadata, namespace: 'other', uid: 'uid-2', creationTimestamp: '2026-09-10T11:30:00Z' },
    spec: {
      ...resource(['westeurope']).spec,
      registry: { name: 'CONTOSO', resourceGroup: 'Registries', subscriptionId: 'S' },
    },
  };
  const youngerKey = 'other/contoso' as Key;

  test('the older manages; the younger asks Azure nothing and names the holder', async () => {
    const world = memoryWorld([older, younger]);
    await world.pass(youngerKey);
    expect(world.azure.calls).toEqual({ GET: 0, LIST: 0, PUT: 0, PATCH: 0, DELETE: 0 });
    expect(condition(world, 'Stalled', youngerKey)).toMatchObject({ reason: 'RegistryClaimed' });
    expect(condition(world, 'Stalled', youngerKey)?.message).toMatch(
      /^platform\/contoso manages this registry already\./,
    );
    await world.pass();
    expect(world.azure.calls.PUT).toBe(1);
  });

  test('the younger goes at once and tells nothing: nothing was its own', async () => {
    const guarded = { ...younger, metadata: { ...younger.metadata, finalizers: [finalizer] } };
    const world = memoryWorld([older, guarded]);
    world.delete(youngerKey);
    await world.pass(youngerKey);
    expect(world.get(youngerKey)).toBeUndefined();
    expect(world.events).toEqual([]);
    expect(world.azure.calls.LIST).toBe(0);
  });

  test('the younger takes over when the older is gone, and deletes what that one made', async () => {
    const world = memoryWorld([older, younger]);
    expect(await world.passUntil(isReady(world))).toBe(true);
    await world.pass(youngerKey);
    world.apply(resource(['japaneast'], { spec: { deletionPolicy: 'Retain' } }));
    world.delete();
    await world.pass();
    expect(world.get()).toBeUndefined();
    for (let i = 0; i < 20; i += 1) await world.pass(youngerKey);
    expect(world.get(youngerKey)?.status?.phase).toBe('Ready');
    expect([...world.azure.replicas.keys()].sort()).toEqual(['eastus', 'westeurope']);
  });
});

describe('a replica outside the set with an owner tag', () => {
  const owners = [
    { owner: 'test/platform/contoso', name: 'of this object is deleted', deleted: true },
    { owner: 'test/platform/gone', name: 'of an object that is gone is deleted', deleted: true },
    {
      owner: 'test/unseen/contoso',
      name: 'of an object in a namespace that is not watched is left alone',
      deleted: false,
    },
    { owner: 'other/platform/gone', name: 'of another cluster is left alone', deleted: false },
  ];
  for (const { owner, name, deleted } of owners) {
    test(name, async () => {
      const tags = { 'managed-by': 'acr-replication-operator', 'acr-replication-owner': owner };
      const world = memoryWorld([resource(['eastus'])], [replica('uksouth', { tags })]);
      await world.pass();
      world.advance(5 * 60_000); // the notice that is given of what somebody else made
      await world.pass();
      expect(world.azure.calls.DELETE).toBe(deleted ? 1 : 0);
      expect(condition(world, 'Stalled')?.reason).toBe(deleted ? undefined : 'Conflict');
    });
  }
});

describe('deleting the object', () => {
  const many = Array.from({ length: 64 }, (_, i) => `region${i}`);
  /** Reads within Azure's limits: the LIST and `count` GETs of a pass, the others wait their turn. */
  const budget = (count: number) => [
    ...Array<undefined>(1 + count),
    ...many.map(() => ({ failure: localThrottle('busy', new Date(0)), lost: false })),
  ];

  test('ends although one pass cannot ask for all regions, for what was found gone is not asked for again', async () => {
    const world = memoryWorld([resource(many, { metadata: { finalizers: [finalizer] } })]);
    world.delete();
    for (let pass = 0; pass < 4 && world.get() !== undefined; pass += 1) {
      world.azure.faults.splice(0, Number.POSITIVE_INFINITY, ...budget(20));
      await world.pass();
    }
    expect(world.get()).toBeUndefined();
    expect(world.azure.calls.DELETE).toBe(0);
  });

  test('asks for every region, also when Azure could not be read at first', async () => {
    const world = memoryWorld([resource(['japaneast'], { metadata: { finalizers: [finalizer] } })]);
    world.delete();
    world.azure.put(replica('japaneast'));
    world.azure.faults.push({ failure: soon, lost: false });
    await world.pass();
    expect(world.get()?.status?.replicas).toEqual([{ location: 'japaneast' }]);
    expect(await world.passUntil(() => world.get() === undefined)).toBe(true);
    expect(world.azure.replicas.has(tokyo)).toBe(false);
  });

  test('deletes its replicas, waits until they are gone, leaves the others and home', async () => {
    const world = await readyWorld(['japaneast']);
    world.azure.put(replica('uksouth'));
    world.delete();
    await world.pass();
    expect(world.get()?.status?.phase).toBe('Deleting');
    expect(await world.passUntil(() => world.get() === undefined)).toBe(true);
    expect([...world.azure.replicas.keys()].sort()).toEqual(['eastus', 'uksouth']);
    expect(world.azure.calls.DELETE).toBe(1);
  });

  test('leaves no replica behind in what was the home region, of a registry that was made anew elsewhere', async () => {
    const world = await readyWorld(['eastus']);
    world.azure.home = regionOf('westeurope');
    for (const region of ['eastus', 'westeurope']) world.azure.put(replica(region));
    world.delete();
    expect(await world.passUntil(() => world.get() === undefined)).toBe(true);
    expect([...world.azure.replicas.keys()]).toEqual(['westeurope']);
  });

  test('Retain lets go at once without a call to Azure', async () => {
    const world = await readyWorld(['japaneast']);
    world.apply(resource(['japaneast'], { spec: { deletionPolicy: 'Retain' } }));
    world.delete();
    const calls = { ...world.azure.calls };
    await world.pass();
    expect(world.get()).toBeUndefined();
    expect(world.azure.calls).toEqual(calls);
  });

  test('an object with Retain never gets a finalizer', async () => {
    const world = memoryWorld([resource(['japaneast'], { spec: { deletionPolicy: 'Retain' } })]);
    expect(await world.passUntil(isReady(world))).toBe(true);
    expect(world.get()?.metadata.finalizers ?? []).toEqual([]);
  });

  test('counts a registry that is gone as done', async () => {
    const world = await readyWorld(['japaneast']);
    world.delete();
    for (const looks of [1, 2]) {
      world.azure.faults.push({ failure: notFound, lost: false });
      await world.pass();
      expect(world.get()?.status?.absence?.looks).toBe(looks);
      world.advance(20_000);
    }
    world.azure.faults.push({ failure: notFound, lost: false });
    await world.pass();
    expect(world.get()).toBeUndefined();
  });

  test('forbidden keeps the finalizer and names the way out', async () => {
    const world = await readyWorld(['japaneast']);
    world.delete();
    world.azure.faults.push(undefined, undefined, { failure: forbidden, lost: false });
    await world.pass();
    expect(world.get()?.metadata.finalizers).toEqual([finalizer]);
    expect(world.get()?.status?.phase).toBe('Deleting');
    expect(condition(world, 'Stalled')).toMatchObject({ reason: 'Forbidden' });
    expect(condition(world, 'Stalled')?.message).toMatch(/deletionPolicy: Retain/);
  });

  test('works while suspended', async () => {
    const world = await readyWorld(['japaneast']);
    world.apply(resource(['japaneast'], { spec: { suspend: true } }));
    world.delete();
    expect(await world.passUntil(() => world.get() === undefined)).toBe(true);
  });
});

describe('suspend', () => {
  test('stops all calls to Azure and keeps what was known', async () => {
    const world = await readyWorld();
    world.apply(resource(three, { spec: { suspend: true } }));
    const calls = { ...world.azure.calls };
    expect(await world.pass()).toEqual({ kind: 'done' });
    expect(world.azure.calls).toEqual(calls);
    expect(world.get()?.status).toMatchObject({ phase: 'Suspended', observedGeneration: 2, summary: '3/3' });
    expect(condition(world, 'Ready')).toMatchObject({ status: 'True' });
    expect(condition(world, 'Ready')?.message).toMatch(/^Suspended/);
  });

  test.each([
    ['another set', { regions: [{ location: 'uksouth' }] }],
    ['another routing', { regions: three.map((location) => ({ location, routing: 'Disabled' as const })) }],
  ])('does not keep Ready for %s in the same edit', async (_, spec) => {
    const world = await readyWorld();
    world.apply(resource([], { spec: { ...spec, suspend: true } }));
    await world.pass();
    expect(condition(world, 'Ready')?.status).toBe('Unknown');
  });

  test.each([
    ['None', { prune: 'None' as const }],
    ['Owned', { prune: 'Owned' as const }],
  ])('keeps Ready beside a replica that prune: %s leaves alone', async (_, spec) => {
    const world = memoryWorld([resource(three, { spec })], [replica('uksouth')]);
    expect(await world.passUntil(isReady(world))).toBe(true);
    world.apply(resource(three, { spec: { ...spec, suspend: true } }));
    await world.pass();
    expect(condition(world, 'Ready')?.status).toBe('True');
    world.apply(resource(three, { spec: { suspend: true } }));
    await world.pass();
    expect(condition(world, 'Ready')?.status).toBe('Unknown');
  });

  test('does not keep Ready when the same edit asks for the images to have arrived', async () => {
    const world = memoryWorld([resource(['japaneast'], { spec: { readyWhen: 'Provisioned' } })]);
    expect(await world.passUntil(isReady(world))).toBe(true);
    expect(world.azure.replicas.get(tokyo)?.status).toBe('Syncing');
    world.apply(resource(['japaneast'], { spec: { suspend: true } }));
    await world.pass();
    expect(condition(world, 'Ready')?.status).toBe('Unknown');
  });

  test('goes on when it is lifted', async () => {
    const world = memoryWorld([resource(three, { spec: { suspend: true } })]);
    await world.pass();
    world.apply(resource(three));
    expect(await world.passUntil(isReady(world))).toBe(true);
  });
});

describe('a spec that cannot be acted on', () => {
  test('no subscription anywhere is Stalled and says both ways to give one', async () => {
    const object = resource(three, { spec: { registry: { name: 'contoso', resourceGroup: 'registries' } } });
    const world = memoryWorld([object]);
    await world.pass();
    expect(condition(world, 'Stalled')).toMatchObject({ reason: 'InvalidSpec' });
    expect(condition(world, 'Stalled')?.message).toMatch(/spec\.registry\.subscriptionId.*AZURE_SUBSCRIPTION_ID/);
    expect(world.azure.calls.LIST).toBe(0);
  });
});

describe('prune', () => {
  const rows = [
    { prune: 'All', before: [], goes: true, name: 'All deletes what the spec does not list' },
    { prune: 'None', before: [], goes: false, name: 'None deletes nothing' },
    { prune: 'Owned', before: [], goes: false, name: 'Owned leaves what was never listed' },
    {
      prune: 'Owned',
      before: ['uksouth'],
      goes: true,
      name: 'Owned deletes what was adopted because it was listed once',
    },
    { prune: 'None', before: ['uksouth'], goes: false, name: 'None leaves even what was listed once' },
  ] as const;
  for (const { prune, before, goes, name } of rows) {
    test(name, async () => {
      const world = memoryWorld(
        [resource(['japaneast', ...before], { spec: { prune } })],
        [replica('japaneast'), replica('uksouth')],
      );
      expect(await world.passUntil(isReady(world))).toBe(true);
      world.apply(resource(['japaneast'], { spec: { prune } }));
      expect(await world.passUntil(isReady(world))).toBe(true);
      expect(world.azure.replicas.has(regionOf('uksouth'))).toBe(!goes);
      expect(world.get()?.status?.plan).toBeUndefined();
    });
  }

  test('Owned deletes what it created itself, also when its status was lost', async () => {
    const tags = { 'managed-by': 'acr-replication-operator', 'acr-replication-owner': 'test/platform/contoso' };
    const world = memoryWorld([resource(['eastus'], { spec: { prune: 'Owned' } })], [replica('uksouth', { tags })]);
    await world.pass();
    expect(world.azure.calls.DELETE).toBe(1);
  });
});

describe('routing', () => {
  const disabled = [replica('japaneast', { routing: 'Disabled' })];
  const stating = (routing: 'Enabled' | 'Disabled') =>
    resource([], { spec: { regions: [{ location: 'japaneast', routing }] } });

  test('disabled by hand is left alone while the spec is silent', async () => {
    const world = memoryWorld([resource(['japaneast'])], disabled);
    await world.pass();
    expect(world.azure.calls).toMatchObject({ PUT: 0, PATCH: 0 });
    expect(world.get()?.status).toMatchObject({ phase: 'Ready' });
    expect(world.get()?.status?.replicas?.find((r) => r.location === 'japaneast')?.routing).toBe('Disabled');
  });

  test('stated in the spec is restored by one PATCH that changes nothing else', async () => {
    const world = memoryWorld([stating('Enabled')], disabled);
    await world.pass();
    expect(condition(world, 'Reconciling')?.reason).toBe('Updating');
    expect(await world.passUntil(isReady(world))).toBe(true);
    expect(world.azure.calls).toMatchObject({ PUT: 0, PATCH: 1 });
    expect(world.azure.replicas.get(tokyo)?.routing).toBe('Enabled');
  });

  test('of a new replica is asked for at creation', async () => {
    const world = memoryWorld([stating('Disabled')]);
    expect(await world.passUntil(isReady(world))).toBe(true);
    expect(world.azure.calls).toMatchObject({ PUT: 1, PATCH: 0 });
    expect(world.azure.replicas.get(tokyo)?.routing).toBe('Disabled');
  });

  test('of the home region is changed only when the spec states it (Azure documents it as allowed)', async () => {
    const have = [replica('eastus', { routing: 'Disabled' }), replica('japaneast')];
    const silent = memoryWorld([resource(['eastus', 'japaneast'], { spec: { tags: { team: 'platform' } } })], have);
    expect(await silent.passUntil(isReady(silent))).toBe(true);
    expect(silent.azure.calls.PATCH).toBe(1); // the tags of japaneast; home gets none
    const stated = memoryWorld(
      [resource([], { spec: { regions: [{ location: 'eastus', routing: 'Enabled' }, { location: 'japaneast' }] } })],
      have,
    );
    expect(await stated.passUntil(isReady(stated))).toBe(true);
    expect(stated.azure.calls.PATCH).toBe(1);
    expect(stated.azure.replicas.get(regionOf('eastus'))?.routing).toBe('Enabled');
  });
});

describe('tags', () => {
  test('are merged into what a replica has; foreign ones are kept, under their own spelling', async () => {
    const world = memoryWorld(
      [resource(['japaneast'], { spec: { tags: { team: 'platform' } } })],
      [replica('japaneast', { tags: { Team: 'old', keep: 'me' } })],
    );
    expect(await world.passUntil(isReady(world))).toBe(true);
    expect(world.azure.calls.PATCH).toBe(1);
    expect(world.azure.replicas.get(tokyo)?.tags).toEqual({ Team: 'platform', keep: 'me' });
  });

  test('of a new replica carry the owner', async () => {
    const world = memoryWorld([resource(['japaneast'], { spec: { tags: { team: 'platform' } } })]);
    await world.pass();
    expect(world.azure.replicas.get(tokyo)?.tags).toEqual({
      team: 'platform',
      'managed-by': 'acr-replication-operator',
      'acr-replication-owner': 'test/platform/contoso',
    });
  });

  test('that a spec no longer states stay where they are', async () => {
    const world = memoryWorld(
      [resource(['japaneast'], { spec: { tags: { team: 'platform' } } })],
      [replica('japaneast')],
    );
    expect(await world.passUntil(isReady(world))).toBe(true);
    world.apply(resource(['japaneast']));
    expect(await world.passUntil(isReady(world))).toBe(true);
    expect(world.azure.replicas.get(tokyo)?.tags).toEqual({ team: 'platform' });
  });
});

describe('zone redundancy', () => {
  for (const [has, wants] of [
    ['Disabled', 'Enabled'],
    ['Enabled', 'Disabled'],
  ] as const) {
    test(`reported as ${has} though ${wants} was asked for is a note, never a write`, async () => {
      const regions = [{ location: 'japaneast', zoneRedundancy: wants }];
      const world = memoryWorld([resource([], { spec: { regions } })], [replica('japaneast', { zoneRedundancy: has })]);
      await world.pass();
      expect(world.get()?.status?.phase).toBe('Ready');
      expect(world.get()?.status?.replicas?.[1]?.note).toMatch(new RegExp(`${has} in Azure and ${wants} in the spec`));
      expect(world.azure.calls).toMatchObject({ PUT: 0, PATCH: 0, DELETE: 0 });
    });
  }
});

describe('mode Observe', () => {
  const observing = (regions: readonly string[], changes = {}) =>
    resource(regions, { spec: { mode: 'Observe', ...changes } });

  test('says what would be changed, changes nothing, and is not stuck', async () => {
    const world = memoryWorld(
      [observing(['japaneast', 'westeurope'], { tags: { a: 'b' } })],
      [replica('japaneast', { routing: 'Disabled' }), replica('uksouth')],
    );
    await world.pass();
    expect(world.get()?.status).toMatchObject({
      phase: 'Pending',
      plan: ['+westeurope', '-uksouth', '~japaneast tags'],
    });
    expect(condition(world, 'Ready')).toMatchObject({ status: 'False', reason: 'PlanPending' });
    expect([condition(world, 'Stalled'), condition(world, 'Reconciling')]).toEqual([undefined, undefined]);
    expect(world.azure.calls).toMatchObject({ PUT: 0, PATCH: 0, DELETE: 0 });
    expect(world.get()?.metadata.finalizers).toBeUndefined();
  });

  test('is Ready when nothing differs', async () => {
    const world = memoryWorld([observing(['japaneast'])], [replica('japaneast')]);
    await world.pass();
    expect(world.get()?.status?.phase).toBe('Ready');
  });

  test('does what it said once it is Apply', async () => {
    const world = memoryWorld([observing(['japaneast'])], [replica('uksouth')]);
    await world.pass();
    world.apply(resource(['japaneast']));
    expect(await world.passUntil(isReady(world))).toBe(true);
    expect([...world.azure.replicas.keys()].sort()).toEqual(['eastus', 'japaneast']);
  });

  test('neither claims a registry nor waits for who does', async () => {
    const younger = {
      ...resource(['uksouth']),
      metadata: { ...resource([]).metadata, name: 'younger', uid: 'uid-2', creationTimestamp: '2026-09-10T11:30:00Z' },
    };
    const world = memoryWorld([observing(['japaneast']), younger]);
    await world.pass('platform/younger' as Key);
    expect(world.azure.calls.PUT).toBe(1);
    await world.pass();
    expect(condition(world, 'Ready')?.reason).toBe('PlanPending');
  });

  test('lets go of a set that was applied before, without effect on Azure', async () => {
    const world = await readyWorld(['japaneast']);
    world.apply(observing(['japaneast']));
    world.delete();
    const calls = { ...world.azure.calls };
    await world.pass();
    expect(world.get()).toBeUndefined();
    expect(world.azure.calls).toEqual(calls);
  });
});

describe('asking to look now', () => {
  const asked = (regions: readonly string[], value: string) =>
    resource(regions, { metadata: { annotations: { 'acr-replication.dev/requested-at': value } } });

  test('is answered in status, and starts repairs anew', async () => {
    const world = memoryWorld([resource(['japaneast'])]);
    world.azure.fates.set(tokyo, ['Failed', 'Failed', 'Failed', 'Failed']);
    expect(await world.passUntil(() => condition(world, 'Stalled')?.reason === 'RepairExhausted')).toBe(true);
    world.annotate({ 'acr-replication.dev/requested-at': 'now' });
    expect(await world.passUntil(isReady(world))).toBe(true);
    expect(world.get()?.status?.lastHandledRequest).toBe('now');
  });

  test('once answered costs nothing more', async () => {
    const world = memoryWorld([asked(['japaneast'], 'now')]);
    expect(await world.passUntil(isReady(world))).toBe(true);
    const before = { ...world.azure.calls, writes: world.writes() };
    await world.pass();
    expect({ ...world.azure.calls, writes: world.writes() }).toEqual({ ...before, LIST: before.LIST + 1 });
  });
});

describe('a call that waits its turn within the request limits', () => {
  const until = new Date('2026-09-10T12:00:30Z');
  const turn = { failure: localThrottle('Paced.', until), lost: false };

  test('when reading, changes no status, counts as no failure, and is made when its turn comes', async () => {
    const world = memoryWorld([resource(three)]);
    world.azure.faults.push(turn);
    expect(await world.pass()).toEqual({ kind: 'look', inMs: 30_000, failed: false });
    expect(world.get()?.status).toBeUndefined();
    expect(await world.passUntil(isReady(world))).toBe(true);
    expect(world.writes()).toBe(4);
  });

  test('when creating, is work under way and no error of the region', async () => {
    const world = memoryWorld([resource(['japaneast'])]);
    world.azure.faults.push(undefined, turn);
    await world.pass();
    expect(condition(world, 'Reconciling')).toMatchObject({
      reason: 'Creating',
      message: "japaneast: waits its turn within Azure's request limits.",
    });
    expect(world.get()?.status?.replicas?.find((r) => r.location === 'japaneast')?.error).toBeUndefined();
  });

  test('of which somebody asked again after a refusal, leaves the refusal known and is made when its turn comes', async () => {
    const refused: Failure = {
      ...forbidden,
      kind: 'terminal',
      reason: 'RegionUnavailable',
      code: 'LocationNotAvailable',
    };
    const world = memoryWorld([resource(['japaneast'])]);
    const error = () => world.get()?.status?.replicas?.find((r) => r.location === 'japaneast')?.error;
    world.azure.faults.push(undefined, { failure: refused, lost: false });
    await world.pass();
    world.annotate({ [requestedAt]: 'now' });
    world.azure.faults.push(undefined, turn);
    await world.pass();
    expect(error()?.code).toBe('LocationNotAvailable');
    expect(await world.pass()).toMatchObject({ failed: false });
    expect(world.azure.calls.PUT).toBe(1);
  });
});

test('a replica that somebody deletes while its next change waits did not vanish while it was being created', async () => {
  const world = await readyWorld(['japaneast']);
  world.azure.policy.set('team', 'theirs');
  world.apply(resource(['japaneast'], { spec: { tags: { team: 'ours' } } }));
  expect(await world.passUntil(() => world.azure.calls.PATCH === 2)).toBe(true);
  await world.pass();
  world.azure.drop(tokyo);
  await world.pass();
  expect(world.get()?.status?.replicas?.find((r) => r.location === 'japaneast')?.error).toBeUndefined();
  expect(condition(world, 'Reconciling')?.reason).toBe('Creating');
});

test('a replica that LIST loses while GET fails is asked for again before it is made anew', async () => {
  const world = await readyWorld(['japaneast']);
  for (const region of world.azure.replicas.keys()) world.azure.drop(region);
  world.azure.faults.push(undefined, { failure: soon, lost: false });
  await world.pass();
  expect(world.azure.calls).toMatchObject({ GET: 2, PUT: 1 });
  await world.pass();
  expect(world.azure.calls).toMatchObject({ GET: 3, PUT: 2 });
});

describe('what the schema bounds', () => {
  test('a message about 64 regions in trouble of their own is cut, not refused', async () => {
    const regions = Array.from({ length: 64 }, (_, i) => `region${i}`);
    const world = memoryWorld([resource(regions)]);
    const trouble = (i: number): Failure => ({ ...forbidden, message: `${i} ${'x'.repeat(1_000)}.` });
    world.azure.faults.push(undefined, ...regions.map((_, i) => ({ failure: trouble(i), lost: false })));
    await world.pass();
    const { message = '' } = condition(world, 'Stalled') ?? {};
    expect(message).toHaveLength(32_768);
    expect(message).toMatch(/x…$/);
  });

  test('a request to look of any length is handled once', async () => {
    const world = await readyWorld();
    world.annotate({ [requestedAt]: `${'y'.repeat(1_023)}😀${'z'.repeat(9_000)}` });
    await world.pass();
    expect(world.get()?.status?.lastHandledRequest).toBe('y'.repeat(1_023));
    const writes = world.writes();
    await world.pass();
    expect(world.writes()).toBe(writes);
  });
});
