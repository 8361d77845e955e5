import { describe, expect, test } from 'vitest';
import { recreate, type Spec } from '../../../src/api/registryreplication.ts';
import type { Failure } from '../../../src/domain/failure.ts';
import { regionOf } from '../../../src/domain/region.ts';
import type { Switch } from '../../../src/domain/replication.ts';
import { stamp } from '../../../src/domain/stamp.ts';
import { minutesAfter, replica, resource } from '../../support/builders.ts';
import { type MemoryWorld, memoryWorld } from '../../support/memory-world.ts';

const two = ['japaneast', 'westeurope'];
const all = ['eastus', ...two];
const tokyo = regionOf('japaneast');

/** When specs are edited: an interval after the first pass. */
const editedAt = 5;
const after = (minutes: number) => minutesAfter(editedAt + minutes);

function drain(location: string, minutes: number, reason = 'INC-4711') {
  return { location, until: stamp(after(minutes)), reason };
}

/** What is told of drains and drift. */
function told(world: MemoryWorld): readonly string[] {
  return world.events.filter((event) => !event.startsWith('ReplicaReady'));
}

function advanceTo(world: MemoryWorld, minutes: number): void {
  world.advance(Math.max(after(minutes).getTime() - world.now().getTime(), 0));
}

function routings(world: MemoryWorld): Record<string, Switch> {
  return Object.fromEntries([...world.azure.replicas.values()].map(({ region, routing }) => [region, routing]));
}

function condition(world: MemoryWorld, type: string) {
  return world.get()?.status?.conditions?.find((one) => one.type === type);
}

function drainedIn(world: MemoryWorld): Record<string, unknown> {
  const entries = world.get()?.status?.replicas ?? [];
  return Object.fromEntries(entries.flatMap(({ location, drained }) => (drained ? [[location, drained]] : [])));
}

/** An object at rest, with replicas that are as they are found; then its spec is edited. */
async function edited(spec: Partial<Spec>, found: Partial<Record<string, Switch>> = {}): Promise<MemoryWorld> {
  const world = memoryWorld(
    [resource(two)],
    all.map((region) => replica(region, { routing: found[region] ?? 'Enabled' })),
  );
  await world.pass();
  edit(world, spec);
  return world;
}

function edit(world: MemoryWorld, spec: Partial<Spec>, regions: readonly string[] = two): void {
  world.apply(resource(regions, { spec }));
}

const settled = (world: MemoryWorld, region: string, routing: Switch) => () =>
  world.azure.replicas.get(regionOf(region))?.routing === routing && !world.azure.isBusy();

async function passes(world: MemoryWorld, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await world.pass();
}

/** Passes until the object rests for more than a minute. */
async function rest(world: MemoryWorld): Promise<void> {
  for (let i = 0; i < 20; i += 1) {
    const next = await world.pass();
    if (next.kind === 'done' || next.inMs > 60_000) return;
  }
  throw new Error('no rest');
}

const outage: Failure = {
  kind: 'retryable',
  pace: 'soon',
  reason: 'Retrying',
  code: '503',
  message: 'Azure is unavailable.',
};
const limited: Failure = { ...outage, kind: 'throttled', reason: 'Throttled', code: '429' };

