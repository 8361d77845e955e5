import { describe, expect, test } from 'vitest';
import type { Spec } from '../../../src/api/registryreplication.ts';
import { holderOf } from '../../../src/domain/claims.ts';
import { desiredOf, registryKey, sameRegistry } from '../../../src/domain/desired.ts';
import { regionOf } from '../../../src/domain/region.ts';
import { resource } from '../../support/builders.ts';

const parse = (spec: Partial<Spec>, own?: string) => desiredOf(resource(['japaneast'], { spec }), own);

function problems(spec: Partial<Spec>): readonly string[] {
  const parsed = parse(spec);
  return parsed.ok ? [] : parsed.problems;
}

describe('a spec as values', () => {
  test('peers compare locations in lower case without spaces', () => {
    expect(['Japan East', 'JAPANEAST', 'japaneast'].map(regionOf)).toEqual(['japaneast', 'japaneast', 'japaneast']);
  });

  test('has the documented defaults', () => {
    expect(parse({})).toMatchObject({
      ok: true,
      desired: { deletionPolicy: 'Delete', readyWhen: 'Synced', intervalMs: 300_000 },
    });
  });

  test('names a replica after its normalised region unless it is told otherwise', () => {
    const parsed = parse({ regions: [{ location: 'Japan East' }, { location: 'uksouth', name: 'london' }] });
    expect(parsed.ok && [...parsed.desired.wishes.values()]).toMatchObject([
      { region: 'japaneast', name: 'japaneast' },
      { region: 'uksouth', name: 'london' },
    ]);
  });

  const intervals = [
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['24h', 86_400_000],
  ] as const;
  for (const [interval, intervalMs] of intervals) {
    test(`reads the interval ${interval}`, () =>
      expect(parse({ interval })).toMatchObject({ desired: { intervalMs } }));
  }

  for (const interval of ['29s', '25h', 'soon', '5', '', 'in 5m', '5m or so']) {
    test(`refuses the interval "${interval}"`, () =>
      expect(problems({ interval })).toEqual([expect.stringMatching(/from 30s to 24h/)]));
  }

  test('names every problem at once', () => {
    const twice = [{ location: 'Japan East' }, { location: 'japaneast' }];
    expect(problems({ regions: twice, interval: '1s' })).toHaveLength(2);
  });

  test('refuses two spellings of one tag, whose case Azure ignores beyond ASCII too', () => {
    expect(problems({ tags: { É: '1', é: '2', team: 'a' } })).toEqual([
      'spec.tags: É and é are one tag to Azure: remove all but one',
    ]);
    const tagged = (tags: Record<string, string>) => [{ location: 'japaneast', tags }];
    expect(problems({ regions: tagged({ É: '1', é: '2' }) })).toEqual([
      'the tags of japaneast: É and é are one tag to Azure: remove all but one',
    ]);
    expect(problems({ tags: { É: '1' }, regions: tagged({ é: '2' }) })).toEqual([]);
  });

  const tagsOf = (count: number, prefix: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, 'x']));

  test("takes as many tags as Azure does beside the operator's two, and says which region has more", () => {
    const tags = tagsOf(30, 'set');
    const regions = (more: number) => [
      { location: 'uksouth' },
      { location: 'Japan East', tags: { SET0: 'y', ...tagsOf(more, 'own') } },
    ];
    expect(problems({ tags, regions: regions(18) })).toEqual([]);
    expect(problems({ tags, regions: regions(19) })).toEqual([
      "japaneast has 49 tags, its own and those of spec.tags: Azure takes 50, and two of them are the operator's: remove 1",
    ]);
  });

  test('of an object that is being deleted no tag or name stands in the way', () => {
    const spec: Partial<Spec> = {
      tags: { É: '1', é: '2', ...tagsOf(48, 'tag') },
      regions: [{ location: 'japaneast' }, { location: 'uksouth', name: 'JapanEast' }],
    };
    const deleted = resource([], { spec, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
    expect(problems(spec)).toHaveLength(4);
    expect(desiredOf(deleted, undefined)).toMatchObject({ ok: true });
  });

  test('refuses two regions whose replicas would have one name', () => {
    const named = (name: string) => [{ location: 'japaneast' }, { location: 'uksouth', name }];
    expect(problems({ regions: named('JapanEast') })).toEqual([
      'the replicas of japaneast and uksouth have one name, JapanEast: give one of them another in spec.regions',
    ]);
    expect(problems({ regions: named('london') })).toEqual([]);
  });

  test("takes the operator's subscription when the spec names none", () => {
    const registry = { name: 'contoso', resourceGroup: 'registries' };
    expect(parse({ registry }, 'own')).toMatchObject({ desired: { registry: { ...registry, subscriptionId: 'own' } } });
  });

  test("merges a region's tags over those of the set, where names ignore case as in ARM", () => {
    const parsed = parse({
      tags: { Team: 'platform', env: 'prod' },
      regions: [{ location: 'uksouth', tags: { team: 'edge' } }],
    });
    expect(parsed.ok && [...parsed.desired.wishes.values()][0]?.tags).toEqual({ Team: 'edge', env: 'prod' });
  });

  test("refers to credentials in the object's own namespace only", () => {
    expect(parse({ credentialsRef: { name: 'azure' } })).toMatchObject({
      desired: { credentials: { kind: 'secret', namespace: 'platform', name: 'azure' } },
    });
    expect(parse({ credentialsRef: { serviceAccountName: 'sa' } })).toMatchObject({
      desired: { credentials: { kind: 'service-account', namespace: 'platform', name: 'sa' } },
    });
    expect(parse({})).toMatchObject({ desired: { credentials: undefined, mode: 'Apply', prune: 'All' } });
  });

  test('ARM ids ignore case', () => {
    const ref = { subscriptionId: 'ABC', resourceGroup: 'Group', name: 'Contoso' };
    expect(registryKey({ ...ref, name: 'other' })).not.toBe(registryKey(ref));
    expect(registryKey(ref)).toBe(registryKey({ subscriptionId: 'abc', resourceGroup: 'group', name: 'contoso' }));
  });
});

