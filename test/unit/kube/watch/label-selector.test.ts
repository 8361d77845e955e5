import { describe, expect, test } from 'vitest';
import { labelMatcher } from '../../../../src/kube/watch/label-selector.ts';

/** As the API server judges: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api */
const cases: readonly (readonly [string, Readonly<Record<string, string>> | undefined, boolean])[] = [
  ['', undefined, true],
  ['shard=a', { shard: 'a' }, true],
  ['shard == a', { shard: 'a' }, true],
  ['shard=a', { shard: 'b' }, false],
  ['shard=a', undefined, false],
  ['shard=', { shard: '' }, true],
  ['shard=', undefined, false],
  ['shard!=a', { shard: 'b' }, true],
  ['shard!=a', {}, true],
  ['shard != a', { shard: 'a' }, false],
  ['shard in (a, b)', { shard: 'b' }, true],
  ['shard in (a,b)', { shard: 'c' }, false],
  ['shard in (a)', {}, false],
  ['shard in (,a)', { shard: '' }, true],
  ['shard notin (a,b)', { shard: 'c' }, true],
  ['shard notin (a)', {}, true],
  ['shard notin (a)', { shard: 'a' }, false],
  ['shard', { shard: '' }, true],
  ['shard', {}, false],
  ['!shard', {}, true],
  ['! shard', { shard: 'a' }, false],
  ['example.com/shard=a,tier in (x,y),!legacy', { 'example.com/shard': 'a', tier: 'y' }, true],
  ['example.com/shard=a,tier in (x,y),!legacy', { 'example.com/shard': 'a', tier: 'y', legacy: '' }, false],
  ['shard=a,shard=b', { shard: 'a' }, false],
  ['constructor', {}, false],
  ['!toString', {}, true],
  ['in=a', { in: 'a' }, true],
  ['in in (in)', { in: 'in' }, true],
];

describe('a label selector', () => {
  for (const [selector, labels, expected] of cases) {
    test(`${selector === '' ? 'of nothing' : selector} ${expected ? 'selects' : 'leaves out'} ${JSON.stringify(labels)}`, () => {
      expect(labelMatcher(selector)(labels)).toBe(expected);
    });
  }

  test('that is not given selects everything', () => expect(labelMatcher(undefined)({ a: 'b' })).toBe(true));

  for (const text of ['a=b=c', 'a in b', 'a in (b', '(a)', 'a b', '!a=b']) {
    test(`${text} is none`, () => expect(() => labelMatcher(text)).toThrow('is no requirement'));
  }
});
