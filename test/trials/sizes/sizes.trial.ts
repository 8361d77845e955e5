import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { apiVersion, kind, plural, type Spec } from '../../../src/api/registryreplication.ts';
import { settings } from '../../../src/operator/settings.ts';
import regions from '../../sandbox/emulator/data/regions.json' with { type: 'json' };
import { coveredRow } from '../../support/covered.ts';
import { type OperatorWorld, operatorWorld } from '../../support/operator-world.ts';
import { condition } from '../../support/registry-scene.ts';

/** The largest that users can write and Azure can answer, to the real program. */
const began = performance.now();
const workers = Number(settings.maxConcurrentReconciles.default);
let highest = 0;
afterAll(() => {
  const row = coveredRow({
    what: 'Sizes',
    counts: {
      'objects at the limit of etcd': 3,
      'answers of 100 MB at once': workers,
      'MiB resident at most': Math.round(highest / 2 ** 20),
    },
    held: 'what has room is Ready, what has none is left alone, and the neighbours do not notice',
    command: 'npm run test:sizes',
    seconds: (performance.now() - began) / 1_000,
  });
  console.log(row);
});

/** As many regions as can be, each with the most tags, of `bytes` in all. */
const everywhere = regions.filter(({ cloud, name }) => cloud === 'AzurePublic' && name !== 'eastus').slice(0, 64);
function large(bytes: number): Spec['regions'] {
  const each = Math.floor(bytes / everywhere.length / 20 / 4); // emoji are four bytes
  const [inName, inValue] = [Math.max(each - 256, 0), Math.min(each, 256)];
  const tags = Array.from({ length: 20 }, (_, j) => [`${j}${'😀'.repeat(inName)}`, '😀'.repeat(inValue)] as const);
  return everywhere.map(({ name }) => ({ location: name, tags: Object.fromEntries(tags) }));
}

/** POST, so that the fields have one owner; the object is not repeated in a failure. */
async function create(world: OperatorWorld, name: string, spec: Spec): Promise<string> {
  const path = `/apis/${apiVersion}/namespaces/${world.namespace}/${plural}`;
  const object = { apiVersion, kind, metadata: { name, namespace: world.namespace }, spec };
  return world.cluster.kube.request('POST', path, object).then(
    () => 'created',
    (error: unknown) => String(error).slice(0, 300),
  );
}

test('an object near the limit of etcd is worked on; one to which nothing can be added is left alone, and disturbs nobody', async (t) => {
  const world = await operatorWorld(t, { operationMs: 300 });
  const { control } = world.azure;
  const { kube } = world.cluster;
  for (const name of ['largest', 'fullup']) {
    await control.putRegistry({ name, resourceGroup: 'registries', location: 'eastus' });
  }
  const operator = await world.start();
  const spec = (name: string, bytes: number, suspend = false): Spec => ({
    registry: { name, resourceGroup: 'registries' },
    regions: large(bytes),
    ...(suspend ? { suspend } : {}),
  });
  expect(await create(world, 'beyond', spec('largest', 1_600_000))).toMatch(/request is too large/);
  expect(await create(world, 'largest', spec('largest', 1_300_000))).toBe('created');

  // Filled up to the last bytes, so that there is no room for a finalizer.
  expect(await create(world, 'full', spec('fullup', 1_500_000, true))).toBe('created');
  let padding = 0;
  for (let step = 2 ** 16; step >= 2 ** 6; step /= 2) {
    const filling = { metadata: { annotations: { padding: 'x'.repeat(padding + step) } } };
    if (
      await kube.patch(world.path('full'), filling).then(
        () => true,
        () => false,
      )
    )
      padding += step;
  }
  await kube.patch(world.path('full'), { spec: { suspend: null } });
  const failures = () => operator.log().filter(({ message }) => message === 'pass failed');
  await t.expect.poll(() => JSON.stringify(failures()), { timeout: 30_000 }).toContain('request is too large');

  await world.untilReady('largest');
  const replicas = await control.replicas('largest');
  expect(replicas.map(({ location }) => location)).toEqual(expect.arrayContaining(everywhere.map(({ name }) => name)));
  expect(replicas.find(({ location }) => location === 'uksouth')?.tags).toMatchObject(large(1_300_000)[0]?.tags ?? {});
  await world.apply('neighbour', { regions: [{ location: 'uksouth' }] });
  await world.untilReady('neighbour');
  expect(failures().length).toBeLessThan(12); // pauses that double
  const journal = await control.journal({ registry: 'fullup' });
  expect(journal.filter(({ verb }) => verb !== 'GET' && verb !== 'LIST')).toEqual([]);
});

test('answers of 100 MB to as many objects as there are workers fit into the memory that deploy/ gives, and are got over', async (t) => {
  const names = Array.from(
    { length: Number(settings.maxConcurrentReconciles.default) },
    (_, i) => `flood${String(i).padStart(2, '0')}`,
  );
  const world = await operatorWorld(t, {
    registries: names.map((name) => ({ name, resourceGroup: 'registries', location: 'eastus' })),
  });
  const { control } = world.azure;
  const operator = await world.start();
  const fault = await control.addFault({ match: { verb: 'LIST' }, effect: { kind: 'body', form: 'huge' } });
  for (const name of names) {
    const registry = { name, resourceGroup: 'registries' };
    await world.apply(name, { registry, regions: [{ location: 'uksouth' }], interval: '30s' });
  }
  for (const name of names) {
    await world.until(name, 'the refusal', (object) =>
      /gives an answer that is too long/.test(condition(object, 'Ready')?.message ?? ''),
    );
  }
  expect(highestMemory(operator.pid)).toBeLessThan(256 * 2 ** 20);
  highest = Math.max(highest, highestMemory(operator.pid));
  await control.clearFaults(fault);
  for (const name of names) await world.untilReady(name);
});

/** In bytes, since the process began. */
function highestMemory(pid: number): number {
  return Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
