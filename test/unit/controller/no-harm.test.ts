import { describe, expect, test } from 'vitest';
import { recreate, type Spec } from '../../../src/api/registryreplication.ts';
import { type Failure, failed, localThrottle, ok } from '../../../src/domain/failure.ts';
import { keyOf } from '../../../src/domain/key.ts';
import { regionOf } from '../../../src/domain/region.ts';
import { ownerTags } from '../../../src/domain/replication.ts';
import { registry, replica, resource } from '../../support/builders.ts';
import { type MemoryWorld, memoryWorld } from '../../support/memory-world.ts';

const forbidden: Failure = {
  kind: 'retryable',
  pace: 'slow',
  reason: 'Forbidden',
  code: 'AuthorizationFailed',
  message: 'Azure forbids it.',
};
const tokyo = regionOf('japaneast');
const london = regionOf('uksouth');

const ready = (world: MemoryWorld) => () => world.get()?.status?.phase === 'Ready';
const reason = (world: MemoryWorld) => world.get()?.status?.conditions?.find(({ type }) => type === 'Ready')?.reason;
const message = (world: MemoryWorld) => world.get()?.status?.conditions?.find(({ type }) => type === 'Ready')?.message;
const entry = (world: MemoryWorld, location: string) =>
  world.get()?.status?.replicas?.find((one) => one.location === location);

const badGateway: Failure = {
  kind: 'retryable',
  pace: 'soon',
  reason: 'Retrying',
  code: '502',
  message: 'Bad gateway.',
};

async function readyWorld(regions: readonly string[] = ['japaneast']): Promise<MemoryWorld> {
  const world = memoryWorld([resource(regions)]);
  expect(await world.passUntil(ready(world))).toBe(true);
  return world;
}

