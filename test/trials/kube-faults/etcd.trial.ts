import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { key, kubeSession, manifest } from '../../support/kube-session.ts';
import { britain, japan, minute, ownCluster, trouble } from '../../support/kube-trouble.ts';
import { refusal, startLyingProxy } from '../../support/lying-proxy.ts';
import { scene } from '../../support/registry-scene.ts';

describe('etcd restored from an older backup', () => {
  test('what was changed, deleted and made since is as it was then, and Azure follows', async (t) => {
    const cluster = await ownCluster(t);
    const world = await trouble(t, { cluster });
    const [same, edited, deleted, made] = await Promise.all([
      scene(world, 'thesame'),
      scene(world, 'edited'),
      scene(world, 'deleted'),
      scene(world, 'madelater'),
    ]);
    for (const one of [same, edited, deleted]) await one.apply({ regions: [japan] });
    for (const one of [same, edited, deleted]) await one.untilReady();
    const restore = await cluster.backup();

    await edited.apply({ regions: [japan, britain] });
    await cluster.kube.delete(world.path(deleted.name));
    await made.apply({ regions: [japan] });
    await Promise.all([edited.untilReady(), deleted.untilGone(), made.untilReady()]);
    for (let more = 0; more < 200; more++) await cluster.kube.createNamespace('moves-the-version');
    const newest = Number((await world.get(made.name))?.metadata.resourceVersion);

    await restore();
    await vi.waitFor(async () => {
      const [one, other] = [await world.get(edited.name), await world.get(deleted.name)];
      expect(one?.spec.regions).toEqual([japan]);
      expect(Number(one?.metadata.resourceVersion)).toBeLessThan(newest);
      expect(other?.status?.phase).toBe('Ready');
      expect(await world.get(made.name)).toBeUndefined();
      expect(await edited.writes()).toEqual(['DELETE uksouth', 'PUT japaneast', 'PUT uksouth']);
      expect(await deleted.writes()).toEqual(['DELETE japaneast', 'PUT japaneast', 'PUT japaneast']);
    }, minute);
    await Promise.all([edited.untilReady(), deleted.untilReady()]);

    // Nobody looks after what nobody asks for any more, and nobody deletes it.
    expect(await made.writes()).toEqual(['PUT japaneast']);
    expect(await made.locations()).toContain('japaneast');
    const metrics = await (await fetch(world.operator.metricsUrl)).text();
    expect(metrics).toMatch(/^acr_replication_objects\{phase="Ready"\} 3$/m);

    // The operator hears what is new, though its version is one it has seen before.
    await same.apply({ regions: [japan, britain] });
    await made.apply({ regions: [japan] });
    await Promise.all([same.untilReady(), made.untilReady()]);
    expect(await same.writes()).toEqual(['PUT japaneast', 'PUT uksouth']);
    expect(await made.writes()).toEqual(['PUT japaneast']);
    await world.untilSound();
  });

  test('while a create is under way: it is not repeated', async (t) => {
    const cluster = await ownCluster(t);
    const world = await trouble(t, { cluster });
    const one = await scene(world, 'contoso');
    await one.apply({ regions: [japan] });
    await one.untilReady();
    const restore = await cluster.backup();
    await one.apply({ regions: [japan, britain] });
    await vi.waitFor(async () => expect(await one.writes()).toContain('PUT uksouth'), minute);
    await restore();
    await one.apply({ regions: [japan, britain] });
    await one.untilReady();
    const writes = await one.writes();
    // The restored object does not ask for uksouth until it is edited again, so it may be deleted once in between.
    expect(writes.filter((write) => write === 'PUT japaneast')).toHaveLength(1);
    expect(writes.filter((write) => write === 'DELETE japaneast')).toHaveLength(0);
    const [puts, deletes] = ['PUT uksouth', 'DELETE uksouth'].map((w) => writes.filter((write) => write === w).length);
    expect(puts).toBe((deletes ?? 0) + 1);
    await world.untilSound();
  });

  test('and beyond the version that was seen last before anybody looked: the next full sync tells', async (t) => {
    const cluster = await ownCluster(t);
    const namespace = await cluster.kube.createNamespace('restored');
    const path = (name: string): string =>
      `/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications/${name}`;
    for (const name of ['edited', 'deleted']) await cluster.kube.apply(manifest(namespace, name));
    await using proxy = await startLyingProxy(cluster);
    const kubeconfig = await proxy.cluster.kubeconfigFor({ token: cluster.adminToken });
    const session = kubeSession(kubeconfig, { namespaces: [namespace], fullSyncMs: 4_000 });
    await session.synced;
    const restore = await cluster.backup();
    await cluster.kube.patch(path('edited'), { spec: { suspend: true } });
    await cluster.kube.delete(path('deleted'));
    await cluster.kube.apply(manifest(namespace, 'made'));
    const names = () => [...session.store.list()].map(({ metadata }) => metadata.name).sort();
    await vi.waitFor(() => expect(names()).toEqual(['edited', 'made']), minute);
    const seen = session.store.get(key(namespace, 'made'))?.metadata.resourceVersion;

    proxy.lie({ answer: () => refusal(503, 'ServiceUnavailable', 'away') });
    proxy.endWatches('break');
    await restore();
    let version = 0;
    while (version <= Number(seen) + 5) {
      const filler = await cluster.kube.createNamespace('moves-the-version');
      version = Number(
        (await cluster.kube.get<RegistryReplication>(`/api/v1/namespaces/${filler}`))?.metadata.resourceVersion,
      );
    }
    proxy.lie();
    await delay(1_000);
    const ends = setInterval(() => proxy.endWatches(), 500);
    await vi.waitFor(() => expect(names()).toEqual(['deleted', 'edited']), minute);
    clearInterval(ends);
    expect(session.store.get(key(namespace, 'edited'))?.spec.suspend).toBeUndefined();
  });
});
