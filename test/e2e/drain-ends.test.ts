import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { requestedAt, type Spec } from '../../src/api/registryreplication.ts';
import { DEFAULTS, type SeedRegistry } from '../sandbox/emulator/settings.ts';
import { operatorWorld } from '../support/operator-world.ts';
import { condition, replicaOf, type Scene, scene, sharedWorld } from '../support/registry-scene.ts';
import { fromNow } from './no-harm/scenes.ts';

const throttled = '00000000-0000-0000-0000-000000000429';
const regions = [{ location: 'japaneast' }, { location: 'uksouth' }];
const drain = (until: string) => ({ drains: [{ location: 'japaneast', until, reason: 'INC-4711' }] });

/** Japan is out of routing, by a drain whose end is far away. */
async function drained(it: Scene): Promise<void> {
  await it.apply({ regions, ...drain(fromNow(600_000)) });
  await it.until('drained', (object) => replicaOf(object, 'japaneast')?.routing === 'Disabled');
}

/** The end is moved to a few seconds from now. Resolves when it has come. */
async function endsSoon(it: Scene, spec: Partial<Spec> = {}): Promise<string> {
  const until = fromNow(4_000);
  await it.apply({ regions, ...drain(until), ...spec });
  await delay(Date.parse(until) - Date.now());
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
  const world = sharedWorld({ subscriptions: [{ id: DEFAULTS.subscriptionId }, { id: throttled }] });
  const made = async (name: string, seed: Partial<SeedRegistry> = {}): Promise<Scene> => {
    const it = await scene(world(), name, seed);
    await it.apply({ regions });
    await it.untilReady();
    return it;
  };

  test('at its moment', async () => {
    const it = await made('endsalone');
    await drained(it);
    await endsSoon(it);
    const back = await untilBack(it);
    expect(condition(back, 'Ready')?.status).toBe('True');
    expect(await patches(it)).toEqual(outAndBack);
  });

  test('when it is resumed, if it was suspended then; until then status says that nothing ends', async () => {
    const it = await made('endssuspended');
    await drained(it);
    const until = await endsSoon(it, { suspend: true });
    await it.lookNow();
    const suspended = await it.until(
      'suspended',
      ({ status, metadata }) =>
        status?.phase === 'Suspended' && status.lastHandledRequest === metadata.annotations?.[requestedAt],
    );
    expect(condition(suspended, 'Ready')?.message).toContain('japaneast: drained; meanwhile no drain begins or ends.');
    expect(await patches(it)).toEqual(['PATCH japaneast']);
    await it.apply({ regions, ...drain(until), suspend: false });
    await untilBack(it);
    expect(await patches(it)).toEqual(outAndBack);
  });

  test('once Azure takes writes again, if it answers 429 then, not before it said', async () => {
    const it = await made('endsthrottled', { subscriptionId: throttled });
    await drained(it);
    await it.fault({ kind: 'throttle', retryAfterSeconds: 4 }, { verb: 'PATCH' }, 1);
    await endsSoon(it);
    await it.until('told', (object) =>
      (condition(object, 'Ready')?.message ?? '').includes('Its drain is over; it stays out of routing until Azure'),
    );
    await untilBack(it);
    const [, refused, accepted] = await it.calls('PATCH');
    expect((accepted?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(4_000);
  });

  test('once Azure can be read again, if no LIST is answered then, and Ready says meanwhile what waits', async () => {
    const it = await made('endsunread');
    await drained(it);
    const end = await it.fault({ kind: 'respond', status: 503, code: 'ServiceUnavailable' }, { verb: 'LIST' });
    await endsSoon(it);
    const waits = await it.until('told', (object) =>
      (condition(object, 'Ready')?.message ?? '').includes('japaneast: its drain is over; it stays out of routing'),
    );
    expect(replicaOf(waits, 'japaneast')).toMatchObject({ routing: 'Disabled', drained: { before: 'Enabled' } });
    await end();
    await it.lookNow(); // the next try may be a minute away
    await untilBack(it);
    expect(await patches(it)).toEqual(outAndBack);
  });
});

describe('an operator that was down at the end of a drain', () => {
  test('ends it when it is back', async (context) => {
    const world = await operatorWorld(context);
    const operator = await world.start();
    const it = await scene(world, 'endsdown');
    await it.apply({ regions });
    await it.untilReady();
    await drained(it);
    await operator.stop();
    await endsSoon(it);
    expect(await patches(it)).toEqual(['PATCH japaneast']);
    await world.start();
    await untilBack(it);
    expect(await patches(it)).toEqual(outAndBack);
  });
});