describe('a replica that served once and is Failed now', () => {
  test('is sent its own settings until it serves, and never deleted', async () => {
    const world = await readyWorld();
    world.azure.put(replica('japaneast', { state: 'Failed', status: '' }));
    expect(await world.passUntil(() => world.azure.replicas.get(tokyo)?.state === 'Succeeded')).toBe(true);
    expect(world.azure.calls).toMatchObject({ PUT: 1, PATCH: 1, DELETE: 0 });
  });

  test('is left after three repairs that did not last, with the way to make it anew', async () => {
    const world = await readyWorld();
    world.azure.fates.set(tokyo, ['updateFails', 'updateFails', 'updateFails', 'updateFails']);
    world.azure.put(replica('japaneast', { state: 'Failed', status: '' }));
    expect(await world.passUntil(() => reason(world) === 'RepairExhausted')).toBe(true);
    expect(world.azure.calls.DELETE).toBe(0);
    expect(message(world)).toContain(recreate);
  });

  describe('and whose repair Azure refuses', () => {
    const refusal: Failure = { kind: 'terminal', reason: 'InvalidSpec', code: 'ZonesImmutable', message: 'No zones.' };
    /** Until nothing is repaired any more, or for eight hours. */
    const repaired = async (refuse: (azure: MemoryWorld['azure']) => void): Promise<MemoryWorld> => {
      const world = await readyWorld();
      world.azure.put(replica('japaneast', { state: 'Failed', status: '' }));
      refuse(world.azure);
      await world.passUntil(() => reason(world) === 'RepairExhausted', 500);
      return world;
    };
    /** Every call of the verb is refused, and counted. */
    const refusing = (verb: 'create' | 'update', failure: Failure) => (azure: MemoryWorld['azure']) => {
      azure.fates.set(tokyo, Array<'updateFails'>(4).fill('updateFails'));
      azure[verb] = async () => {
        azure.calls[verb === 'create' ? 'PUT' : 'PATCH'] += 1;
        return failed(failure);
      };
    };

    test('is tried in the other way next, and told to be exhausted after three', async () => {
      const world = await repaired(refusing('create', refusal));
      expect(reason(world)).toBe('RepairExhausted');
      expect(world.azure.calls).toMatchObject({ PUT: 2, PATCH: 2, DELETE: 0 });
      expect(message(world)).toContain(recreate);
    });

    test('is told with the words of the last refusal', async () => {
      const world = await repaired(refusing('update', refusal));
      expect(message(world)).toContain('The last repair was refused: No zones. Correct the spec. Look at');
      expect(entry(world, 'japaneast')).toMatchObject({ attempts: 3, error: { code: 'ZonesImmutable' } });
      const begun = world.passes.length;
      for (let i = 0; i < 3; i += 1) await world.pass();
      const told = world.passes.slice(begun).map(({ verdict }) => verdict.message);
      expect(new Set(told)).toEqual(new Set([message(world)]));
    });

    test('heals when the other way does', async () => {
      const world = await repaired((azure) => {
        azure.update = async () => failed(refusal);
        azure.create = async () => {
          azure.put(replica('japaneast'));
          return ok(replica('japaneast'));
        };
      });
      expect(reason(world)).toBe('InSync');
    });

    const busy: Failure = {
      kind: 'retryable',
      pace: 'soon',
      busy: true,
      reason: 'Retrying',
      code: 'Conflict',
      message: 'Another change.',
    };
    for (const [cause, failure, then] of [
      ['forbids it', forbidden, 'Forbidden'],
      ['keeps it busy', busy, 'Rejected'],
    ] as const) {
      test(`is tried for as long as somebody else may end what ${cause}`, async () => {
        const world = await repaired(refusing('update', failure));
        expect(reason(world)).toBe(then);
        expect(entry(world, 'japaneast')?.attempts).toBeUndefined();
      });
    }

    test('is no repair when it was the GET before it that failed', async () => {
      const world = await repaired((azure) => {
        azure.get = async () => failed(refusal);
      });
      expect(reason(world)).toBe('InvalidSpec');
      expect(entry(world, 'japaneast')?.attempts).toBeUndefined();
    });
  });

  test('is deleted and made anew for whom asks by annotation, once', async () => {
    const world = await readyWorld();
    world.annotate({ [recreate]: 'japaneast' });
    await world.pass();
    expect(world.azure.calls.DELETE).toBe(1);
    expect(await world.passUntil(ready(world))).toBe(true);
    expect(world.azure.calls).toMatchObject({ PUT: 2, DELETE: 1 });
    expect(world.get()?.status?.lastHandledRecreate).toBe('japaneast');
  });

  test('is left for whom takes the request back in mid-pass', async () => {
    const world = await readyWorld();
    world.annotate({ [recreate]: 'japaneast' });
    world.azure.interrupt = () => world.annotate({});
    await world.pass();
    expect(await world.passUntil(ready(world))).toBe(true);
    expect(world.azure.calls.DELETE).toBe(0);
  });

  test('is left for whom takes the request back before the object has its finalizer', async () => {
    const world = memoryWorld([resource(['japaneast', 'uksouth'])], [replica('japaneast')]);
    world.annotate({ [recreate]: 'japaneast' });
    const store = { ...world.store };
    Object.assign(world.store, {
      addFinalizer: (...of: Parameters<typeof store.addFinalizer>) => {
        world.annotate({});
        return store.addFinalizer(...of);
      },
    });
    await world.pass();
    expect(world.azure.calls.DELETE).toBe(0);
  });

  test('is left, and not later either, for whom asks in mode Observe', async () => {
    const world = await readyWorld();
    const spec = (mode: 'Apply' | 'Observe') => resource(['japaneast'], { spec: { mode } });
    world.apply(spec('Observe'));
    world.annotate({ [recreate]: 'japaneast' });
    await world.pass();
    world.apply(spec('Apply'));
    world.annotate({ [recreate]: 'japaneast' });
    expect(await world.passUntil(ready(world))).toBe(true);
    expect(world.azure.calls.DELETE).toBe(0);
  });

  test('is left, and not later either, when the region was not in the set as somebody asked', async () => {
    const world = await readyWorld();
    world.annotate({ [recreate]: 'uksouth,eastus' });
    await world.pass();
    await world.pass();
    expect(world.get()?.status?.lastHandledRecreate).toBe('uksouth,eastus');
    expect(world.events.filter((event) => event.startsWith('RecreateIgnored'))).toEqual([
      'RecreateIgnored uksouth: not made anew, for it is not in spec.regions. eastus: not made anew, for it is the home region, which cannot be deleted.',
    ]);
    world.azure.put(replica('uksouth'));
    world.apply(resource(['japaneast', 'uksouth']));
    world.annotate({ [recreate]: 'uksouth,eastus' });
    expect(await world.passUntil(ready(world))).toBe(true);
    expect(world.azure.calls.DELETE).toBe(0);
  });

  test("is left, and not later either, when it was another owner's as somebody asked", async () => {
    const elsewhere = ownerTags('elsewhere/platform/contoso');
    const world = memoryWorld([resource(['japaneast'])], [replica('japaneast', { tags: elsewhere })]);
    world.annotate({ [recreate]: 'japaneast' });
    await world.pass();
    expect(world.events).toContain(
      'RecreateIgnored japaneast: not made anew, for it belongs to elsewhere/platform/contoso.',
    );
    world.azure.put(replica('japaneast'));
    expect(await world.passUntil(ready(world))).toBe(true);
    expect(world.azure.calls.DELETE).toBe(0);
  });

  test('is sent its own settings also when a list left it out and a GET failed meanwhile', async () => {
    const world = await readyWorld();
    world.azure.omitted.add(tokyo);
    world.azure.faults.push(undefined, { failure: badGateway, lost: false });
    await world.pass();
    world.azure.omitted.clear();
    world.azure.put(replica('japaneast', { state: 'Creating', status: '' }));
    await world.pass();
    world.azure.put(replica('japaneast', { state: 'Failed', status: '' }));
    expect(await world.passUntil(ready(world))).toBe(true);
    expect(world.azure.calls.DELETE).toBe(0);
  });

  test('is sent its own settings also when nobody saw it serve', async () => {
    const world = memoryWorld([resource(['japaneast'])]);
    await world.pass();
    world.apply(resource(['japaneast'], { spec: { suspend: true } }));
    await world.pass();
    world.advance(86_400_000);
    world.azure.put(replica('japaneast', { state: 'Failed', status: '' }));
    world.apply(resource(['japaneast']));
    expect(await world.passUntil(ready(world))).toBe(true);
    expect(world.azure.calls).toMatchObject({ PUT: 1, PATCH: 1, DELETE: 0 });
  });

  test('a region without a replica is created once for whom asks by annotation', async () => {
    const world = memoryWorld([resource(['japaneast'])]);
    world.annotate({ [recreate]: 'japaneast' });
    expect(await world.passUntil(ready(world))).toBe(true);
    expect(world.azure.calls).toMatchObject({ PUT: 1, DELETE: 0 });
  });
});

