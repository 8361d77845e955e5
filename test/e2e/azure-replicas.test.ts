import { describe, expect, type TestContext, test } from 'vitest';
import { requestedAt, type Status } from '../../src/api/registryreplication.ts';
import { stamp } from '../../src/domain/stamp.ts';
import type { SeedReplica } from '../sandbox/emulator/settings.ts';
import { operatorWorld } from '../support/operator-world.ts';
import { condition, ownReplica, replicaOf, type Scene, scene, sharedWorld } from '../support/registry-scene.ts';

/** Two to a page, in an order that means nothing. */
const world = sharedWorld({ pageSize: 2 });
const open = (name: string, ...replicas: readonly (string | SeedReplica)[]) =>
  scene(world(), name, { replicas: replicas.map((r) => (typeof r === 'string' ? { location: r } : r)) });
const own = (name: string, location: string) => ownReplica(world(), name, location);
const regions = (...locations: readonly string[]) => locations.map((location) => ({ location }));

describe('zone redundancy, which Azure may report otherwise than asked, is a note and never a write', () => {
  for (const [asked, told] of [
    ['Enabled', 'Disabled'],
    ['Disabled', 'Enabled'],
  ] as const) {
    test(`${asked} asked for, ${told} reported`, async () => {
      const it = await open(`zones${asked.toLowerCase()}`, { location: 'uksouth', zoneRedundancy: told });
      await it.fault({ kind: 'zoneRedundancyIs', value: told }, { verb: 'PUT' });
      const zoned = ['japaneast', 'uksouth'].map((location) => ({ location, zoneRedundancy: asked }));
      await it.apply({ regions: zoned });
      await it.untilReady();
      await it.lookNow();
      const object = await it.untilReady();
      for (const location of ['japaneast', 'uksouth'])
        expect(replicaOf(object, location)?.note).toMatch(`${told} in Azure and ${asked} in the spec`);
      expect(await it.writes()).toEqual(['PUT japaneast']);
    });
  }
});

describe('a LIST that is wrong', () => {
  test('by saying Failed where GET says Succeeded destroys nothing', async (t) => {
    const it = await open('listfailed', 'japaneast', 'uksouth');
    await it.apply({ regions: regions('japaneast', 'uksouth') });
    await it.untilReady();
    const end = await it.fault({ kind: 'listMisreports', region: 'japaneast', provisioningState: 'Failed' });
    await it.lookNow();
    const object = await it.untilReady();
    expect(replicaOf(object, 'japaneast')?.provisioningState).toBe('Succeeded');
    await looksAgain(t, it);
    await end();
    await it.lookNow();
    await it.untilReady();
    expect(await it.writes()).toEqual([]);
  });

  test('by leaving out what GET still shows destroys and creates nothing', async (t) => {
    const it = await open('listomits', 'japaneast', 'uksouth');
    await it.apply({ regions: regions('japaneast', 'uksouth') });
    await it.untilReady();
    const end = await it.fault({ kind: 'listOmits', region: 'japaneast' });
    await it.lookNow();
    expect(replicaOf(await it.untilReady(), 'japaneast')).toMatchObject({ provisioningState: 'Succeeded' });
    await looksAgain(t, it);
    await end();
    await it.lookNow();
    await it.untilReady();
    expect(await it.writes()).toEqual([]);
  });

  test('by saying that an unwanted replica is Failed has it deleted once, by its own state', async () => {
    const it = await open('listboth', 'japaneast', own('listboth', 'uksouth'));
    await it.fault({ kind: 'listMisreports', region: 'uksouth', provisioningState: 'Failed' });
    await it.apply({ regions: regions('japaneast') });
    await it.untilReady();
    expect(await it.writes()).toEqual(['DELETE uksouth']);
  });
});

test('LIST in random order and in pages is one set: nothing is written to Azure or Kubernetes', async () => {
  const all = ['japaneast', 'westeurope', 'brazilsouth', 'uksouth', 'koreacentral'];
  const it = await open('shuffled', ...all);
  await it.fault({ kind: 'listShuffled' });
  await it.apply({ regions: regions(...all) });
  const before = await it.untilReady();
  expect(before.status?.replicas).toHaveLength(6);
  for (let i = 0; i < 3; i += 1) {
    await it.lookNow();
    const { status } = await it.untilReady();
    expect({ ...status, lastHandledRequest: '' }).toEqual({ ...before.status, lastHandledRequest: '' });
  }
  expect(await it.writes()).toEqual([]);
});

