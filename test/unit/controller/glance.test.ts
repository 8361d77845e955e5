import { describe, expect, test } from 'vitest';
import { requestedAt } from '../../../src/api/registryreplication.ts';
import { regionOf } from '../../../src/domain/region.ts';
import type { Actual, Replica } from '../../../src/domain/replication.ts';
import type { Glance, ReplicationApi } from '../../../src/ports/azure.ts';
import { replica, resource } from '../../support/builders.ts';
import { memoryWorld } from '../../support/memory-world.ts';

const tokyo = regionOf('japaneast');
const seen = (replicas: Iterable<Replica>, by: 'provider' | 'resource_graph' = 'resource_graph'): Glance => {
  const actual: Actual = {
    registry: {
      id: '/subscriptions/s/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso',
      loginServer: 'contoso.azurecr.io',
      home: regionOf('eastus'),
      sku: 'Premium',
    },
    registryRead: 'remembered',
    replicas: new Map([...replicas].map((one) => [one.region, one])),
  };
  return { kind: 'seen', by, actual };
};

/** A world whose object has been ready for ten minutes, in an Azure that can be glanced at. */
async function restedWorld() {
  const world = memoryWorld([resource(['japaneast'])]);
  expect(await world.passUntil(() => world.get()?.status?.phase === 'Ready')).toBe(true);
  world.advance(10 * 60_000);
  await world.pass(); // attempts, if any, count no more
  const glances: Parameters<NonNullable<ReplicationApi['glance']>>[] = [];
  let shown: () => Glance = () => seen(world.azure.replicas.values());
  world.glanceBy(async (...asked) => {
    glances.push(asked);
    return shown();
  });
  const before = { ...world.azure.calls };
  return {
    world,
    glances,
    show: (glance: () => Glance) => void (shown = glance),
    /** LISTs and GETs since. */
    reads: () => world.azure.calls.LIST + world.azure.calls.GET - before.LIST - before.GET,
    writes: () =>
      world.azure.calls.PUT +
      world.azure.calls.PATCH +
      world.azure.calls.DELETE -
      before.PUT -
      before.PATCH -
      before.DELETE,
  };
}

describe('an object at rest', () => {
  test('costs no call of the provider while Resource Graph shows what was there, and is looked at again at the interval', async () => {
    const { world, reads, glances } = await restedWorld();
    const written = world.writes();
    const next = await world.pass();
    expect(next).toMatchObject({ kind: 'look', failed: false });
    expect(next.kind === 'look' && next.inMs).toBeGreaterThan(280_000);
    expect(next.kind === 'look' && next.inMs).toBeLessThan(320_000);
    expect(reads()).toBe(0);
    expect(world.writes()).toBe(written);
    expect(glances).toHaveLength(1);
  });

  test('shares an answer that is half an interval old at most', async () => {
    const { world, glances } = await restedWorld();
    await world.pass();
    expect(glances[0]?.[2]).toBe(150_000);
  });

  test('is read from the provider when Resource Graph shows a difference that is not there any more', async () => {
    const { world, show, reads, writes } = await restedWorld();
    show(() => seen([replica('eastus')]));
    const written = world.writes();
    await world.pass();
    expect(reads()).toBe(1);
    expect(writes()).toBe(0);
    expect(world.writes()).toBe(written);
    expect(world.get()?.status?.phase).toBe('Ready');
  });

  test('is repaired by what the provider shows when Resource Graph shows a drift', async () => {
    const { world, reads, writes } = await restedWorld();
    world.azure.drop(tokyo);
    await world.pass();
    expect(reads()).toBeGreaterThan(0);
    expect(writes()).toBe(1);
  });

  test('is left alone while Resource Graph does not show a drift yet', async () => {
    const { world, show, reads, writes } = await restedWorld();
    const before = [...world.azure.replicas.values()];
    show(() => seen(before));
    world.azure.drop(tokyo);
    await world.pass();
    expect([reads(), writes()]).toEqual([0, 0]);
    show(() => seen(world.azure.replicas.values()));
    await world.pass();
    expect(writes()).toBe(1);
  });

  test('is read from the provider where Resource Graph has nothing to say', async () => {
    const { world, show, reads } = await restedWorld();
    show(() => ({ kind: 'unseen' }));
    await world.pass();
    expect(reads()).toBe(1);
  });

  test('waits for an answer that is on its way, without any call or write', async () => {
    const { world, show, reads } = await restedWorld();
    show(() => ({ kind: 'later', until: new Date(world.now().getTime() + 2_000) }));
    const written = world.writes();
    const next = await world.pass();
    expect(next).toMatchObject({ kind: 'look', failed: false });
    expect(next.kind === 'look' && next.inMs).toBeGreaterThanOrEqual(2_000);
    expect(next.kind === 'look' && next.inMs).toBeLessThanOrEqual(3_000);
    expect(reads()).toBe(0);
    expect(world.writes()).toBe(written);
  });

  test('acts at once on an answer that Azure took from the provider after all', async () => {
    const { world, show, reads, writes } = await restedWorld();
    world.azure.drop(tokyo);
    show(() => seen(world.azure.replicas.values(), 'provider'));
    await world.pass();
    expect(world.azure.calls.LIST).toBeGreaterThan(0);
    expect(reads()).toBe(1); // the GET before the PUT, and no LIST
    expect(writes()).toBe(1);
  });

  test('is not glanced at when somebody asks to look now', async () => {
    const { world, glances, reads } = await restedWorld();
    world.annotate({ [requestedAt]: '1' });
    await world.pass();
    expect(glances).toEqual([]);
    expect(reads()).toBeGreaterThan(0);
  });

  test('is not glanced at after a read that failed', async () => {
    const { world, show, glances } = await restedWorld();
    show(() => ({ kind: 'unseen' }));
    const failure = { kind: 'retryable', pace: 'soon', reason: 'Retrying', code: '503', message: 'Gone.' } as const;
    world.azure.faults.push({ failure, lost: false });
    await world.pass();
    await world.pass();
    expect(glances).toHaveLength(1);
  });
});

test('an object that is not at rest is never glanced at', async () => {
  const world = memoryWorld([resource(['japaneast'])]);
  const glances: unknown[] = [];
  world.glanceBy(async (...asked) => {
    glances.push(asked);
    return { kind: 'unseen' };
  });
  expect(await world.passUntil(() => world.get()?.status?.phase === 'Ready')).toBe(true);
  expect(glances).toEqual([]);
});
