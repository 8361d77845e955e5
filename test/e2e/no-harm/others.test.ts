import { describe, expect, test } from 'vitest';
import { operatorWorld } from '../../support/operator-world.ts';
import { condition, scene, sharedWorld } from '../../support/registry-scene.ts';
import { eventually, expectAtMost, regions, soon } from './scenes.ts';

const world = sharedWorld();
const ownerTag = 'acr-replication-owner';

describe('after CLUSTER_NAME has changed', () => {
  async function renamed(t: Parameters<typeof operatorWorld>[0]) {
    const own = await operatorWorld(t);
    const it = await scene(own, 'a6renamed');
    const first = await own.start({ CLUSTER_NAME: 'default' });
    await it.apply(regions('japaneast', 'uksouth'));
    await it.untilReady();
    await first.stop();
    await own.start({ CLUSTER_NAME: 'production-1' });
    return { own, it, owner: `production-1/${own.namespace}/${it.name}` };
  }

  test('what the object created goes with it', async (t) => {
    const { own, it } = await renamed(t);
    await own.cluster.kube.delete(own.path(it.name));
    await it.untilGone();
    expect(await it.locations(), 'the object is gone, and left behind what it created').toEqual(['eastus']);
  });

  test('what the object created is pruned and tagged anew, and is no Conflict', async (t) => {
    const { own, it, owner } = await renamed(t);
    await it.apply(regions('uksouth'));
    await soon(own, it, 'Ready', ({ status, metadata }) => {
      return status?.phase === 'Ready' && status.observedGeneration === metadata.generation;
    });
    expect(await it.locations()).toEqual(['eastus', 'uksouth']);
    const tags = async () => (await own.azure.control.replicas(it.name)).map((r) => r.tags[ownerTag]);
    await eventually(`uksouth to be tagged with ${owner}`, tags, ([, uksouth]) => uksouth === owner);
  });
});

describe('a PATCH', () => {
  test('is made from what a GET shows: tags that LIST does not show yet stay', async () => {
    const it = await scene(world(), 'a7stale', { replicas: [{ location: 'japaneast', tags: { old: 'yes' } }] });
    await it.apply({ ...regions('japaneast'), tags: { team: 'a' } });
    await it.untilReady();
    const known = { old: 'yes', team: 'a' };
    await world().azure.control.alterReplica({
      registry: it.name,
      region: 'japaneast',
      tags: { ...known, 'cost-center': '42' },
    });
    const end = await it.fault({ kind: 'listMisreports', region: 'japaneast', tags: known });
    await it.apply({ ...regions('japaneast'), tags: { team: 'b' } });
    const sent = async () => (await it.calls('PATCH')).length;
    await eventually('the PATCH of team', sent, (patches) => patches >= 2);
    const replica = (await world().azure.control.replicas(it.name)).find(({ location }) => location === 'japaneast');
    expect(replica?.tags, 'a tag that somebody set meanwhile').toEqual({ old: 'yes', team: 'b', 'cost-center': '42' });
    await end();
  });

  for (const [what, stated] of [
    ['routing', { regions: [{ location: 'japaneast', routing: 'Enabled' }] }],
    ['tags', { ...regions('japaneast'), tags: { team: 'b' } }],
  ] as const) {
    test(`never changes the ${what} of a replica that another living object owns: that is a Conflict`, async () => {
      const it = await scene(world(), `a7foreign${what}`, {
        replicas: [
          {
            location: 'japaneast',
            tags: { team: 'a' },
            regionEndpointEnabled: false,
            owner: 'elsewhere/platform/contoso',
          },
        ],
      });
      await it.apply(stated);
      const object = await soon(world(), it, 'Conflict', (o) => condition(o, 'Stalled')?.reason === 'Conflict').catch(
        async (error: unknown) => {
          await expectAtMost(it, 'PATCH japaneast', 0, 'it is the replica of elsewhere/platform/contoso');
          throw error;
        },
      );
      expect(condition(object, 'Stalled')?.message).toMatch(/^japaneast: .*elsewhere\/platform\/contoso/);
      await it.lookNow();
      await it.untilReason('Conflict');
      await expectAtMost(it, 'PATCH japaneast', 0, 'it is the replica of elsewhere/platform/contoso');
    });
  }

  test('is not needed where a replica of another owner is as wanted: it is used as it is', async () => {
    const it = await scene(world(), 'a7used', {
      replicas: [{ location: 'japaneast', owner: 'elsewhere/platform/contoso' }],
    });
    await it.apply({ regions: [{ location: 'japaneast', routing: 'Enabled' }] });
    await it.untilReady();
    expect(await it.writes()).toEqual([]);
  });
});