describe('a deletion', () => {
  test('does not happen once the object was edited in mid-pass', async () => {
    const world = await readyWorld(['japaneast', 'uksouth']);
    world.apply(resource(['uksouth']));
    world.azure.interrupt = () => world.apply(resource(['japaneast', 'uksouth']));
    await world.pass();
    expect(await world.passUntil(ready(world))).toBe(true);
    expect(world.azure.calls.DELETE).toBe(0);
  });

  test('costs one look and one GET of the registry, where that was only remembered', async () => {
    const world = await readyWorld(['japaneast', 'uksouth']);
    world.apply(resource(['uksouth']));
    const { GET, LIST } = world.azure.calls;
    await world.pass();
    // The registry, the replica that goes, and the one that stays.
    expect(world.azure.calls).toMatchObject({ GET: GET + 3, LIST: LIST + 1, DELETE: 1 });
  });

  test('spares the home region of a registry that was made anew there, also of the notice of it', async () => {
    const one = await readyWorld(['japaneast', 'uksouth']);
    one.apply(resource(['uksouth']));
    one.azure.readRegistry = async () => ok(registry({ home: tokyo }));
    await one.pass();
    expect(one.azure.calls.DELETE).toBe(0);

    const other = await readyWorld(['uksouth']);
    other.azure.put(replica('japaneast'));
    other.azure.readRegistry = async () => ok(registry({ home: tokyo }));
    await other.pass();
    expect(other.get()?.status?.registry?.homeRegion).toBe('japaneast');
    expect(other.events.filter((event) => event.startsWith('ReplicaNoticed japaneast'))).toEqual([]);
  });

  test('waits while the registry cannot be read', async () => {
    const world = await readyWorld(['japaneast', 'uksouth']);
    world.apply(resource(['uksouth']));
    const failure: Failure = { kind: 'retryable', pace: 'soon', reason: 'Retrying', code: '503', message: 'Busy.' };
    world.azure.faults.push(undefined, { failure, lost: false });
    await world.pass();
    expect(world.azure.calls.DELETE).toBe(0);
    expect(reason(world)).toBe('Retrying');
  });

  test('takes along what the object made and has dropped meanwhile, and asks at once whether it is gone', async () => {
    const world = await readyWorld(['japaneast', 'uksouth']);
    world.azure.fates.set(regionOf('brazilsouth'), ['Failed', 'Failed', 'Failed', 'Failed']);
    world.apply(resource(['brazilsouth', 'uksouth']));
    await world.passUntil(() => reason(world) === 'RepairExhausted');
    expect(world.azure.replicas.has(tokyo)).toBe(true); // held: the set is not ready
    world.delete();
    const begun = world.passes.length;
    expect(await world.passUntil(() => world.get() === undefined)).toBe(true);
    expect([...world.azure.replicas.keys()]).toEqual(['eastus']);
    const waits = world.passes.slice(begun).map(({ verdict }) => verdict.message);
    expect(waits.filter((text) => text.includes('waits its turn'))).toEqual([]);
  });

  test('of an object takes along what bears its tag, also where status knows nothing of it', async () => {
    const tags = { 'managed-by': 'acr-replication-operator', 'acr-replication-owner': 'test/platform/contoso' };
    const object = resource(['uksouth'], { spec: { prune: 'None' } });
    const world = memoryWorld([object], [replica('japaneast', { tags })]);
    expect(await world.passUntil(ready(world))).toBe(true);
    world.delete();
    expect(await world.passUntil(() => world.get() === undefined)).toBe(true);
    expect([...world.azure.replicas.keys()]).toEqual(['eastus']);
  });

  test('of an object waits for a replica under its own name that LIST leaves out, when another has the region’s name', async () => {
    const world = memoryWorld([resource(['uksouth'])], [replica('westeurope', { name: 'uksouth' })]);
    expect(await world.passUntil(() => world.azure.replicas.has(london))).toBe(true);
    world.azure.omitted.add(london);
    world.advance(86_400_000); // longer than LIST may lag
    world.delete();
    await world.pass();
    expect(world.azure.calls.DELETE).toBe(1);
    expect(entry(world, 'uksouth')).toMatchObject({ name: 'uksouth2', provisioningState: 'Deleting' });
    await world.pass();
    expect(world.get()).toBeDefined();
    expect(await world.passUntil(() => world.get() === undefined)).toBe(true);
    expect(world.azure.replicas.has(london)).toBe(false);
  });

  test('of an object waits while LIST shows a replica that a GET does not', async () => {
    const world = await readyWorld();
    world.azure.denied.add(tokyo);
    world.delete();
    for (let i = 0; i < 5; i += 1) await world.pass();
    expect(world.get()).toBeDefined();
    expect(message(world)).toContain("is in Azure's list of replications and not found by its name");
    world.azure.denied.clear();
    expect(await world.passUntil(() => world.get() === undefined)).toBe(true);
    expect([...world.azure.replicas.keys()]).toEqual(['eastus']);
  });

  test('of an object waits while LIST shows what was made a moment ago, and a GET does not', async () => {
    const world = memoryWorld([resource(['japaneast'])]);
    await world.pass();
    world.azure.denied.add(tokyo);
    world.delete();
    await world.pass();
    expect(world.get()).toBeDefined();
    world.azure.denied.clear();
    expect(await world.passUntil(() => world.get() === undefined)).toBe(true);
    expect([...world.azure.replicas.keys()]).toEqual(['eastus']);
  });

  test('of an object takes along what a former name of the cluster owns and a LIST has left out once', async () => {
    const world = await readyWorld(['japaneast', 'uksouth']);
    const before = 'before/platform/contoso';
    for (const region of ['japaneast', 'uksouth'])
      world.azure.put(replica(region, { tags: { 'acr-replication-owner': before } }));
    const object = world.get();
    if (object?.status === undefined) throw new Error('there is no status');
    await world.store.writeStatus(object, { ...object.status, owner: before }, new AbortController().signal);
    world.azure.fates.set(regionOf('brazilsouth'), ['Failed', 'Failed', 'Failed', 'Failed']);
    world.apply(resource(['brazilsouth', 'uksouth']));
    world.azure.omitted.add(tokyo);
    await world.pass();
    world.azure.omitted.clear();
    await world.pass();
    expect(entry(world, 'japaneast')?.managed).toBe('Created');
    world.delete();
    expect(await world.passUntil(() => world.get() === undefined)).toBe(true);
    expect([...world.azure.replicas.keys()].filter((region) => region !== 'eastus')).toEqual([]);
  });

  test('of what is not wanted waits while home does not serve', async () => {
    const world = await readyWorld(['eastus', 'japaneast']);
    world.azure.put(replica('eastus', { status: 'Offline' }));
    world.apply(resource(['eastus']));
    for (let i = 0; i < 3; i += 1) await world.pass();
    expect(world.azure.calls.DELETE).toBe(0);
    expect(message(world)).toContain('Offline');
    world.azure.put(replica('eastus'));
    expect(await world.passUntil(ready(world))).toBe(true);
    expect(world.azure.calls.DELETE).toBe(1);
  });

  test('of an object leaves what it dropped and what bears no tag of its own any more', async () => {
    const world = await readyWorld(['japaneast', 'uksouth']);
    world.apply(resource(['uksouth'], { spec: { prune: 'None' } }));
    await world.pass();
    world.azure.put(replica('japaneast', { tags: {} }));
    world.delete();
    expect(await world.passUntil(() => world.get() === undefined)).toBe(true);
    expect([...world.azure.replicas.keys()].sort()).toEqual(['eastus', 'japaneast']);
    expect(world.events).toContain('ReplicaRetained japaneast: left in Azure, where they go on being billed.');
  });

  test('of an object ends when three looks, 20 s apart, find no registry; a missing subscription proves nothing', async () => {
    const gone = (code: string): Failure => {
      const message = 'There is none.';
      return { kind: 'terminal', reason: 'RegistryNotFound', code, message };
    };
    const end = async (code: string): Promise<readonly string[] | undefined> => {
      const world = await readyWorld(['japaneast', 'uksouth']);
      world.azure.faults.push(...Array.from({ length: 20 }, () => ({ failure: gone(code), lost: false })));
      world.delete();
      const hasGone = await world.passUntil(() => world.get() === undefined, 20);
      return hasGone ? world.events.filter((event) => /Gone|Retained|Deleted/.test(event)) : undefined;
    };
    const told =
      'RegistryGone the registry is gone, and its replicas with it: japaneast, uksouth. If it was only moved to another resource group or subscription, they are there, and go on being billed.';
    expect(await end('ResourceNotFound')).toEqual([told]);
    expect(await end('ResourceGroupNotFound')).toEqual([told]);
    expect(await end('SubscriptionNotFound')).toBeUndefined();
  });
});

