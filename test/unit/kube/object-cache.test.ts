import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ObjectMeta, RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { Key } from '../../../src/domain/key.ts';
import { ObjectCache } from '../../../src/kube/object-cache.ts';
import type { Superseded } from '../../../src/kube/watch/mirror.ts';
import { systemClock } from '../../../src/time/clock.ts';

const key = 'platform/contoso' as Key;
const older: Superseded = { kind: 'older' };
const upTo90: Superseded = { kind: 'up-to', version: 90n };
const all: Superseded = { kind: 'all' };

function version(resourceVersion: string, more: Partial<ObjectMeta> = {}): RegistryReplication {
  const metadata: ObjectMeta = {
    name: 'contoso',
    namespace: 'platform',
    uid: 'u1',
    generation: 1,
    creationTimestamp: '2026-11-22T10:00:00Z',
    resourceVersion,
    ...more,
  };
  const spec = { registry: { name: 'contoso', resourceGroup: 'registries' }, regions: [{ location: 'japaneast' }] };
  return { apiVersion: 'acr-replication.dev/v1alpha1', kind: 'RegistryReplication', metadata, spec };
}

function cacheOf(...objects: readonly RegistryReplication[]) {
  const error = vi.fn<(message: string) => void>();
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error, isDebugEnabled: () => false };
  const cache = new ObjectCache(log, systemClock);
  for (const object of objects) cache.put(object, older);
  return { cache, error };
}

describe('the newest version wins', () => {
  test('resource versions are integers, not text: 10 is newer than 9', () => {
    const { cache } = cacheOf(version('9'), version('10'));
    expect(cache.get(key)?.metadata.resourceVersion).toBe('10');
  });

  test('resource versions beyond 2^53 are told apart', () => {
    const { cache } = cacheOf(version('9007199254740992'), version('9007199254740993'));
    expect(cache.get(key)?.metadata.resourceVersion).toBe('9007199254740993');
  });

  test('an own write is seen at once, and a watch event from before it does not undo it', () => {
    const { cache } = cacheOf(version('5'));
    cache.putOwn(version('8', { finalizers: ['ours'] }));
    cache.put(version('7'), older);
    expect(cache.get(key)?.metadata.finalizers).toEqual(['ours']);
    cache.put(version('9'), older);
    expect(cache.get(key)?.metadata.finalizers).toBeUndefined();
  });

  test('Kubernetes answers the removal of the last finalizer with the version from before it: the answer counts', () => {
    const { cache } = cacheOf(version('5', { finalizers: ['ours'] }));
    cache.putOwn(version('5'));
    expect(cache.get(key)?.metadata.finalizers).toBeUndefined();
  });

  test('the late answer of a write does not overwrite what the watch has brought since', () => {
    const { cache } = cacheOf(version('9'));
    cache.putOwn(version('8'));
    expect(cache.get(key)?.metadata.resourceVersion).toBe('9');
  });

  test('the late answer of a write does not bring back an object that is gone, nor touch its successor', () => {
    const { cache } = cacheOf(version('5'));
    cache.remove(version('7'));
    cache.putOwn(version('6'));
    expect(cache.get(key)).toBeUndefined();
    cache.put(version('10', { uid: 'u2' }), older);
    cache.putOwn(version('11', { uid: 'u1' }));
    expect(cache.get(key)?.metadata.uid).toBe('u2');
  });

  test('an old deletion seen again does not remove the object created since', () => {
    const { cache } = cacheOf(version('10', { uid: 'u2' }));
    cache.remove(version('7'));
    expect(cache.get(key)?.metadata.uid).toBe('u2');
  });

  test('the same version seen again is no change', () => {
    const { cache } = cacheOf(version('5'));
    const listener = vi.fn<() => void>();
    cache.onChange(listener);
    cache.put(version('5'), older);
    cache.putOwn(version('5'));
    expect(listener).not.toHaveBeenCalled();
  });

  test('a lower version counts when the server went back in time', () => {
    const { cache } = cacheOf(version('100'));
    cache.put(version('50'), all);
    expect(cache.get(key)?.metadata.resourceVersion).toBe('50');
  });

  test('a list of version 90 disproves what was known up to then, not an own write since', () => {
    const { cache } = cacheOf(version('80'));
    cache.put(version('50'), upTo90);
    expect(cache.get(key)?.metadata.resourceVersion).toBe('50');
    cache.putOwn(version('91'));
    cache.put(version('50'), upTo90);
    expect(cache.get(key)?.metadata.resourceVersion).toBe('91');
  });

  test('a list that says the same is no change; another history may give the same version to something else', () => {
    const { cache } = cacheOf(version('80'));
    const listener = vi.fn<() => void>();
    cache.onChange(listener);
    cache.put(version('80'), upTo90);
    cache.put(version('80'), all);
    expect(listener).not.toHaveBeenCalled();
    cache.put(version('80', { generation: 2 }), upTo90);
    expect(cache.get(key)?.metadata.generation).toBe(2);
  });
});

