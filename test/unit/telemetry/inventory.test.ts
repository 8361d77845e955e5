import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { Key } from '../../../src/domain/key.ts';
import { createStock } from '../../../src/telemetry/inventory.ts';

const times = fc.constantFrom('2026-09-10T11:00:00Z', '2026-09-10T12:00:00Z', '2026-09-10T13:00:00Z', undefined);
const replica = fc.record({
  location: fc.constant('japaneast'),
  provisioningState: fc.constantFrom('Succeeded', 'Creating', 'Failed', undefined),
  status: fc.constantFrom('Ready', 'Syncing', ''),
  since: times,
  routing: fc.constantFrom('Enabled', 'Disabled'),
  drained: fc.constantFrom({ until: '2026-09-11T12:00:00Z', before: 'Enabled' }, undefined),
});
const condition = fc.record({
  type: fc.constantFrom('Stalled', 'Ready', 'Drained'),
  lastTransitionTime: fc.constantFrom('2026-09-10T11:00:00Z', '2026-09-10T12:00:00Z'),
  status: fc.constantFrom('True', 'False'),
  reason: fc.constantFrom('InvalidSpec', 'RegistryClaimed', 'FromTheFuture'),
});
const object = fc.record({
  spec: fc.record({
    interval: fc.constantFrom('30s', '1h', undefined),
    suspend: fc.constantFrom(true, undefined),
    credentialsRef: fc.constantFrom({ name: 'mine' }, undefined),
  }),
  status: fc.option(
    fc.record({
      phase: fc.constantFrom('Ready', 'Syncing', 'Failed', undefined),
      replicas: fc.array(replica, { maxLength: 3 }),
      conditions: fc.array(condition, { maxLength: 1 }),
    }),
    { nil: undefined },
  ),
}) as unknown as fc.Arbitrary<RegistryReplication>;
const change = fc.record({
  key: fc.constantFrom('a/one', 'a/two', 'b/three') as fc.Arbitrary<Key>,
  current: fc.option(object, { nil: undefined }),
});

test('whatever has changed, the inventory is that of the objects there are now', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
      const [lived, fresh] = [createStock(), createStock()];
      const now = new Map<Key, RegistryReplication>();
      for (const { key, current } of changes) {
        lived.noticed(key, { previous: now.get(key), current });
        if (current === undefined) now.delete(key);
        else now.set(key, current);
      }
      for (const [key, current] of now) fresh.noticed(key, { previous: undefined, current });
      expect(lived.taken()).toEqual(fresh.taken());
    }),
  );
});

test('an object that leaves takes with it since when its regions have been in their states', () => {
  const stock = createStock();
  const key = 'a/one' as Key;
  const current = {
    spec: {},
    status: { replicas: [{ location: 'japaneast', provisioningState: 'Creating', since: '2026-09-10T11:00:00Z' }] },
  } as unknown as RegistryReplication;
  stock.noticed(key, { previous: undefined, current });
  expect(stock.taken().oldest).toEqual({ Creating: new Date('2026-09-10T11:00:00Z') });
  stock.noticed(key, { previous: current, current: undefined });
  expect(stock.taken()).toMatchObject({
    oldest: {},
    identities: { own: 0, referred: 0 },
    shortestIntervalMs: undefined,
  });
});
