import { expect, test } from 'vitest';
import { crdSchema, fields } from '../support/crd-schema.ts';

test.each(['spec', 'status'] as const)('kubectl explain registryreplication.%s describes every field', (part) => {
  const explained = fields(crdSchema(part), part);
  const bare = explained.filter(([, { description = '' }]) => description.trim().length < 10);
  expect(bare.map(([path]) => path)).toEqual([]);
  expect(explained.length).toBeGreaterThan(20);
});

test('kubectl explain gives a default or an example for every field of the spec that holds a value', () => {
  const silent = fields(crdSchema('spec'), 'spec').filter(
    ([, { description = '', properties }]) => properties === undefined && !/Default:|Example:/.test(description),
  );
  expect(silent.map(([path]) => path)).toEqual(['spec.regions']); // a list, whose members have them
});