describe('the home region', () => {
  test('in the set counts, and is never created, changed or deleted', async () => {
    const it = await open('homein');
    await it.apply({ regions: regions('eastus', 'japaneast'), tags: { team: 'platform' } });
    expect((await it.untilReady()).status?.summary).toBe('2/2');
    await it.lookNow();
    await it.untilReady();
    expect(await it.writes()).toEqual(['PUT japaneast']);
  });

  test('not in the set is there all the same, and left alone', async () => {
    const it = await open('homeout');
    await it.apply({ regions: regions('japaneast') });
    const { status } = await it.untilReady();
    expect(status?.summary).toBe('1/1');
    expect(status?.replicas?.map((r) => `${r.location} ${r.managed}`)).toEqual(['eastus Home', 'japaneast Created']);
    expect(await it.writes()).toEqual(['PUT japaneast']);
  });

  test('appearing late in the list changes nothing', async () => {
    const it = await open('homelate');
    const appears = await it.fault({ kind: 'listOmits', region: 'eastus' });
    await it.apply({ regions: regions('japaneast') });
    await it.untilReady();
    await appears();
    await it.lookNow();
    await it.untilReady();
    expect(await it.writes()).toEqual(['PUT japaneast']);
  });

  test('alone in the list after the last other replica went, or gone from it too, is fine', async () => {
    const it = await open('homealone', own('homealone', 'japaneast'));
    await it.apply({ regions: regions('eastus') });
    await it.untilReady();
    expect(await it.locations()).toEqual(['eastus']);
    await world().azure.control.deleteReplica({ registry: it.name, region: 'eastus' });
    await it.lookNow();
    expect((await it.untilReady()).status?.summary).toBe('1/1');
    expect(await it.writes()).toEqual(['DELETE japaneast']);
  });
});

describe('a replica whose name is not its region', () => {
  test('is changed and deleted by its own name', async () => {
    const it = await open('othername', { location: 'japaneast', name: 'tokyo' }, 'uksouth');
    await it.apply({ regions: regions('japaneast', 'uksouth'), tags: { team: 'platform' } });
    await it.untilReady();
    await it.apply({ regions: regions('uksouth'), tags: { team: 'platform' } });
    await it.untilReady();
    const paths = async (verb: 'PATCH' | 'DELETE') =>
      (await it.calls(verb)).map((c) => c.path.split('/').at(-1) ?? '').toSorted();
    expect([await paths('PATCH'), await paths('DELETE')]).toEqual([['tokyo', 'uksouth'], ['tokyo']]);
  });

  test('but another wanted region is not in the way: that one gets a name with a number', async () => {
    const it = await open('nametaken', { ...own('nametaken', 'japaneast'), name: 'uksouth' });
    await it.apply({ regions: regions('uksouth') });
    const object = await it.untilReady();
    expect(replicaOf(object, 'uksouth')?.name).toBe('uksouth2');
    expect(await it.locations()).toEqual(['eastus', 'uksouth']);
    expect(await it.writes()).toEqual(['DELETE japaneast', 'PUT uksouth']);
  });
});

describe('a create', () => {
  test('that is refused for some seconds after the delete of the same region was done is tried until it is not', async () => {
    const it = await open('refused', own('refused', 'japaneast'), 'uksouth');
    await it.apply({ regions: regions('uksouth') });
    await it.untilReady();
    await it.fault({ kind: 'createRefused', ms: 8_000 });
    await it.apply({ regions: regions('uksouth', 'japaneast') });
    const busy = await it.untilReason('Retrying');
    expect(condition(busy, 'Reconciling')?.message).toMatch(/^japaneast: .*deleted a moment ago/);
    await it.untilReady();
    expect((await it.calls('PUT')).length).toBeLessThan(6);
  });

  test('whose replica is Failed in the end is repaired by delete and create', async () => {
    const it = await open('failsonce');
    await it.fault({ kind: 'operationFails' }, { verb: 'PUT' }, 1);
    await it.apply({ regions: regions('japaneast', 'uksouth') });
    await it.untilReason('Repairing');
    const object = await it.untilReady();
    const [put] = await it.calls('PUT');
    const locations = ['japaneast', 'uksouth'];
    const counted = locations.filter((location) => replicaOf(object, location)?.attempts === 1);
    expect(counted).toEqual([put?.region]); // until it was well for ten minutes
    expect(await it.writes()).toEqual(
      [`DELETE ${put?.region}`, 'PUT japaneast', 'PUT uksouth', `PUT ${put?.region}`].sort(),
    );
  });
});

/**
 * The pauses between repairs are a minute and more: here the object is given a status in which they are over, and
 * test/unit/controller/reconcile.test.ts goes through the whole sequence with a clock that it turns.
 */
