import { describe, expect, test } from 'vitest';
import { byNeed, found } from '../../../../src/map/page/choice.ts';
import { mapObject, replica } from './objects.ts';

const fine = mapObject('web/fine', [replica('uksouth')]);
const bad = mapObject('web/bad', [replica('eastus', 'failed')]);
const drain = { until: '2026-12-01T06:00:00Z', reason: 'INC-4711', out: true };
const away = mapObject('ops/away', [replica('eastus2', 'syncing', { drain })]);
const slow = mapObject('ml/slow', [replica('japaneast', 'syncing')], { suspended: true });
const keys = (objects: readonly { readonly key: string }[]): readonly string[] => objects.map(({ key }) => key);

describe('the list of registries', () => {
  test('begins with the worst', () => {
    expect(keys(byNeed([fine, slow, bad]))).toEqual(['web/bad', 'ml/slow', 'web/fine']);
  });

  test('goes by namespace and name where the need is the same', () => {
    const [b, a] = [mapObject('b/x', [replica('uksouth')]), mapObject('a/y', [replica('uksouth')])];
    expect(keys(byNeed([b, a]))).toEqual(['a/y', 'b/x']);
  });

  const searches: readonly (readonly [string, readonly string[]])[] = [
    ['', ['web/bad', 'ml/slow', 'ops/away', 'web/fine']],
    ['web', ['web/bad', 'web/fine']],
    ['WEB  uksouth', ['web/fine']],
    ['failed', ['web/bad']],
    ['suspended', ['ml/slow']],
    ['japan', ['ml/slow']],
    ['web japan', []],
    ['drained', ['ops/away']],
    ['inc-4711', ['ops/away']],
  ];
  for (const [search, expected] of searches)
    test(`finds ${expected.length} by “${search}”`, () => {
      expect(keys(found(byNeed([fine, slow, bad, away]), search))).toEqual(expected);
    });
});
