import { describe, expect, test } from 'vitest';
import { apiVersion, kind, plural, type RegistryReplication, type Spec } from '../../src/api/registryreplication.ts';
import { operatorAccount, operatorNamespace } from '../sandbox/operator.ts';
import { operatorWorld } from '../support/operator-world.ts';
import { condition, scene, sharedWorld } from '../support/registry-scene.ts';

/** What a user may write and Azure may answer, at its worst, to the real program. */
const paths = [
  '../x',
  '..',
  '%2f',
  '..%2F..',
  '%2e%2e',
  'a/b',
  'abcde?x=y',
  'abcde#f',
  'abcde;v=1',
  'abcde\\',
  ' abcde',
  'abc\u0000de',
  'abcdé',
  'abcde\n',
];

describe('a name that is a path is refused by the API server', () => {
  const world = sharedWorld();
  const base: Spec = { registry: { name: 'contoso', resourceGroup: 'registries' }, regions: [{ location: 'uksouth' }] };
  const fields: Readonly<Record<string, (trick: string) => Spec>> = {
    'spec.registry.name': (name) => ({ ...base, registry: { ...base.registry, name } }),
    'spec.registry.resourceGroup': (text) => ({ ...base, registry: { ...base.registry, resourceGroup: `${text}.` } }),
    'spec.registry.subscriptionId': (subscriptionId) => ({ ...base, registry: { ...base.registry, subscriptionId } }),
    'spec.regions[0].location': (location) => ({ ...base, regions: [{ location }] }),
    'spec.regions[0].name': (name) => ({ ...base, regions: [{ location: 'uksouth', name }] }),
    'spec.credentialsRef.name': (name) => ({ ...base, credentialsRef: { name } }),
    'spec.credentialsRef.serviceAccountName': (text) => ({ ...base, credentialsRef: { serviceAccountName: text } }),
  };
  for (const [field, specOf] of Object.entries(fields)) {
    test(`as ${field}`, async () => {
      for (const trick of paths) {
        await expect(world().apply('trick', specOf(trick)), JSON.stringify(trick)).rejects.toThrow(field);
      }
      expect(await world().azure.control.journal()).toEqual([]);
    });
  }
});

describe('names with every letter that Azure allows', () => {
  const groups = ['-_.()x', 'Größe(1).Straße_9-x', '東京リージョン', 'ǅʰа.٣', `${'g'.repeat(89)})`, '()', 'A.(b)_-C'];
  const names = ['abc12', 'ABCde', '12345', 'x'.repeat(50), 'Registry00', 'aB3dE', 'zzzzz'];
  const seeds = groups.map((resourceGroup, i) => ({ name: names[i] ?? '', resourceGroup, location: 'eastus' }));
  const world = sharedWorld({ registries: seeds });
  for (const [index, { name, resourceGroup }] of seeds.entries()) {
    test(`a registry ${name} in the group ${resourceGroup} has its whole life, at its own paths only`, async () => {
      const { azure, cluster } = world();
      const object = `legal-${index}`;
      const registry = { name, resourceGroup };
      await world().apply(object, { registry, regions: [{ location: 'uksouth', name: 'Replica1' }] });
      await world().untilReady(object);
      await world().apply(object, { registry, regions: [{ location: 'Japan East', routing: 'Disabled' }] });
      await world().untilReady(object);
      expect(await world().locations(name)).toEqual(['eastus', 'japaneast']);
      await cluster.kube.delete(world().path(object));
      await cluster.kube.waitForGone(world().path(object));

      const journal = await azure.control.journal({ registry: name });
      const asked = new Set(journal.map((entry) => entry.path.split('/').map(decodeURIComponent).join('/')));
      const own = `/subscriptions/${azure.subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerRegistry/registries/${name}`;
      const replicas = ['', '/Replica1', '/japaneast'].map((end) => `${own}/replications${end}`);
      expect([...asked].sort()).toEqual([own, ...replicas].sort());
      expect(journal.every((entry) => entry.path.split('/').length <= 11)).toBe(true); // nothing decoded into a slash
    });
  }
});

