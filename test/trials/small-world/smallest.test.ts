import { describe, expect, test } from 'vitest';
import { explore } from './explore.ts';
import { operator } from './operator.ts';
import { reduced } from './scope.ts';

describe('a small world', () => {
  for (const scope of reduced) {
    test(`of ${scope.name}, has no state in which the real pass breaks a property`, async () => {
      const { violations, ...count } = await explore(scope, operator);
      expect(violations).toEqual([]);
      expect(count.ends).toBeGreaterThan(50);
    }, 60_000);
  }
});