describe('an ARM id is that of the same registry', () => {
  const ref = { subscriptionId: 'aBc', resourceGroup: 'Größe.(1)', name: 'Contoso' };
  const idOf = (subscription: string, group: string, name: string) =>
    `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.ContainerRegistry/registries/${name}`;
  const rows: readonly (readonly [what: string, id: string, same: boolean])[] = [
    ['as it is written', idOf('aBc', 'Größe.(1)', 'Contoso'), true],
    ['in another case', idOf('ABC', 'GRÖßE.(1)', 'contoso').replace('resourceGroups', 'resourcegroups'), true],
    ['unless the subscription is another', idOf('abcd', 'Größe.(1)', 'Contoso'), false],
    ['unless the group is another', idOf('aBc', 'Größe.(2)', 'Contoso'), false],
    ['unless the name is another', idOf('aBc', 'Größe.(1)', 'Contoso2'), false],
    ['unless the id goes on', `${idOf('aBc', 'Größe.(1)', 'Contoso')}/replications/eastus`, false],
    ['unless there is none', '', false],
  ];
  for (const [what, id, same] of rows) test(what, () => expect(sameRegistry(ref, id)).toBe(same));
});

describe('the holder of a registry', () => {
  const at = (creationTimestamp: string, namespace: string, name: string) =>
    resource([], { metadata: { creationTimestamp, namespace, name } });
  const rows = [
    {
      name: 'is the oldest object',
      of: [at('2026-01-02T00:00:00Z', 'a', 'a'), at('2026-01-01T00:00:00Z', 'z', 'z')],
      is: 'z/z',
    },
    {
      name: 'of the same age the first by namespace',
      of: [at('2026-01-01T00:00:00Z', 'b', 'a'), at('2026-01-01T00:00:00Z', 'a', 'z')],
      is: 'a/z',
    },
    {
      name: 'of the same namespace the first by name',
      of: [at('2026-01-01T00:00:00Z', 'a', 'b'), at('2026-01-01T00:00:00Z', 'a', 'B')],
      is: 'a/B',
    },
  ];
  for (const { name, of, is } of rows) {
    test(name, () => {
      for (const objects of [of, of.toReversed()]) {
        const holder = holderOf(objects);
        expect(`${holder?.metadata.namespace}/${holder?.metadata.name}`).toBe(is);
      }
    });
  }
});