test('an object that nobody asks for any more is packed after five seconds, and is there as it was', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const names = Array.from({ length: 200 }, (_, index) => `contoso-${index}`);
  const { cache } = cacheOf(...names.map((name, index) => version(String(index + 1), { name, uid: name })));
  const [first, second] = ['platform/contoso-0', 'platform/contoso-1'] as Key[];
  const kept = names.map((name) => cache.get(`platform/${name}` as Key));
  vi.advanceTimersByTime(4_000);
  expect(cache.get(first as Key)).toBe(kept[0]);
  vi.advanceTimersByTime(2_000);
  expect(cache.get(first as Key)).toBe(kept[0]);
  for (const [index, name] of names.entries()) {
    if (index === 0) continue;
    const now = cache.get(`platform/${name}` as Key);
    expect(now).not.toBe(kept[index]);
    expect(now).toEqual(kept[index]);
  }
  expect(cache.get(second as Key)).toBe(cache.get(second as Key));
  vi.advanceTimersByTime(20_000);
  expect(vi.getTimerCount()).toBe(0);
});

test('of two thousand objects each is there as it was put, however long it was not asked for', () => {
  const names = Array.from({ length: 2_000 }, (_, index) => `contoso-${index}`);
  const { cache } = cacheOf(...names.map((name, index) => version(String(index + 1), { name, uid: name })));
  expect([...cache.keys()]).toEqual(names.map((name) => `platform/${name}`));
  for (const [index, name] of names.entries()) {
    expect(cache.get(`platform/${name}` as Key)).toEqual(version(String(index + 1), { name, uid: name }));
  }
  cache.forget('platform/contoso-3' as Key);
  expect([...cache.list()].map(({ metadata }) => metadata.name)).toEqual(names.filter((name) => name !== 'contoso-3'));
});

describe('changes', () => {
  test('are told with what was and what is', () => {
    const { cache } = cacheOf();
    const told: (string | undefined)[][] = [];
    const stop = cache.onChange((key, { previous, current }) =>
      told.push([key, previous?.metadata.resourceVersion, current?.metadata.resourceVersion]),
    );
    cache.put(version('1'), older);
    cache.putOwn(version('2'));
    cache.remove(version('3'));
    cache.put(version('4'), older);
    cache.forget(key);
    cache.forget(key);
    stop();
    cache.put(version('5'), older);
    expect(told).toEqual([
      [key, undefined, '1'],
      [key, '1', '2'],
      [key, '2', undefined],
      [key, undefined, '4'],
      [key, '4', undefined],
    ]);
  });

  test('a listener that throws is logged; the others are told and the change stays', () => {
    const { cache, error } = cacheOf();
    const other = vi.fn<() => void>();
    cache.onChange(() => {
      throw new Error('bug');
    });
    cache.onChange(other);
    cache.put(version('1'), older);
    expect(other).toHaveBeenCalledOnce();
    expect(error).toHaveBeenCalledOnce();
    expect([...cache.list()]).toHaveLength(1);
  });
});
