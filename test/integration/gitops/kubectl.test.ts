import { describe, expect, test } from 'vitest';
import { apiVersion, kind } from '../../../src/api/registryreplication.ts';
import { reasons } from '../../../src/domain/reasons.ts';
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

describe('kubectl get', () => {
  const columnsOf = async (name: string, ...flags: readonly string[]) => {
    const { stdout } = await kubectl('get', 'registryreplication', name, '-n', world().namespace, ...flags);
    return stdout.trimEnd().split('\n');
  };

  test('fits 120 columns with the longest words that its columns can have', async () => {
    const { kube } = world().cluster;
    const name = 'a-registry-of-all-20';
    await kube.apply({
      apiVersion,
      kind,
      metadata: { name, namespace: world().namespace },
      spec: {
        registry: { name: 'r'.repeat(30), resourceGroup: 'registries' },
        regions: [japaneast],
        suspend: true,
      },
    });
    const [longest = ''] = Object.keys(reasons).toSorted((a, b) => b.length - a.length);
    const lastTransitionTime = '2026-09-10T12:00:00Z';
    await world().until(name, 'seen', ({ status }) => status?.phase === 'Suspended');
    const ready = { type: 'Ready', status: 'False', reason: longest, message: 'No.', lastTransitionTime };
    await kube.patch(`${world().path(name)}/status`, { status: { summary: '64/64', conditions: [ready] } });
    const lines = await columnsOf(name);
    expect(lines[0]?.split(/ {2,}/)).toEqual(['NAME', 'REGISTRY', 'REGIONS', 'STATUS', 'REASON', 'AGE']);
    expect(lines[1]).toContain(` Suspended   ${longest} `);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(120);
  });

  test('with -o wide names the regions, and has the message last', async () => {
    const it = await scene(world(), 'widecolumns');
    await it.apply({ regions: [{ location: 'UK South' }, japaneast] });
    await it.untilReady();
    const [heads = '', row = ''] = await columnsOf(it.name, '-o', 'wide');
    const columns = ['LOCATIONS', 'HOME', 'DRAINED', 'LAST CHANGE', 'MESSAGE'];
    expect(heads.split(/ {2,}/)).toEqual(['NAME', 'REGISTRY', 'REGIONS', 'STATUS', 'REASON', 'AGE', ...columns]);
    expect(row).toMatch(/ {2}japaneast, uksouth {3}eastus +\d+s +All 2 regions are ready\.$/);
  });
});
