import { readFile } from 'node:fs/promises';
import { describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import type { ControlPlane } from '../../sandbox/apiserver.ts';
import type { KubeObject } from '../../sandbox/manifests.ts';
import { britain, japan, minute, ownCluster, trouble } from '../../support/kube-trouble.ts';
import { refusal } from '../../support/lying-proxy.ts';
import { scene } from '../../support/registry-scene.ts';

const crdPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/registryreplications.acr-replication.dev';
const crdFile = 'crds/registryreplications.acr-replication.dev.yaml';

interface Crd extends KubeObject {
  readonly spec: {
    readonly versions: {
      readonly schema: { readonly openAPIV3Schema: { readonly properties: { readonly spec: { properties: object } } } };
    }[];
  };
}

async function withNewField(): Promise<KubeObject> {
  const crd = parse(await readFile(crdFile, 'utf8')) as Crd;
  const spec = crd.spec.versions[0]?.schema.openAPIV3Schema.properties.spec;
  if (spec === undefined) throw new Error('the CRD has no schema of spec');
  spec.properties = { ...spec.properties, note: { type: 'string', maxLength: 100 } };
  return crd;
}

/** Deletes the CRD and waits until it is gone, and all objects with it. */
async function deleteCrd({ kube }: ControlPlane): Promise<void> {
  await kube.delete(crdPath);
  await kube.waitForGone(crdPath, { deadlineMs: 90_000, what: 'the CRD to go' });
}

describe('CRD updated under the running operator', () => {
  test('a field it does not know changes nothing; objects with it are worked on like others', async (t) => {
    const cluster = await ownCluster(t);
    const world = await trouble(t, { cluster });
    const [before, after] = await Promise.all([scene(world, 'before'), scene(world, 'afterwards')]);
    await before.apply({ regions: [japan] });
    await before.untilReady();
    await cluster.kube.apply(await withNewField());
    const noted = { regions: [japan, britain], note: 'for the auditors' };
    await vi.waitFor(async () => {
      await after.apply(noted);
      expect((await world.get(after.name))?.spec).toHaveProperty('note', noted.note);
    }, minute);
    await before.apply(noted);
    await Promise.all([before.untilReady(), after.untilReady()]);
    for (const one of [before, after]) {
      expect(await one.writes()).toEqual(['PUT japaneast', 'PUT uksouth']);
      expect((await world.get(one.name))?.spec).toHaveProperty('note', noted.note);
    }
    await cluster.kube.installCrds('crds'); // back to the one without
    await before.apply({ regions: [japan] });
    await before.untilReady();
    expect(await before.writes()).toEqual(['DELETE uksouth', 'PUT japaneast', 'PUT uksouth']);
    await world.untilSound();
  });
});

describe('CRD deleted and installed again', () => {
  test('deletes every object: with Retain the replicas stay, with Delete the CRD waits until they are gone', async (t) => {
    const cluster = await ownCluster(t);
    const world = await trouble(t, { cluster });
    const [kept, gone] = await Promise.all([scene(world, 'keptones'), scene(world, 'goneones')]);
    await kept.apply({ regions: [japan, britain], deletionPolicy: 'Retain' });
    await gone.apply({ regions: [japan] });
    await Promise.all([kept.untilReady(), gone.untilReady()]);
    await deleteCrd(cluster);
    expect(await gone.writes()).toEqual(['DELETE japaneast', 'PUT japaneast']);
    expect(await kept.locations()).toEqual(['eastus', 'japaneast', 'uksouth']);

    await cluster.kube.installCrds('crds');
    await kept.apply({ regions: [japan, britain], deletionPolicy: 'Retain' });
    await gone.apply({ regions: [britain] });
    await Promise.all([kept.untilReady(), gone.untilReady()]);
    expect(await kept.writes()).toEqual(['PUT japaneast', 'PUT uksouth']);
    expect(await gone.writes()).toEqual(['DELETE japaneast', 'PUT japaneast', 'PUT uksouth']);
    await world.untilSound();
  });

  test('while the operator sees nothing: it takes up the new objects of the old names, and nothing is made or deleted', async (t) => {
    const cluster = await ownCluster(t);
    const world = await trouble(t, { cluster });
    const [kept, never] = await Promise.all([scene(world, 'keptones'), scene(world, 'neverback')]);
    for (const one of [kept, never]) await one.apply({ regions: [japan], deletionPolicy: 'Retain' });
    const first = (await kept.untilReady()).metadata.uid;
    await never.untilReady();
    world.proxy.lie({ answer: () => refusal(503, 'ServiceUnavailable', 'away') });
    world.proxy.endWatches('break');
    await deleteCrd(cluster);
    await cluster.kube.installCrds('crds');
    await kept.apply({ regions: [japan], deletionPolicy: 'Retain' });
    world.proxy.lie();
    const { metadata } = await kept.untilReady();
    expect(metadata.uid).not.toBe(first);
    for (const one of [kept, never]) expect(await one.writes()).toEqual(['PUT japaneast']);
    await world.untilSound();
  });

  test('while the operator is away: the CRD waits for it, and Retain lets go without it', async (t) => {
    const cluster = await ownCluster(t);
    const world = await trouble(t, { cluster });
    const [kept, gone] = await Promise.all([scene(world, 'keptones'), scene(world, 'goneones')]);
    for (const one of [kept, gone]) await one.apply({ regions: [japan] });
    for (const one of [kept, gone]) await one.untilReady();
    await world.operator.kill();
    await cluster.kube.delete(crdPath);
    await cluster.kube.waitFor(world.path(kept.name), (o) => o?.metadata.deletionTimestamp !== undefined, {
      deadlineMs: 60_000,
      what: 'the deletion of the objects',
    });
    await cluster.kube.patch(world.path(kept.name), { spec: { deletionPolicy: 'Retain' } });
    await world.start();
    await cluster.kube.waitForGone(crdPath, { deadlineMs: 90_000, what: 'the CRD to go' });
    expect(await kept.writes()).toEqual(['PUT japaneast']);
    expect(await gone.writes()).toEqual(['DELETE japaneast', 'PUT japaneast']);
  });
});