describe('a replica that must serve before another one goes', () => {
  const dropped = async () => {
    const world = await readyWorld(['japaneast', 'uksouth']);
    world.apply(resource(['japaneast']));
    return world;
  };

  test('is what is told of when nobody may ask for it; the other one waits, and nothing is wrong with it', async () => {
    const world = await dropped();
    world.azure.faults.push(...Array<undefined>(3), { failure: forbidden, lost: false });
    const next = await world.pass();
    expect(world.azure.calls.DELETE).toBe(0);
    expect(message(world)).toMatch(/^japaneast: Azure forbids it\./);
    expect(entry(world, 'japaneast')?.error).toMatchObject({ reason: 'Forbidden' });
    expect(entry(world, 'japaneast')?.notBefore).toBeUndefined();
    expect(entry(world, 'uksouth')).not.toHaveProperty('error');
    expect(next).toMatchObject({ inMs: 30_000, failed: true });
    await world.pass();
    expect(world.azure.calls.DELETE).toBe(1);
    expect(entry(world, 'japaneast')?.error).toBeUndefined();
  });

  test('is told of beside the other one, which is not being deleted', async () => {
    const world = await dropped();
    const failure: Failure = {
      kind: 'retryable',
      pace: 'soon',
      reason: 'Retrying',
      code: '503',
      message: 'In trouble.',
    };
    world.azure.faults.push(...Array<undefined>(3), { failure, lost: false });
    await world.pass();
    expect(message(world)).toBe(
      'japaneast: In trouble. The operator tries again by itself. uksouth: will be deleted once every wanted region is ready.',
    );
  });

  test('is not named when the request limits are what keeps it from being asked for', async () => {
    const world = await dropped();
    const failure = localThrottle('busy', new Date(0));
    world.azure.faults.push(...Array<undefined>(3), { failure, lost: false });
    await world.pass();
    expect(message(world)).toBe("uksouth: waits its turn within Azure's request limits.");
  });
});

