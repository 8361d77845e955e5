import { describe, expect, test } from 'vitest';
import { finalizer, type RegistryReplication } from '../../../src/api/registryreplication.ts';
import { indexNamesakes } from '../../../src/controller/namesakes.ts';
import { ownershipOf } from '../../../src/controller/ownership.ts';
import type { Ports } from '../../../src/ports/ports.ts';
import { registry, resource } from '../../support/builders.ts';
import { memoryStore } from '../../support/memory-store.ts';

const read = { registry: { id: registry().id } };
const object = resource(['japaneast'], { status: read });

/** Another object about the same registry that has read it, made half an hour after the first unless `metadata` says otherwise. */
function another(changes: Parameters<typeof resource>[1] = {}): RegistryReplication {
  const metadata = { name: 'another', uid: 'uid-2', creationTimestamp: '2026-09-10T11:30:00Z', ...changes.metadata };
  return resource(['japaneast'], { status: read, ...changes, metadata });
}

const older = { creationTimestamp: '2026-09-10T10:30:00Z' };
const marked = { deletionTimestamp: '2026-09-10T12:00:00Z' };

function isAlive(owners: readonly RegistryReplication[], tag = 'test/platform/another', self = object): boolean {
  const store = memoryStore([self, ...owners]);
  const settings: Ports['settings'] = {
    clusterName: 'test',
    subscriptionId: undefined,
    maxConcurrentWrites: 8,
    seesAllOf: (namespace) => namespace !== 'unseen',
  };
  const unused = {} as Omit<Ports, 'store' | 'namesakes' | 'settings'>;
  return ownershipOf(self, { ...unused, store, namesakes: indexNamesakes(store), settings }).isAlive(tag);
}

const observing = resource(['japaneast'], { status: read, spec: { mode: 'Observe' } });

const leaving = resource(['japaneast'], { status: read, metadata: { ...marked, finalizers: [finalizer] } });

const owners: readonly (readonly [name: string, alive: boolean, asked: () => boolean])[] = [
  ['that is gone', false, () => isAlive([])],
  ['in a namespace that is not watched', true, () => isAlive([], 'test/unseen/another')],
  ['of another cluster', true, () => isAlive([], 'other/platform/another')],
  [
    'that manages another registry',
    false,
    () =>
      isAlive([another({ spec: { registry: { name: 'fabrikam', resourceGroup: 'registries' } }, metadata: older })]),
  ],
  ['that only observes the registry', false, () => isAlive([another({ spec: { mode: 'Observe' }, metadata: older })])],
  ['that has lost the registry to this older one', false, () => isAlive([another()])],
  ['that has lost it and is suspended', false, () => isAlive([another({ spec: { suspend: true } })])],
  [
    'that has lost it, and is being deleted: it may have begun to delete what it made',
    true,
    () => isAlive([another({ metadata: { ...marked, finalizers: [finalizer] } })]),
  ],
  [
    'that has lost it, and waits for a finalizer of somebody else',
    false,
    () => isAlive([another({ metadata: { ...marked, finalizers: ['example.org/other'] } })]),
  ],
  [
    'that has lost it, for one that is being deleted: it manages the registry next',
    true,
    () => isAlive([another()], undefined, leaving),
  ],
  [
    'that waits for a finalizer of somebody else, for one that is being deleted',
    false,
    () => isAlive([another({ metadata: { ...marked, finalizers: ['example.org/other'] } })], undefined, leaving),
  ],
  [
    'that only observes the registry, for one that is being deleted',
    false,
    () => isAlive([another({ spec: { mode: 'Observe' } })], undefined, leaving),
  ],
  ['that never could read the registry', false, () => isAlive([another({ status: {}, metadata: older })])],
  ['that manages it', true, () => isAlive([another({ metadata: older })])],
  ['that manages it and is suspended', true, () => isAlive([another({ spec: { suspend: true }, metadata: older })])],
  ['that manages it, for one that only observes', true, () => isAlive([another()], undefined, observing)],
  [
    'that does not know yet of this older one, which could not read the registry before',
    true,
    () => isAlive([another()], undefined, { ...object, status: {} }),
  ],
];

describe('the owner that a tag names', () => {
  for (const [name, alive, asked] of owners) {
    test(`${alive ? 'counts as alive' : 'does not count as alive'}: one ${name}`, () => expect(asked()).toBe(alive));
  }
});
