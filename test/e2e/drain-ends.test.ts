import { describe, expect, test } from 'vitest';
import { requestedAt } from '../../src/api/registryreplication.ts';
import type { OperatorProcess } from '../sandbox/operator.ts';
import { operatorWorld } from '../support/operator-world.ts';
import { condition, replicaOf, type Scene, scene, sharedWorld } from '../support/registry-scene.ts';

const regions = [{ location: 'japaneast' }, { location: 'uksouth' }];
const inSeconds = (seconds: number): string =>
  new Date(Math.ceil(Date.now() / 1_000 + seconds) * 1_000).toISOString().replace('.000', '');
const isOver = (until: string): boolean => Date.parse(until) <= Date.now();

/** Japan is out of routing, by a drain that ends so many seconds later. Gives its end. */
async function drained(it: Scene, seconds: number): Promise<string> {
  const until = inSeconds(seconds);
  await it.apply({ regions, drains: [{ location: 'japaneast', until, reason: 'INC-4711' }] });
  await it.until('drained', (object) => replicaOf(object, 'japaneast')?.routing === 'Disabled');
  return until;
}

const untilBack = (it: Scene) =>
  it.until('back in routing', (object) => {
    const replica = replicaOf(object, 'japaneast');
    return replica?.routing === 'Enabled' && replica.drained === undefined;
  });

/** What the operator did to the replica in Japan since it was made. */
const patches = async (it: Scene) => (await it.writes()).filter((write) => write.startsWith('PATCH'));
const outAndBack = ['PATCH japaneast', 'PATCH japaneast'];

describe.concurrent('the end of a drain puts the region back into routing, once, by itself', () => {
  const world = sharedWorld();
  const made = async (name: string): Promise<Scene> => {
    const it = await scene(world(), name);
    await it.apply({ regions });
    await it.untilReady();
    return it;
  };

  test('within seconds of its moment', async () => {
    const it = await made('endsalone');
    const until = await drained(it, 8);
    const back = await untilBack(it);
    expect(isOver(until)).toBe(true);
    expect(condition(back, 'Ready')?.status).toBe('True');
    expect(await patches(it)).toEqual(outAndBack);
  });

  test('when it is resumed, if it was suspended then; until then status says that nothing ends', async () => {
    const it = await made('endssuspended');
    const until = await drained(it, 8);
    await it.apply({ regions, drains: [{ location: 'japaneast', until, reason: 'INC-4711' }], suspend: true });
    const suspended = await it.until('suspended', ({ status }) => status?.phase === 'Suspended');
    expect(condition(suspended, 'Ready')?.message).toContain('japaneast: drained; meanwhile no drain begins or ends.');
    await expect.poll(() => isOver(until), { timeout: 20_000 }).toBe(true);
    await it.lookNow();
    await it.until(
      'suspended still',
      ({ status, metadata }) => status?.lastHandledRequest === metadata.annotations?.[requestedAt],
    );
    expect(await patches(it)).toEqual(['PATCH japaneast']);
    await it.apply({ regions, suspend: false });
    await untilBack(it);
    expect(await patches(it)).toEqual(outAndBack);
  });

  test('once Azure takes writes again, if it answers 429 then, not before it said', async () => {
    const it = await made('endsthrottled');
    const until = await drained(it, 8);
    await it.fault({ kind: 'throttle', retryAfterSeconds: 4 }, { verb: 'PATCH' }, 1);
    await it.until('told', (object) =>
      (condition(object, 'Ready')?.message ?? '').includes('Its drain is over; it stays out of routing until Azure'),
    );
    expect(isOver(until)).toBe(true);
    await untilBack(it);
    const [, refused, accepted] = await it.calls('PATCH');
    expect((accepted?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(4_000);
  });

  test('once Azure can be read again, if every read fails then, and Ready says meanwhile what waits', async () => {
    const it = await made('endsunread');
    const until = await drained(it, 8);
    const end = await it.fault({ kind: 'respond', status: 503, code: 'ServiceUnavailable' }, { verb: 'LIST' });
    const waits = await it.until('told', (object) =>
      (condition(object, 'Ready')?.message ?? '').includes('japaneast: its drain is over; it stays out of routing'),
    );
    expect(isOver(until)).toBe(true);
    expect(replicaOf(waits, 'japaneast')).toMatchObject({ routing: 'Disabled', drained: { until } });
    await end();
    await untilBack(it);
    expect(await patches(it)).toEqual(outAndBack);
  });
});

describe('an operator that was down at the end of a drain', () => {
  test('ends it when it is back', async (context) => {
    const world = await operatorWorld(context);
    const operator: OperatorProcess = await world.start();
    const it = await scene(world, 'endsdown');
    await it.apply({ regions });
    await it.untilReady();
    const until = await drained(it, 6);
    await operator.stop();
    await expect.poll(() => isOver(until), { timeout: 20_000 }).toBe(true);
    await world.start();
    await untilBack(it);
    expect(await patches(it)).toEqual(outAndBack);
  });
});