describe("somebody else's replica", () => {
  const world = () => memoryWorld([resource(['japaneast'])], [replica('japaneast'), replica('uksouth')]);

  test('gets five minutes, counted from when it is seen to be unwanted, an Event and a message that says what keeps it', async () => {
    const one = world();
    await one.pass();
    expect(entry(one, 'uksouth')?.notBefore).toBe('2026-09-10T12:05:00Z');
    expect(one.events.filter((event) => event.startsWith('ReplicaNoticed'))).toHaveLength(1);
    expect(message(one)).toContain('To keep it: list it');
    expect(await one.passUntil(ready(one))).toBe(true);
    expect(one.azure.replicas.has(london)).toBe(false);
    expect(one.events.filter((event) => event.startsWith('ReplicaNoticed'))).toHaveLength(1);
  });

  test.each([{ prune: 'None' }, { mode: 'Observe' }] as const)(
    'keeps its entry while LIST alone leaves it out: %o',
    async (spec) => {
      const one = memoryWorld([resource(['japaneast'], { spec })], [replica('japaneast'), replica('uksouth')]);
      await one.pass();
      one.azure.omitted.add(london);
      await one.pass();
      expect(entry(one, 'uksouth')?.managed).toBe('Unlisted');
      expect(one.events.filter((event) => event.startsWith('ReplicaDeleted'))).toEqual([]);
    },
  );

  test('that stayed for prune None gets them, too, when that becomes All', async () => {
    const one = memoryWorld(
      [resource(['japaneast'], { spec: { prune: 'None' } })],
      [replica('japaneast'), replica('uksouth')],
    );
    await one.pass();
    one.apply(resource(['japaneast'], { spec: { prune: 'All' } }));
    await one.pass();
    expect(one.azure.calls.DELETE).toBe(0);
    expect(await one.passUntil(ready(one))).toBe(true);
    expect(one.azure.replicas.has(london)).toBe(false);
  });
});

