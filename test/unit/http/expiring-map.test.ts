import { expect, test } from 'vitest';
import { ExpiringMap } from '../../../src/http/expiring-map.ts';
import { clockAt } from '../../support/clock.ts';

test('an entry is forgotten in time, and the first of too many', () => {
  let nowMs = 0;
  const map = new ExpiringMap<number | undefined>(
    2,
    clockAt(() => new Date(nowMs)),
  );
  map.set('a', 1, 10);
  map.set('b', undefined, 20);
  expect([map.get('a'), map.get('b')]).toMatchObject([{ value: 1 }, { value: undefined }]);
  nowMs = 10;
  expect(map.get('a')).toBeUndefined();
  map.set('a', 2, 10);
  map.set('c', 3, 10);
  expect(map.get('b')).toBeUndefined();
  expect([map.get('a')?.value, map.get('c')?.value]).toEqual([2, 3]);
});
