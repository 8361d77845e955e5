import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Operator } from './pass.ts';
import { type Plant, planted } from './planted.ts';

const src = '../../../src/';

/** What `operatorWith` does outside vitest, by vitest's own means. */
async function operatorMocked(plant: Plant): Promise<Operator> {
  vi.resetModules();
  vi.doMock(`${src}${plant.module}`, async (importOriginal) => {
    const real = await importOriginal<object>();
    return { ...real, ...plant.broken(real) };
  });
  const { reconcile } = await import('../../../src/controller/reconcile.ts');
  const { createReplicationApi } = await import('../../../src/azure/replications.ts');
  return { reconcile, createReplicationApi };
}

afterEach(() => {
  for (const { plant } of planted) vi.doUnmock(`${src}${plant.module}`);
  vi.resetModules();
});

describe('a bug planted in the real pass', () => {
  for (const { id, says, plant, searches } of planted) {
    for (const { suite, find } of searches) {
      test(`${id}, ${says}: is found by ${suite}`, async () => {
        expect(await find(await operatorMocked(plant))).toBeDefined();
      }, 120_000);
    }
  }
});