describe('the notice of a deletion', () => {
  const spec = (changes: Partial<Spec>) => resource(['japaneast'], { spec: changes });
  const another = { tags: { 'acr-replication-owner': 'elsewhere/platform/contoso' } };
  const older = resource(['japaneast'], {
    metadata: { name: 'older', uid: 'uid-2', creationTimestamp: '2026-09-10T10:00:00Z' },
  });
  const notices = ({ events }: MemoryWorld) => events.filter((event) => event.startsWith('ReplicaNoticed')).length;
  const world = (object = spec({})) => memoryWorld([object], [replica('japaneast'), replica('uksouth')]);

  test('is not given in mode Observe, which deletes nothing', async () => {
    const one = world(spec({ mode: 'Observe' }));
    await one.pass();
    expect(one.get()?.status?.plan).toEqual(['-uksouth']);
    expect(entry(one, 'uksouth')?.notBefore).toBeUndefined();
    expect(notices(one)).toBe(0);
  });

  const interludes: readonly (readonly [
    name: string,
    begin: (world: MemoryWorld) => void,
    end: (world: MemoryWorld) => void,
  ])[] = [
    ['mode Observe', (one) => one.apply(spec({ mode: 'Observe' })), (one) => one.apply(spec({}))],
    [
      'mode Observe, in which Azure could not be read',
      (one) => {
        one.azure.faults.push({ failure: forbidden, lost: false });
        one.apply(spec({ mode: 'Observe' }));
      },
      (one) => one.apply(spec({})),
    ],
    ['a suspension', (one) => one.apply(spec({ suspend: true })), (one) => one.apply(spec({}))],
    ['prune None', (one) => one.apply(spec({ prune: 'None' })), (one) => one.apply(spec({}))],
    ['a spec with a mistake', (one) => one.apply(resource(['japaneast', 'Japan East'])), (one) => one.apply(spec({}))],
    ['the claim of an older object', (one) => one.apply(older), (one) => one.delete(keyOf(older))],
    [
      'an owner in another cluster',
      (one) => one.azure.put(replica('uksouth', another)),
      (one) => one.azure.put(replica('uksouth')),
    ],
  ];
  for (const [name, begin, end] of interludes) {
    for (const minutes of [1, 6]) {
      test(`begins anew after ${name}, when it had begun ${minutes} min before`, async () => {
        const one = world();
        // Nothing goes meanwhile: the set is not ready.
        one.azure.put(replica('japaneast', { status: 'Syncing' }));
        await one.pass();
        one.advance(minutes * 60_000);
        begin(one);
        await one.pass();
        expect(entry(one, 'uksouth')?.notBefore).toBeUndefined();
        one.advance(86_400_000);
        end(one);
        one.azure.put(replica('japaneast'));
        const begun = one.passes.length;
        await one.pass();
        expect(one.azure.calls.DELETE).toBe(0);
        const at = one.passes[begun]?.now.getTime() ?? 0;
        expect(Date.parse(entry(one, 'uksouth')?.notBefore ?? '') - at).toBeGreaterThan(299_000);
        expect(notices(one)).toBe(2);
        expect(await one.passUntil(ready(one))).toBe(true);
        expect(one.azure.replicas.has(london)).toBe(false);
      });
    }
  }

  test('goes on while Azure cannot be read', async () => {
    const one = world();
    await one.pass();
    const { notBefore } = entry(one, 'uksouth') ?? {};
    one.azure.faults.push({ failure: forbidden, lost: false });
    await one.pass();
    expect(reason(one)).toBe('Forbidden');
    expect(entry(one, 'uksouth')?.notBefore).toBe(notBefore);
  });

  test('goes on for a replica that a list leaves out while it cannot be asked for', async () => {
    const failure: Failure = {
      kind: 'retryable',
      pace: 'soon',
      reason: 'Retrying',
      code: '503',
      message: 'In trouble.',
    };
    const one = world();
    await one.pass();
    const { notBefore } = entry(one, 'uksouth') ?? {};
    one.azure.hidden.set(london, Number.POSITIVE_INFINITY);
    one.azure.faults.push(undefined, { failure, lost: false });
    await one.pass();
    expect(reason(one)).toBe('Retrying');
    one.azure.hidden.delete(london);
    await one.pass();
    expect(one.azure.calls.DELETE).toBe(0);
    expect(entry(one, 'uksouth')?.notBefore).toBe(notBefore);
  });

  test('begins anew for what was to be deleted, as Azure refused, before the object was suspended', async () => {
    const one = world();
    await one.pass();
    one.advance(5 * 60_000);
    one.azure.faults.push(...Array<undefined>(4), { failure: forbidden, lost: false });
    await one.pass();
    expect(reason(one)).toBe('Forbidden');
    one.apply(spec({ suspend: true }));
    await one.pass();
    one.apply(spec({}));
    await one.pass();
    expect(one.azure.calls.DELETE).toBe(1);
    expect(notices(one)).toBe(2);
  });
});

