import { describe, expect, test } from 'vitest';
import { scene, sharedWorld } from '../../support/registry-scene.ts';
import { kubectl } from './kubectl.ts';

const world = sharedWorld();
const japaneast = { location: 'japaneast' };
const uksouth = { location: 'uksouth' };
const isReady = '--for=jsonpath={.status.replicas[?(@.location=="japaneast")].status}=Ready';

function waitFor(name: string, condition: string, timeout = '50s') {
  return kubectl('wait', '-n', world().namespace, condition, `--timeout=${timeout}`, `registryreplication/${name}`);
}

describe('kubectl wait', () => {
  test('for Ready ends when Azure has what the spec asks for', async () => {
    const it = await scene(world(), 'waitready');
    await it.apply({ regions: [japaneast, uksouth] });
    const { end, stdout, stderr } = await waitFor(it.name, '--for=condition=Ready');
    expect([end, stdout, stderr]).toEqual([
      '0',
      'registryreplication.acr-replication.dev/waitready condition met\n',
      '',
    ]);
    expect(await it.locations()).toEqual(['eastus', 'japaneast', 'uksouth']);
  });

  test('for Ready right after an edit does not take the condition of the old spec', async () => {
    const it = await scene(world(), 'waitedit');
    await it.apply({ regions: [japaneast] });
    await it.untilReady();
    await it.apply({ regions: [japaneast, uksouth] });
    expect((await waitFor(it.name, '--for=condition=Ready')).end).toBe('0');
    expect(await it.locations()).toEqual(['eastus', 'japaneast', 'uksouth']);
  });

  test('for one region by JSONPath does not wait for the others', async () => {
    const it = await scene(world(), 'waitregion');
    await it.fault({ kind: 'stuckSyncing' }, { region: 'uksouth' });
    await it.apply({ regions: [japaneast, uksouth] });
    expect((await waitFor(it.name, isReady)).end).toBe('0');
    expect((await waitFor(it.name, '--for=condition=Ready', '1s')).end).toBe('1');
    const stalled = await waitFor(it.name, '--for=condition=Reconciling', '1s');
    expect(stalled.end).toBe('0');
  });

  test('for Stalled ends when somebody must act', async () => {
    const it = await scene(world(), 'waitstalled', { sku: 'Basic' });
    await it.apply({ regions: [japaneast] });
    expect((await waitFor(it.name, '--for=condition=Stalled')).end).toBe('0');
  });

  test('for deletion ends when the replicas are gone', async () => {
    const it = await scene(world(), 'waitdelete');
    await it.apply({ regions: [japaneast] });
    await it.untilReady();
    await world().cluster.kube.delete(world().path(it.name));
    expect((await waitFor(it.name, '--for=delete')).end).toBe('0');
    expect(await it.locations()).toEqual(['eastus']);
  });
});