describe('texts', () => {
  const odd = '\u202eegnahc\u202c e\u0301\u0323 👩‍👩‍👧‍👦🏳️‍🌈 \u0000\u0001\u001b[31m\u009b0m\u2028 \ud800 İıſK ﷽ Ａ';
  test('tags with any text become those of the replicas, once', async (t) => {
    const world = await operatorWorld(t);
    await world.start();
    const { control } = world.azure;
    const tags = {
      [`name ${odd.replaceAll(/\p{Cc}/gu, '')}`]: odd,
      ['n'.repeat(512)]: '😀'.repeat(256),
      constructor: 'a',
      toString: 'b',
      İ: 'dotted',
      ß: 'ß',
    };
    // As JSON in a POST: apply takes YAML, which has no controls.
    const path = `/apis/${apiVersion}/namespaces/${world.namespace}/${plural}`;
    const metadata = { name: 'contoso', namespace: world.namespace };
    const { spec } = await world.cluster.kube.request<RegistryReplication>('POST', path, {
      apiVersion,
      kind,
      metadata,
      spec: {
        registry: { name: 'contoso', resourceGroup: 'registries' },
        regions: [{ location: 'uksouth', tags }],
        tags: { Ω: '' },
      },
    });
    await world.untilReady('contoso');
    const found = (await control.replicas('contoso')).find(({ location }) => location === 'uksouth');
    expect(found?.tags).toMatchObject({ ...spec.tags, ...spec.regions[0]?.tags });
    const before = await world.writes();
    for (const request of ['one', 'two']) {
      await world.cluster.kube.patch(world.path('contoso'), {
        metadata: { annotations: { 'acr-replication.dev/requested-at': request } },
      });
      await world.until('contoso', request, ({ status }) => status?.lastHandledRequest === request);
    }
    expect(await world.writes()).toEqual(before);
  });

  test('what Azure says is shown without a line break, an escape or a turned direction, and settles', async (t) => {
    const world = await operatorWorld(t, { registries: [] });
    const operator = await world.start({ LOG_LEVEL: 'debug' });
    const noisy = await scene(world, 'noisy1');
    const refused = await scene(world, 'noisy2');
    await noisy.apply({ regions: [{ location: 'uksouth' }], interval: '30s' });
    await noisy.untilReady();
    const half = `${'x'.repeat(99)}😀${odd}`;
    const change = { registry: 'noisy1', region: 'uksouth', displayStatus: half, message: half.repeat(20) };
    await world.azure.control.alterReplica(change);
    await noisy.lookNow();
    await noisy.until('the noise', ({ status }) => (status?.replicas ?? []).some((r) => r.status?.startsWith('xxx')));
    await refused.fault({
      kind: 'respond',
      status: 400,
      code: `Bad\u001b[31m\r\n${odd}`,
      message: `${odd}\r\nlevel=error ${odd}`,
    });
    await refused.apply({ regions: [{ location: 'uksouth' }] });
    await refused.until('the refusal', (object) => /Azure answered/.test(condition(object, 'Ready')?.message ?? ''));
    const objects = await world.cluster.kube.list(`/apis/${apiVersion}/namespaces/${world.namespace}/${plural}`);
    const events = await world.cluster.kube.list(`/apis/events.k8s.io/v1/namespaces/${world.namespace}/events`);
    const texts = [...objects.map((o) => o['status']), ...events.map((e) => e['note'])].map((value) => textsIn(value));
    const shown = texts.flat().join('') + operator.output().replaceAll('\n', '');
    expect(shown).toContain('xxx');
    expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    for (const line of operator.output().trim().split('\n'))
      expect(() => JSON.parse(line) as unknown, line).not.toThrow();
    const settled = await world.get('noisy1');
    await noisy.lookNow();
    const again = await noisy.until(
      'a look',
      ({ status }) => status?.lastHandledRequest !== settled?.status?.lastHandledRequest,
    );
    const { lastHandledRequest: _, ...status } = again.status ?? {};
    const { lastHandledRequest: __, ...earlier } = settled?.status ?? {};
    expect(status).toEqual(earlier);
  });
});

/** Every string in a value. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

test('an object in a namespace that is not watched is left alone entirely, and so is its registry', async (t) => {
  const world = await operatorWorld(t);
  const { kube } = world.cluster;
  await world.azure.control.putRegistry({ name: 'elsewhere', resourceGroup: 'registries', location: 'eastus' });
  const namespace = await kube.createNamespace('unwatched');
  const spec = { registry: { name: 'elsewhere', resourceGroup: 'registries' }, regions: [{ location: 'uksouth' }] };
  const object = { apiVersion, kind, metadata: { name: 'elsewhere', namespace }, spec };
  await kube.apply({ ...object, metadata: { ...object.metadata, name: 'earlier' } });
  await world.start();
  const applied = await kube.apply(object);
  await world.apply('contoso', { regions: [{ location: 'uksouth' }] });
  await world.untilReady('contoso');
  const left = await kube.get(await kube.pathOf(object));
  expect(left).toEqual(applied); // not even another version of it
  expect(await world.azure.control.journal({ registry: 'elsewhere' })).toEqual([]);
  const account = `system:serviceaccount:${operatorNamespace}:${operatorAccount}`;
  const requests = (await world.cluster.auditEvents()).filter(({ user }) => user.username === account);
  expect(requests.filter(({ objectRef }) => objectRef?.namespace === world.namespace)).not.toEqual([]);
  expect(requests.filter(({ objectRef }) => objectRef?.namespace === namespace)).toEqual([]);
});