describe('a replica that bears the tag of another object', () => {
  const tagged = {
    tags: { 'managed-by': 'acr-replication-operator', 'acr-replication-owner': 'test/platform/another' },
  };
  const another = (spec: Partial<Spec>, metadata = {}) =>
    resource(['japaneast'], { spec, metadata: { name: 'another', uid: 'uid-2', ...metadata } });
  const spec: Partial<Spec> = { regions: [{ location: 'japaneast', routing: 'Disabled' }] };

  test('which manages another registry, is changed, and deleted after notice when it is not listed', async () => {
    const fabrikam = another({ registry: { name: 'fabrikam', resourceGroup: 'registries', subscriptionId: 's' } });
    const world = memoryWorld(
      [resource([], { spec }), fabrikam],
      [replica('japaneast', tagged), replica('uksouth', tagged)],
    );
    await world.pass();
    expect(world.azure.calls).toMatchObject({ PATCH: 1, DELETE: 0 });
    expect(await world.passUntil(ready(world))).toBe(true);
    expect(world.azure.replicas.has(london)).toBe(false);
  });

  test('which lost the registry to this older one, is changed', async () => {
    const younger = another({}, { creationTimestamp: '2026-09-10T11:30:00Z' });
    const key = keyOf(younger);
    const world = memoryWorld([resource([], { spec: { ...spec, mode: 'Observe' } }), younger]);
    for (let i = 0; i < 12; i += 1) await world.pass(key);
    expect(world.get(key)?.status?.phase).toBe('Ready');
    await world.pass();
    world.apply(resource([], { spec }));
    expect(await world.passUntil(ready(world))).toBe(true);
    expect(world.azure.replicas.get(tokyo)?.routing).toBe('Disabled');
    await world.pass(key);
    expect(world.get(key)?.status?.conditions?.[0]?.reason).toBe('RegistryClaimed');
  });
});

