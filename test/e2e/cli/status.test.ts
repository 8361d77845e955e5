import { expect, test } from 'vitest';
import { plugin } from '../../support/plugin.ts';
import { scene, sharedWorld } from '../../support/registry-scene.ts';

const world = sharedWorld();
const where = () => ({
  kubeconfig: world().cluster.adminKubeconfig,
  namespace: world().namespace,
  env: { LC_ALL: 'C.UTF-8' },
});
const regions = (...locations: readonly string[]) => locations.map((location) => ({ location }));

test('status and list tell what the operator has done', async () => {
  const it = await scene(world(), 'storyready');
  await it.apply({ regions: regions('japaneast', 'uksouth') });
  await it.untilReady();
  const { code, out } = await plugin(['status', it.name], where());
  expect(code).toBe(0);
  expect(out).toMatch(/\/storyready: Ready, 2\/2 regions ready\n.*, home eastus, Premium\n/);
  expect(out).toMatch(/^● Ready, for \d+s \(InSync\)$/m);
  expect(out).toMatch(/^◆ eastus {5}Ready, home {2}for \d+s$/m);
  expect(out).toMatch(/^● japaneast {2}Ready {8}for \d+s$/m);
  expect(out).not.toContain('awaits');
  expect(out.split('LAST EVENTS\n')[1]).toMatch(/ReplicaCreating +japaneast, uksouth: being created\./);
  const rows = (await plugin(['list'], where())).out.split('\n').filter((line) => line.startsWith(it.name));
  expect(rows.map((row) => row.split(/ {2,}/).slice(2, 5).join(' '))).toEqual([
    'eastus Succeeded Ready',
    'japaneast Succeeded Ready',
    'uksouth Succeeded Ready',
  ]);
});

test('status says what a region waits for that Azure refuses', async () => {
  const it = await scene(world(), 'storypolicy');
  await it.fault({ kind: 'policy' }, { verb: 'PUT', region: 'uksouth' });
  await it.apply({ regions: regions('japaneast', 'uksouth') });
  await it.untilReason('PolicyDenied');
  const { out } = await plugin(['status', it.name], where());
  expect(out).toMatch(/^✕ Not ready, and somebody must act, for \d+s \(PolicyDenied\)$/m);
  expect(out).toMatch(
    /^✕ uksouth .*\n {4}awaits its creation, which Azure refused\n {4}not before [\d:]{8} UTC, in \d+\w$/m,
  );
});
