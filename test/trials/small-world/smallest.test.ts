import { describe, expect, test } from 'vitest';
import { reconcile } from '../../../src/controller/reconcile.ts';
import { explore } from './explore.ts';
import { reduced } from './scope.ts';

describe('a small world', () => {
  for (const scope of reduced) {
    test(`of ${scope.name}, has no state in which the real pass breaks a property`, async () => {
      const { violation, ...count } = await explore(scope, reconcile);
      expect(violation).toBeUndefined();
      expect(count.ends).toBeGreaterThan(50);
    }, 60_000);
  }
});
