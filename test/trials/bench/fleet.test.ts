import { expect, test } from 'vitest';
import { shardEnvironments, shardLabel } from './bulk.ts';
import { firstCalls } from './fleet.ts';

test('a registry was looked at when the first call named it', () => {
  const calls = [{ at: 5, registry: 'a' }, { at: 7 }, { at: 8, registry: 'b' }, { at: 9, registry: 'a' }];
  expect([...firstCalls(calls)]).toEqual([
    ['a', 5],
    ['b', 8],
  ]);
});

test('each object has the label of one of the processes, and one process alone needs none', () => {
  expect([0, 1, 2].map((index) => shardLabel(index, 2))).toEqual([{ shard: '0' }, { shard: '1' }, { shard: '0' }]);
  expect(shardEnvironments(2)).toEqual([{ WATCH_SELECTOR: 'shard=0' }, { WATCH_SELECTOR: 'shard=1' }]);
  expect([shardLabel(1, 1), shardEnvironments(1)]).toEqual([{}, [{}]]);
});
