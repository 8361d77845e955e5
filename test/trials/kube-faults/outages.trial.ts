import { describe, expect, test, vi } from 'vitest';
import { lifeIn, minute, ownCluster, trouble } from '../../support/kube-trouble.ts';

describe('API server killed and restarted', () => {
  test('again and again while replicas are made and deleted', async (t) => {
    const cluster = await ownCluster(t);
    const world = await trouble(t, { cluster });
    const life = await lifeIn(world);
    await life.begin();
    await life.upset();
    for (let kills = 0; kills < 3; kills++) {
      await cluster.apiserver.kill();
      await cluster.apiserver.start();
      await vi.waitFor(() => expect(world.operator.log().length).toBeGreaterThan(0), minute);
    }
    await life.untilTrue();
    await world.untilSound();
  });
});

describe('API server frozen', () => {
  test('for some seconds in the middle of the work', async (t) => {
    const cluster = await ownCluster(t);
    const world = await trouble(t, { cluster });
    const life = await lifeIn(world);
    await life.begin();
    await life.upset();
    cluster.apiserver.freeze();
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    cluster.apiserver.thaw();
    await life.untilTrue();
    await world.untilSound();
  });
});

describe('the operator away', () => {
  test('stopped while objects are deleted and made anew and the API server forgets its history', async (t) => {
    const cluster = await ownCluster(t);
    const world = await trouble(t, { cluster });
    const life = await lifeIn(world);
    await life.begin();
    process.kill(world.operator.pid, 'SIGSTOP');
    await life.upset();
    await cluster.apiserver.kill();
    await cluster.apiserver.start();
    process.kill(world.operator.pid, 'SIGCONT');
    await life.untilTrue();
    await world.untilSound();
  });

  test('dead meanwhile', async (t) => {
    const cluster = await ownCluster(t);
    const world = await trouble(t, { cluster });
    const life = await lifeIn(world);
    await life.begin();
    await world.operator.kill();
    await life.upset();
    const again = await world.start();
    await life.untilTrue();
    expect(again.log().filter(({ message }) => /unhandled|failed/.test(message))).toEqual([]);
  });
});