describe('a replica that', () => {
  type Entry = Partial<NonNullable<Status['replicas']>[number]>;

  async function remembered(t: Parameters<typeof operatorWorld>[0], entry: Entry, state?: 'Failed') {
    const own = await operatorWorld(t);
    const it = await scene(own, 'broken', state === undefined ? {} : { replicas: [{ location: 'japaneast' }] });
    if (state !== undefined)
      await own.azure.control.alterReplica({ registry: it.name, region: 'japaneast', provisioningState: state });
    const { metadata } = await it.apply({ regions: regions('japaneast') });
    const why = { status: 'True', reason: 'Repairing', message: 'japaneast: failed and is being made again.' } as const;
    const at = { observedGeneration: metadata.generation, lastTransitionTime: '2026-09-10T06:44:50Z' };
    const status: Status = {
      observedGeneration: metadata.generation,
      phase: 'Syncing',
      owner: `sandbox/${own.namespace}/${it.name}`,
      replicas: [
        {
          location: 'japaneast',
          name: 'japaneast',
          managed: 'Created',
          provisioningState: 'Failed',
          since: '2026-09-10T06:44:50Z',
          ...entry,
        },
      ],
      conditions: [
        { type: 'Ready', ...why, status: 'False', ...at },
        { type: 'Reconciling', ...why, ...at },
      ],
    };
    await own.cluster.kube.patch(`${own.path(it.name)}/status`, { status });
    return { own, it };
  }

  const provisionedTime = '2026-09-09T06:44:50Z';
  for (const [what, entry, repair] of [
    ['was provisioned once is sent its own settings', { provisionedTime }, ['PATCH japaneast']],
    ['never was provisioned is made anew', {}, ['DELETE japaneast', 'PUT japaneast']],
  ] as const) {
    for (const [how, ask] of [
      [`the annotation ${requestedAt}`, (it: Scene) => it.lookNow()],
      ['an edited spec', (it: Scene) => it.apply({ regions: regions('japaneast'), interval: '1h' })],
    ] as const) {
      test(`is Failed after three repairs is left to people until ${how}; one that ${what}`, async (t) => {
        const { own, it } = await remembered(t, { ...entry, attempts: 3 }, 'Failed');
        await own.start();
        const object = await it.untilReason('RepairExhausted');
        expect(condition(object, 'Stalled')?.message).toMatch(/^japaneast: is failed and could not be repaired\./);
        expect(await it.writes()).toEqual([]);
        await ask(it);
        await it.untilReady();
        expect(await it.writes()).toEqual(repair);
      });
    }
  }

  test("is Failed because of a private endpoint's static addresses is Stalled in the end, with Azure's own text", async (t) => {
    const { own, it } = await remembered(t, { attempts: 2 }, 'Failed');
    const message =
      'Failed to replicate private endpoint. Private Endpoint pe-hub contains static ipconfigurations but is missing these membernames registry_data_japaneast.';
    const end = await it.fault(
      { kind: 'operationFails', code: 'PrivateEndpointReplicationFailed', message },
      { verb: 'PUT' },
    );
    await own.start();
    const object = await it.untilReason('RepairExhausted');
    expect(condition(object, 'Stalled')?.message).toContain(message);
    expect(await it.writes()).toEqual(['DELETE japaneast', 'PUT japaneast']);
    await end();
    await it.lookNow();
    await it.untilReady();
  });

  test('vanishes is counted, explained, and not asked for again and again', async (t) => {
    // Its first repair, sent nearly a minute ago: until then Azure may not show what it has accepted.
    const since = stamp(new Date(Date.now() - 57_000));
    const { own, it } = await remembered(t, { provisioningState: 'Creating', attempts: 1, since });
    await own.start();
    const object = await it.until('Vanished after a repair', (o) => {
      const replica = replicaOf(o, 'japaneast');
      return replica?.error?.code === 'Vanished' && replica.attempts === 1;
    });
    expect(replicaOf(object, 'japaneast')?.error?.message).toMatch(/private endpoint/);
    expect(condition(object, 'Ready')).toMatchObject({ reason: 'Repairing' });
    expect(condition(object, 'Ready')?.message).toMatch(/^japaneast: .*private endpoint/);
    // The next repair comes after a minute.
    expect(await it.callsWithin(6_000)).toBeLessThan(4);
    expect(await it.writes()).toEqual([]);
    await it.lookNow();
    await it.untilReady();
    expect(await it.writes()).toEqual(['PUT japaneast']);
  });
});

test('operations are never polled: neither a status hidden for a minute nor a forbidden delete poll is noticed', async () => {
  const it = await open('unpolled', own('unpolled', 'uksouth'));
  await it.fault({ kind: 'operationHidden', ms: 60_000 });
  await it.fault({ kind: 'deletePollForbidden' });
  await it.apply({ regions: [{ location: 'japaneast', routing: 'Disabled' }] });
  await it.untilReady();
  await it.apply({ regions: [{ location: 'japaneast', routing: 'Enabled' }] });
  await it.untilReady();
  expect(await it.writes()).toEqual(['DELETE uksouth', 'PATCH japaneast', 'PUT japaneast']);
  const kinds = (await it.calls()).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'operationStatus' || kind === 'operationResult')).toEqual([]);
});

/** Waits until the operator has listed the replicas once more than so far. */
async function looksAgain(t: TestContext, it: Scene): Promise<void> {
  const looks = async () => (await it.calls('LIST')).length;
  const before = await looks();
  await it.lookNow();
  await t.expect.poll(looks, { timeout: 30_000 }).toBeGreaterThan(before);
}
