import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { packed, unpacked } from '../../../src/kube/packed.ts';
import { resource } from '../../support/builders.ts';

test('whatever an object says comes back as it was, in any script and at any length', () => {
  const json = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' });
  fc.assert(
    fc.property(json, fc.nat(20_000), (status, length) => {
      const object = { spec: 'x'.repeat(length), status } as unknown as RegistryReplication;
      expect(JSON.stringify(unpacked(packed(object)))).toBe(JSON.stringify(object));
    }),
  );
});

test('an object of three regions takes less than a third of its JSON', () => {
  const object = resource(['westeurope', 'japaneast', 'uksouth']);
  expect(packed(object).length).toBeLessThan(JSON.stringify(object).length / 3);
});