describe('a drain', () => {
  test('takes its region out of routing, and nothing else', async () => {
    const world = await edited({ drains: [drain('Japan East', 60)] });
    await passes(world, 4);
    expect(routings(world)).toEqual({ eastus: 'Enabled', japaneast: 'Disabled', westeurope: 'Enabled' });
    expect(world.azure.calls.PATCH).toBe(1);
  });

  test('has in status what routing was before it is changed', async () => {
    const world = await edited({ drains: [drain('japaneast', 600)] });
    await world.pass();
    expect(world.azure.calls.PATCH).toBe(0);
    expect(drainedIn(world)).toEqual({ japaneast: { until: stamp(after(600)), before: 'Enabled' } });
    expect(condition(world, 'Drained')).toBeUndefined();
    expect(condition(world, 'Ready')).toMatchObject({ status: 'True', reason: 'InSync' });
  });

  test('is told by a condition that does not count for Ready, and by an Event', async () => {
    const world = await edited({ drains: [drain('japaneast', 600, 'INC-4711, packets are lost.')] });
    await passes(world, 4);
    expect(condition(world, 'Drained')).toMatchObject({
      status: 'True',
      reason: 'Drained',
      message: `japaneast until ${stamp(after(600))}: INC-4711, packets are lost.`,
    });
    expect(condition(world, 'Ready')).toMatchObject({ status: 'True', reason: 'InSync' });
    expect(told(world)).toEqual(['ReplicaDrained japaneast: out of routing.']);
  });

  test('is no drift, however it begins and ends', async () => {
    const world = await edited({ drains: [drain('japaneast', 60)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    expect(await world.passUntil(settled(world, 'japaneast', 'Enabled'))).toBe(true);
    await passes(world, 2);
    expect(told(world)).toEqual([
      'ReplicaDrained japaneast: out of routing.',
      'ReplicaRestored japaneast: back in routing.',
    ]);
  });

  test('ends within seconds of its until, whatever the interval', async () => {
    const world = await edited({ interval: '24h', drains: [drain('japaneast', 61)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    expect(await world.passUntil(settled(world, 'japaneast', 'Enabled'), 10)).toBe(true);
    expect(world.now().getTime() - after(61).getTime()).toBeLessThan(5_000);
    await rest(world);
    expect(drainedIn(world)).toEqual({});
    expect(condition(world, 'Drained')).toBeUndefined();
    expect(world.get()?.status?.plan).toBeUndefined();
  });

  test('of less than a minute ends in time, too', async () => {
    const world = await edited({ drains: [drain('japaneast', 0.25)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    expect(await world.passUntil(settled(world, 'japaneast', 'Enabled'), 10)).toBe(true);
    expect(world.now().getTime() - after(0.25).getTime()).toBeLessThan(5_000);
  });

  test('ends at once when its entry is removed', async () => {
    const world = await edited({ drains: [drain('japaneast', 600)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    edit(world, {});
    await world.pass();
    expect(routings(world)).toMatchObject({ japaneast: 'Enabled' });
    await rest(world);
    expect(drainedIn(world)).toEqual({});
    expect(world.azure.calls.PATCH).toBe(2);
  });

  test('that is over when it is first seen changes nothing', async () => {
    const world = await edited({ drains: [drain('japaneast', -1)] });
    const { GET } = world.azure.calls;
    await passes(world, 2);
    expect(world.azure.calls).toMatchObject({ GET, PATCH: 0 });
    expect(drainedIn(world)).toEqual({});
  });

  test('more than 30 days before its end waits, and says so', async () => {
    const days = 24 * 60;
    const world = await edited({ drains: [drain('japaneast', 31 * days)] });
    await passes(world, 2);
    expect(world.azure.calls.PATCH).toBe(0);
    expect(condition(world, 'Ready')?.message).toBe(
      'All 2 regions are ready. japaneast: its drain waits: it begins 30 days before its end at the earliest; to begin it now, state an earlier until.',
    );
    expect(world.events.filter((event) => event.startsWith('ReplicaDrainWaiting'))).toHaveLength(1);
  });

  test('may be put off, but no more than 30 days ahead: then it keeps its end, to the moment', async () => {
    const world = await edited({ interval: '24h', drains: [drain('japaneast', 600)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    edit(world, { interval: '24h', drains: [drain('japaneast', 700)] });
    await world.pass();
    expect(drainedIn(world)).toEqual({ japaneast: { until: stamp(after(700)), before: 'Enabled' } });
    world.advance(after(100).getTime() - world.now().getTime()); // long before the next look
    edit(world, { interval: '24h', drains: [drain('japaneast', 60 * 24 * 60)] });
    await world.pass();
    expect(drainedIn(world)).toEqual({ japaneast: { until: stamp(after(700)), before: 'Enabled' } });
    expect(await world.passUntil(settled(world, 'japaneast', 'Enabled'), 10)).toBe(true);
    expect(world.now().getTime() - after(700).getTime()).toBeGreaterThanOrEqual(0);
    expect(world.now().getTime() - after(700).getTime()).toBeLessThan(5_000);
  });

  test('of a region that is neither in the set nor home is told, and does nothing', async () => {
    const world = await edited({ drains: [drain('uksouth', 10)] });
    await passes(world, 2);
    expect(world.azure.calls.PATCH).toBe(0);
    expect(condition(world, 'Ready')?.message).toContain('uksouth: is in spec.drains and neither in spec.regions nor');
  });
});

describe('after a drain routing is', () => {
  const rows = [
    { name: 'as it was, Enabled', found: 'Enabled', stated: undefined, then: 'Enabled' },
    { name: 'as it was, taken out by hand before', found: 'Disabled', stated: undefined, then: 'Disabled' },
    { name: 'as the spec states it', found: 'Enabled', stated: 'Enabled', then: 'Enabled' },
    { name: 'out, as the spec states it', found: 'Enabled', stated: 'Disabled', then: 'Disabled' },
    { name: 'in, as the spec states it now', found: 'Disabled', stated: 'Enabled', then: 'Enabled' },
  ] as const;
  const regionsWith = (routing: Switch | undefined) =>
    two.map((location) => (location === 'japaneast' && routing !== undefined ? { location, routing } : { location }));
  for (const { name, found, stated, then } of rows) {
    test(`${name}, edited while it is drained`, async () => {
      const world = await edited({ drains: [drain('japaneast', 600)] }, { japaneast: found });
      expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
      await passes(world, 2);
      edit(world, { regions: regionsWith(stated), drains: [drain('japaneast', 600)] });
      await passes(world, 1);
      expect(routings(world)).toMatchObject({ japaneast: 'Disabled' });
      advanceTo(world, 600);
      await rest(world);
      expect(routings(world)).toMatchObject({ japaneast: then });
      expect(drainedIn(world)).toEqual({});
    });
  }

  test('what it was, also where the spec has stated it only until then', async () => {
    const world = await edited({ regions: regionsWith('Enabled'), drains: [drain('japaneast', 600)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    edit(world, {});
    await rest(world);
    expect(routings(world)).toMatchObject({ japaneast: 'Enabled' });
  });

  test('put back of a region that has left the set and stays', async () => {
    const world = await edited({ prune: 'None', drains: [drain('japaneast', 600)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    edit(world, { prune: 'None', drains: [drain('japaneast', 600)] }, ['westeurope']);
    await rest(world);
    expect(routings(world)).toMatchObject({ japaneast: 'Enabled' });
    expect(drainedIn(world)).toEqual({});
    expect(world.get()?.status?.plan).toBeUndefined();
  });

  test('put back of one that has left the set while Azure was busy with it', async () => {
    const world = await edited({ prune: 'None', drains: [drain('japaneast', 600)] });
    const began = world.now().getTime();
    await passes(world, 2);
    expect(world.azure.replicas.get(tokyo)?.state).toBe('Updating');
    edit(world, { prune: 'None' }, ['westeurope']);
    world.advance(began - world.now().getTime()); // before the update ends
    await world.pass();
    expect(drainedIn(world)).toHaveProperty('japaneast');
    await rest(world);
    expect(routings(world)).toMatchObject({ japaneast: 'Enabled' });
  });

  for (const [found, then] of [
    ['being deleted', 'Deleting'],
    ['gone', undefined],
  ] as const) {
    test(`no matter of one that has left the set and turns out to be ${found}: it is not told as missing`, async () => {
      const world = await edited({ prune: 'None', drains: [drain('japaneast', 600)] });
      expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
      await passes(world, 2);
      edit(world, { prune: 'None' }, ['westeurope']);
      world.azure.interrupt = () => {
        if (then === undefined) world.azure.drop(tokyo);
        else world.azure.put(replica('japaneast', { state: then }));
      };
      await world.pass();
      expect(world.get()?.status?.plan ?? []).not.toContain('+japaneast');
    });
  }

  test('put back at home before the object goes', async () => {
    const world = await edited({ drains: [drain('eastus', 600)] });
    expect(await world.passUntil(settled(world, 'eastus', 'Disabled'))).toBe(true);
    world.delete();
    expect(await world.passUntil(() => world.get() === undefined)).toBe(true);
    expect(routings(world)).toEqual({ eastus: 'Enabled' });
  });
});

test('an object that goes with Retain says which regions stay out of routing', async () => {
  const world = await edited({ deletionPolicy: 'Retain', drains: [drain('japaneast', 600)] });
  expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
  await rest(world);
  world.apply({ ...resource(two, { spec: { drains: [drain('japaneast', 600)] } }) });
  await world.pass(); // the finalizer
  world.delete();
  const object = world.get();
  if (object !== undefined) world.apply({ ...object, spec: { ...object.spec, deletionPolicy: 'Retain' } });
  await world.pass();
  expect(world.events.at(-1)).toBe(
    'ReplicaRetained japaneast, westeurope: left in Azure, where they go on being billed. japaneast: drained, and left out of routing; nobody puts that back.',
  );
});

test('an object that goes says which regions it could not put back, though they had left its set', async () => {
  const world = await edited({ prune: 'None', drains: [drain('japaneast', 600)] });
  expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
  await passes(world, 2);
  edit(world, { prune: 'None' }, ['westeurope']);
  world.azure.faults.push(undefined, undefined, { failure: outage, lost: false }); // LIST, GET, PATCH
  await world.pass();
  world.delete();
  expect(await world.passUntil(() => world.get() === undefined)).toBe(true);
  expect(routings(world)).toMatchObject({ japaneast: 'Disabled' });
  expect(world.events.at(-1)).toBe(
    'ReplicaRetained japaneast: left in Azure, where they go on being billed. japaneast: drained, and left out of routing; nobody puts that back.',
  );
});

describe('the last region in routing', () => {
  test('is not drained: of several the drain with the oldest end comes first, the last one waits and says so', async () => {
    const world = await edited({ drains: [drain('eastus', 30), drain('japaneast', 20), drain('westeurope', 10)] });
    await passes(world, 6);
    expect(routings(world)).toEqual({ eastus: 'Enabled', japaneast: 'Disabled', westeurope: 'Disabled' });
    expect(condition(world, 'Ready')?.message).toBe(
      'All 2 regions are ready. eastus: its drain waits: no other region of the set that serves, with all images, is in routing.',
    );
    expect(world.events.filter((event) => event.startsWith('ReplicaDrainWaiting'))).toHaveLength(1);
  });

  test('is drained as soon as another one is back', async () => {
    const world = await edited({ drains: [drain('eastus', 30), drain('japaneast', 20), drain('westeurope', 10)] });
    expect(await world.passUntil(settled(world, 'eastus', 'Disabled'))).toBe(true);
    expect(routings(world)).toEqual({ eastus: 'Disabled', japaneast: 'Disabled', westeurope: 'Enabled' });
    expect(condition(world, 'Ready')?.message).toBe('All 2 regions are ready.');
  });

  test('stays when a GET shows that the other one, in routing by the list, is not', async () => {
    const world = await edited({ drains: [drain('japaneast', 30)] }, { westeurope: 'Disabled' });
    await world.pass();
    world.azure.interrupt = () => world.azure.put(replica('eastus', { routing: 'Disabled' }));
    await passes(world, 3);
    expect(routings(world)).toMatchObject({ japaneast: 'Enabled' });
    expect(world.azure.calls.PATCH).toBe(0);
  });

  test('stays when the spec takes all others out: the drain yields first', async () => {
    const world = await edited({ drains: [drain('japaneast', 600)] }, { eastus: 'Disabled' });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    const regions = [{ location: 'japaneast' }, { location: 'westeurope', routing: 'Disabled' as const }];
    edit(world, { regions, drains: [drain('japaneast', 600)] });
    const seen: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      await world.pass();
      seen.push(Object.values(routings(world)).filter((routing) => routing === 'Enabled').length);
    }
    expect(Math.min(...seen)).toBe(1);
    expect(routings(world)).toEqual({ eastus: 'Disabled', japaneast: 'Enabled', westeurope: 'Disabled' });
    expect(condition(world, 'Ready')).toMatchObject({ status: 'True' });
  });

  test('is taken out where the spec itself wants that, whatever drains there are', async () => {
    const regions = [...two, 'eastus'].map((location) => ({ location, routing: 'Disabled' as const }));
    const world = await edited({ regions, drains: [drain('japaneast', 600)] });
    await rest(world);
    expect(Object.values(routings(world))).toEqual(['Disabled', 'Disabled', 'Disabled']);
    expect(condition(world, 'Ready')).toMatchObject({ status: 'True' });
  });

  test('is taken out where the spec itself wants that, without any drain', async () => {
    const regions = [...two, 'eastus'].map((location) => ({ location, routing: 'Disabled' as const }));
    const world = await edited({ regions });
    await passes(world, 3);
    expect(Object.values(routings(world))).toEqual(['Disabled', 'Disabled', 'Disabled']);
  });
});

describe('while a region is drained, the last one in routing is not deleted', () => {
  /** Japan East is drained, home is out by hand: West Europe alone is in routing. */
  async function onlyWesteurope(spec: Partial<Spec> = {}): Promise<MemoryWorld> {
    const world = await edited({ ...spec, drains: [drain('japaneast', 60)] }, { eastus: 'Disabled' });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    await passes(world, 2);
    return world;
  }

  test('to be made anew: it waits for the end of the drain, and says so', async () => {
    const world = await onlyWesteurope();
    world.annotate({ [recreate]: 'westeurope' });
    await passes(world, 3);
    expect(world.azure.calls.DELETE).toBe(0);
    expect(routings(world)).toMatchObject({ japaneast: 'Disabled', westeurope: 'Enabled' });
    expect(condition(world, 'Ready')).toMatchObject({
      status: 'True',
      message:
        'All 2 regions are ready. westeurope: is made anew once another region of the set that serves, with all images, is in routing; until then it is the last one.',
    });
    expect(world.get()?.status?.lastHandledRecreate).toBeUndefined();
    expect(await world.passUntil(() => world.azure.calls.DELETE === 1)).toBe(true);
    expect(world.now().getTime()).toBeGreaterThanOrEqual(after(60).getTime());
    expect(routings(world)).toMatchObject({ japaneast: 'Enabled' });
    expect(world.get()?.status?.lastHandledRecreate).toBe('westeurope');
  });

  test('to be made anew, though a GET alone shows that it is the last one', async () => {
    const world = await edited({ drains: [drain('japaneast', 600)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    await passes(world, 2);
    world.annotate({ [recreate]: 'westeurope' });
    world.azure.interrupt = () => world.azure.put(replica('eastus', { routing: 'Disabled' }));
    await world.pass();
    expect(world.azure.calls.DELETE).toBe(0);
  });

  test('to be made anew with another one: they go one after the other', async () => {
    const world = await edited({ drains: [drain('eastus', 600)] });
    expect(await world.passUntil(settled(world, 'eastus', 'Disabled'))).toBe(true);
    await passes(world, 2);
    world.annotate({ [recreate]: 'japaneast,westeurope' });
    await world.pass();
    expect(world.azure.calls.DELETE).toBe(1);
    expect(await world.passUntil(() => world.azure.calls.DELETE === 2)).toBe(true);
    expect(world.azure.replicas.get(tokyo)).toMatchObject({ state: 'Succeeded', routing: 'Enabled' });
  });

  test('to be made anew: one that serves nobody goes at once', async () => {
    const world = await onlyWesteurope();
    world.azure.put(replica('westeurope', { state: 'Failed' }));
    world.annotate({ [recreate]: 'westeurope' });
    await world.pass();
    expect(world.azure.calls.DELETE).toBe(1);
  });

  test('because it has left the set: the drained one is put back first', async () => {
    const world = await onlyWesteurope();
    edit(world, { drains: [drain('japaneast', 60)] }, ['japaneast']);
    await world.pass();
    expect(world.azure.calls).toMatchObject({ PATCH: 2, DELETE: 0 });
    expect(await world.passUntil(() => world.azure.calls.DELETE === 1)).toBe(true);
    expect(routings(world)).toMatchObject({ japaneast: 'Enabled' });
  });
});

describe('home', () => {
  test('is drained and put back, though the spec does not list it', async () => {
    const world = await edited({ drains: [drain('eastus', 600)] });
    expect(await world.passUntil(settled(world, 'eastus', 'Disabled'))).toBe(true);
    await rest(world);
    expect(world.get()?.status).toMatchObject({ summary: '2/2', phase: 'Ready' });
    advanceTo(world, 600);
    expect(await world.passUntil(settled(world, 'eastus', 'Enabled'))).toBe(true);
    await rest(world);
    expect(drainedIn(world)).toEqual({});
  });
});

describe('whatever goes wrong', () => {
  test('a PATCH whose answer was lost is known by the status written before it', async () => {
    const world = await edited({ drains: [drain('japaneast', 600)] });
    await world.pass();
    // LIST, GET, GET of another region, PATCH
    world.azure.faults.push(undefined, undefined, undefined, { failure: outage, lost: true });
    await world.pass();
    expect(routings(world)).toMatchObject({ japaneast: 'Disabled' });
    advanceTo(world, 600);
    await rest(world);
    expect(routings(world)).toMatchObject({ japaneast: 'Enabled' });
  });

  test('a drain that was written down and never carried out is forgotten at its end', async () => {
    const world = await edited({ drains: [drain('japaneast', 600)] });
    await world.pass();
    advanceTo(world, 600);
    await rest(world);
    expect(world.azure.calls.PATCH).toBe(0);
    expect(drainedIn(world)).toEqual({});
    expect(world.events.filter((event) => event.startsWith('ReplicaRestored'))).toEqual([]);
  });

  test('an end that Azure accepted and did not carry out is carried out again', async () => {
    const world = await edited({ drains: [drain('japaneast', 600)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    await passes(world, 2);
    world.azure.fates.set(tokyo, ['updateReverts']);
    advanceTo(world, 600);
    await passes(world, 2);
    expect(routings(world)).toMatchObject({ japaneast: 'Disabled' });
    expect(drainedIn(world)).toHaveProperty('japaneast');
    expect(await world.passUntil(settled(world, 'japaneast', 'Enabled'))).toBe(true);
    await rest(world);
    expect(drainedIn(world)).toEqual({});
  });

  test('a refused drain says what still helps', async () => {
    const world = await edited({ drains: [drain('japaneast', 600)] });
    await world.pass();
    world.azure.faults.push(undefined, undefined, undefined, { failure: outage, lost: false });
    await world.pass();
    expect(condition(world, 'Ready')).toMatchObject({ status: 'False', reason: 'Retrying' });
    expect(condition(world, 'Ready')?.message).toContain("while the registry's home region is down Azure changes no");
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'), 5)).toBe(true);
  });

  test('an end that meets throttling comes when Azure lets it', async () => {
    const world = await edited({ drains: [drain('japaneast', 600)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    await passes(world, 2);
    advanceTo(world, 600);
    world.azure.faults.push({ failure: limited, lost: false });
    await world.pass();
    expect(routings(world)).toMatchObject({ japaneast: 'Disabled' });
    expect(await world.passUntil(settled(world, 'japaneast', 'Enabled'), 5)).toBe(true);
  });

  test('a replica that others put back is drained again, with an Event, and in the end a person is asked for', async () => {
    const world = await edited({ drains: [drain('japaneast', 600)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    await passes(world, 2);
    const meddled = async () => {
      world.azure.put(replica('japaneast', { routing: 'Enabled' }));
      await world.pass();
      return condition(world, 'Stalled')?.reason === 'Overridden';
    };
    let isStalled = false;
    for (let i = 0; i < 40 && !isStalled; i += 1) isStalled = await meddled();
    expect(isStalled).toBe(true);
    expect(world.events).toContain('DriftDetected japaneast: routing changed outside the operator.');
    expect(world.azure.calls.PATCH).toBeLessThanOrEqual(4);
  });

  test('an end that does not last is asked for ever less often, and in the end a person is asked for', async () => {
    const world = await edited({ drains: [drain('japaneast', 60 * 24 * 20)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    await passes(world, 2);
    edit(world, {}); // long before the end
    world.azure.fates.set(tokyo, Array(100).fill('updateReverts'));
    const [start, { PATCH }] = [world.now().getTime(), world.azure.calls];
    while (world.now().getTime() - start < 3_600_000) await world.pass();
    expect(world.azure.calls.PATCH - PATCH).toBeLessThanOrEqual(8);
    expect(condition(world, 'Stalled')).toMatchObject({ reason: 'Overridden' });
  });

  test('an end that Azure refuses says so, and what still helps', async () => {
    const world = await edited({ drains: [drain('japaneast', 600)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    await passes(world, 2);
    advanceTo(world, 600);
    world.azure.faults.push(undefined, undefined, { failure: outage, lost: false }); // LIST, GET, PATCH
    await world.pass();
    expect(condition(world, 'Ready')?.message).toContain(
      'Its drain is over; it stays out of routing until Azure accepts that, and its own host goes on serving.',
    );
  });

  test('while Azure does not answer, status says of which drains the begin or the end waits', async () => {
    const world = await edited({ drains: [drain('japaneast', 60)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    await passes(world, 2);
    edit(world, { drains: [drain('japaneast', 60), drain('westeurope', 600)] });
    advanceTo(world, 60);
    for (let i = 0; i < 6; i += 1) world.azure.faults.push({ failure: outage, lost: false });
    await passes(world, 6);
    const message = condition(world, 'Ready')?.message;
    expect(message).toContain('japaneast: its drain is over; it stays out of routing until Azure answers');
    expect(message).toContain('westeurope: its drain begins once Azure answers');
    expect(message).toContain("Pods elsewhere that pull from their own region's host are not sent there.");
  });

  test('a suspended object begins no drain, and says so', async () => {
    const world = await edited({ suspend: true, drains: [drain('japaneast', 600)] });
    await world.pass();
    expect(condition(world, 'Ready')?.message).toContain('japaneast: its drain does not begin meanwhile.');
  });

  test('a suspended object ends no drain, and says so', async () => {
    const world = await edited({ drains: [drain('japaneast', 600)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    await passes(world, 2);
    edit(world, { suspend: true, drains: [drain('japaneast', 600)] });
    await world.pass();
    advanceTo(world, 600);
    await world.pass();
    expect(routings(world)).toMatchObject({ japaneast: 'Disabled' });
    expect(condition(world, 'Drained')).toMatchObject({ status: 'True' });
    expect(condition(world, 'Ready')?.message).toContain('japaneast: drained; meanwhile no drain begins or ends.');
    edit(world, { drains: [drain('japaneast', 600)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Enabled'), 5)).toBe(true);
  });

  test('mode Observe tells of a drain and writes nothing', async () => {
    const world = await edited({ mode: 'Observe', drains: [drain('japaneast', 600)] });
    await passes(world, 3);
    expect(world.azure.calls.PATCH).toBe(0);
    expect(drainedIn(world)).toEqual({});
    expect(world.get()?.status?.plan).toEqual(['~japaneast drain']);
  });

  test('a replica of another living owner is not drained', async () => {
    const tags = { 'managed-by': 'acr-replication-operator', 'acr-replication-owner': 'other/platform/contoso' };
    const world = await edited({ drains: [drain('japaneast', 600)] });
    world.azure.put(replica('japaneast', { tags }));
    await passes(world, 3);
    expect(world.azure.calls.PATCH).toBe(0);
    expect(condition(world, 'Stalled')).toMatchObject({ reason: 'Conflict' });
  });

  test('a replica that is made anew while it is drained comes out of routing, and back at the end', async () => {
    const world = await edited({ drains: [drain('japaneast', 600)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    await passes(world, 2);
    world.azure.drop(tokyo);
    expect(await world.passUntil(() => world.azure.replicas.get(tokyo)?.state === 'Succeeded')).toBe(true);
    expect(routings(world)).toMatchObject({ japaneast: 'Disabled' });
    await rest(world);
    advanceTo(world, 600);
    await rest(world);
    expect(routings(world)).toMatchObject({ japaneast: 'Enabled' });
    expect(drainedIn(world)).toEqual({});
  });

  test('nothing is written while a drain is in course and nothing is due', async () => {
    const world = await edited({ drains: [drain('japaneast', 600)] });
    expect(await world.passUntil(settled(world, 'japaneast', 'Disabled'))).toBe(true);
    await rest(world);
    world.advance(1_200_000); // what counts attempts is forgotten after ten minutes
    await rest(world);
    const [writes, { PATCH, GET }] = [world.writes(), { ...world.azure.calls }];
    await passes(world, 5);
    expect([world.writes(), world.azure.calls]).toMatchObject([writes, { PATCH, GET }]);
  });
});
