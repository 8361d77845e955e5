import { expect, test } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { indexNamesakes } from '../../../src/controller/namesakes.ts';
import { ObjectCache } from '../../../src/kube/object-cache.ts';
import type { Store } from '../../../src/ports/store.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { resource } from '../../support/builders.ts';

const log = {
  debug() {},
  info() {},
  warn() {},
  error: (message: string) => expect.fail(message),
  isDebugEnabled: () => false,
};
const unused = () => Promise.reject(new Error('not part of this test'));
let version = 1;
const labelled = (name: string, shard: string): RegistryReplication =>
  resource(['japaneast'], { metadata: { name, labels: { shard }, uid: name, resourceVersion: String(version++) } });

test('the objects of one registry are found whoever looks after them, also while they change hands', () => {
  const cache = new ObjectCache(log, systemClock, (labels) => labels?.['shard'] === 'a');
  const store: Store = {
    get: (key) => cache.get(key),
    keys: () => cache.keys(),
    list: () => cache.list(),
    onChange: (listener) => void cache.onChange(listener),
    others: cache.others,
    refresh: async () => undefined,
    addFinalizer: unused,
    removeFinalizer: unused,
    writeStatus: unused,
  };
  const put = (name: string, shard: string) => cache.put(labelled(name, shard), { kind: 'older' });
  put('early', 'b');
  const namesakes = indexNamesakes(store);
  const found = () =>
    namesakes('Contoso')
      .map(({ metadata }) => metadata.name)
      .sort();
  put('mine', 'a');
  expect(found()).toEqual(['early', 'mine']);
  put('early', 'a');
  put('mine', 'b');
  expect(found()).toEqual(['early', 'mine']);
  cache.remove(labelled('mine', 'b'));
  cache.remove(labelled('early', 'a'));
  expect(found()).toEqual([]);
});