describe('what Azure accepted and does not show', () => {
  test('within a minute of a PUT is lag: nothing is sent again, no repair counted', async () => {
    const world = memoryWorld([resource(['japaneast'])]);
    world.azure.fates.set(tokyo, ['late']);
    expect(await world.passUntil(ready(world))).toBe(true);
    expect(world.azure.calls.PUT).toBe(1);
    expect(entry(world, 'japaneast')?.attempts).toBeUndefined();
  });

  test('long after that was somebody deleting it: it is created at once', async () => {
    const world = await readyWorld();
    world.azure.drop(tokyo);
    await world.pass();
    expect(world.azure.calls.PUT).toBe(2);
  });

  test('because a policy says otherwise is changed three times in growing pauses, then Overridden until somebody asks', async () => {
    const world = memoryWorld([resource(['japaneast'], { spec: { tags: { team: 'platform' } } })]);
    world.azure.policy.set('team', 'policy');
    expect(await world.passUntil(() => reason(world) === 'Overridden')).toBe(true);
    expect(world.azure.calls.PATCH).toBe(3);
    expect(message(world)).toContain('team');
    const begun = world.passes.length;
    expect(await world.passUntil(() => world.azure.calls.PATCH > 4)).toBe(true);
    const told = world.passes.slice(begun).map(({ verdict }) => verdict.reason);
    expect(new Set(told)).toEqual(new Set(['Overridden'])); // no back and forth while it is tried again
  });
});
