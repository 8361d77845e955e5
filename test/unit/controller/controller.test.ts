import { describe, expect, test, vi } from 'vitest';
import { type RegistryReplication, recreate, requestedAt, type Status } from '../../../src/api/registryreplication.ts';
import { createController } from '../../../src/controller/controller.ts';
import { indexNamesakes } from '../../../src/controller/namesakes.ts';
import type { Next } from '../../../src/controller/reconcile.ts';
import { type Key, keyOf } from '../../../src/domain/key.ts';
import { type CacheChange, KubernetesFailure, type SeenObjects, type Store } from '../../../src/ports/store.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { registry, resource } from '../../support/builders.ts';

const done: Next = { kind: 'done' };

/** A controller over objects in memory; `passes` are the keys of the passes so far. */
function harness(
  reconcile: (key: Key, retries: number, signal: AbortSignal) => Promise<Next> = async () => done,
  others?: SeenObjects,
) {
  const objects = new Map<Key, RegistryReplication>();
  const listeners: ((key: Key, change: CacheChange) => void)[] = [];
  const unused = () => Promise.reject(new Error('not part of this test'));
  const store: Store = {
    get: (key) => objects.get(key),
    keys: () => objects.keys(),
    list: () => objects.values(),
    onChange: (listener) => listeners.push(listener),
    refresh: async () => undefined,
    addFinalizer: unused,
    removeFinalizer: unused,
    writeStatus: unused,
    others,
  };
  const passes: string[] = [];
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn(), isDebugEnabled: () => false };
  const queue = { added: vi.fn(), retried: vi.fn(), depth: vi.fn(), taken: vi.fn(), finished: vi.fn() };
  const ended = vi.fn<(result: string) => void>();
  const stop = new AbortController();
  const controller = createController({
    store,
    namesakes: indexNamesakes(store),
    reconcile: (key, retries, signal) => {
      passes.push(key);
      return reconcile(key, retries, signal);
    },
    workers: 4,
    log,
    clock: systemClock,
    meter: { passStarted: () => ended, queue },
  });
  return {
    passes,
    log,
    ended,
    controller,
    stop: () => stop.abort(),
    run: (lost?: AbortSignal) => controller.run(stop.signal, lost),
    set(object: RegistryReplication) {
      const previous = objects.get(keyOf(object));
      objects.set(keyOf(object), object);
      for (const listener of listeners) listener(keyOf(object), { previous, current: object });
    },
    remove(object: RegistryReplication) {
      objects.delete(keyOf(object));
      for (const listener of listeners) listener(keyOf(object), { previous: object, current: undefined });
    },
  };
}

const named = (name: string, metadata: Partial<RegistryReplication['metadata']> = {}) =>
  resource(['japaneast'], { metadata: { name, ...metadata } });

describe('the controller', () => {
  test('looks once at every object that is there at the start', async () => {
    const h = harness();
    for (const name of ['a', 'b', 'c']) h.set(named(name));
    const running = h.run();
    await vi.waitFor(() => expect(h.passes.toSorted()).toEqual(['platform/a', 'platform/b', 'platform/c']));
    h.stop();
    await running;
  });

  test('looks first at what was edited, before it began to work or while it puts all objects into its queue', async () => {
    const h = harness();
    const rested = (name: string, generation: number) =>
      resource(['japaneast'], { metadata: { name, uid: name, generation }, status: { observedGeneration: 1 } });
    for (let i = 0; i < 2_000; i++) h.set(rested(`n${i}`, 1));
    h.set(rested('n1900', 2));
    const running = h.run();
    h.set(rested('n1800', 2));
    await vi.waitFor(() => expect(h.passes.length).toBeGreaterThan(2));
    // One of the others has its turn between them.
    expect(h.passes.slice(0, 3)).toEqual(expect.arrayContaining(['platform/n1800', 'platform/n1900']));
    h.stop();
    await running;
  });

  test('lets everything else come in between thousands of passes that wait for nothing', async () => {
    const h = harness();
    for (let i = 0; i < 5_000; i++) h.set(named(`n${i}`));
    const running = h.run();
    let turns = 0;
    for (; h.passes.length === 0 && turns < 1_000; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(turns).toBeGreaterThan(5); // so are they put into the queue, five hundred at a time
    expect(h.passes.length).toBeLessThan(100);
    h.stop();
    await running;
  });

  const edits: readonly {
    readonly name: string;
    readonly metadata: Partial<RegistryReplication['metadata']>;
    readonly looks: boolean;
  }[] = [
    { name: 'a new spec', metadata: { generation: 2 }, looks: true },
    {
      name: 'a deletion that waits for the finalizer',
      metadata: { deletionTimestamp: '2026-09-10T12:00:00Z' },
      looks: true,
    },
    { name: 'another object under the same name', metadata: { uid: 'uid-2' }, looks: true },
    { name: 'a request to look now', metadata: { annotations: { [requestedAt]: 'now' } }, looks: true },
    { name: 'a request to make a replica anew', metadata: { annotations: { [recreate]: 'japaneast' } }, looks: true },
    { name: 'any other annotation', metadata: { annotations: { a: 'b' } }, looks: false },
    { name: 'its own status write', metadata: { resourceVersion: '2' }, looks: false },
    { name: 'a label', metadata: { resourceVersion: '2', labels: { a: 'b' } }, looks: false },
  ];
  for (const { name, metadata, looks } of edits) {
    test(`${looks ? 'looks again' : 'does not look again'} after ${name}`, async () => {
      const h = harness();
      h.set(named('a'));
      const running = h.run();
      await vi.waitFor(() => expect(h.passes).toHaveLength(1));
      h.set(named('a', metadata));
      h.set(named('witness'));
      await vi.waitFor(() => expect(h.passes).toContain('platform/witness'));
      expect(h.passes.filter((key) => key === 'platform/a')).toHaveLength(looks ? 2 : 1);
      h.stop();
      await running;
    });
  }

  test('when an object goes, looks at once at those that waited for its registry', async () => {
    const h = harness();
    const heir = named('heir');
    const stranger = resource(['japaneast'], {
      metadata: { name: 'stranger' },
      spec: { registry: { name: 'fabrikam', resourceGroup: 'registries' } },
    });
    for (const object of [named('holder'), heir, stranger]) h.set(object);
    const running = h.run();
    await vi.waitFor(() => expect(h.passes).toHaveLength(3));
    h.remove(named('holder'));
    await vi.waitFor(() => expect(h.passes.slice(3).toSorted()).toEqual(['platform/heir', 'platform/holder']));
    h.stop();
    await running;
  });

  const read: Status = { registry: { id: registry().id } };
  const unread: Status = { conditions: [] };
  const turns: readonly {
    readonly name: string;
    readonly from?: Parameters<typeof resource>[1];
    readonly to: Parameters<typeof resource>[1];
    readonly wakes: boolean;
  }[] = [
    {
      name: 'goes over to Observe',
      from: { status: read },
      to: { status: read, spec: { mode: 'Observe' } },
      wakes: true,
    },
    { name: 'comes back from Observe', from: { spec: { mode: 'Observe' } }, to: { status: read }, wakes: true },
    { name: 'cannot read it', to: { status: unread }, wakes: true },
    { name: 'can read it at last', from: { status: unread }, to: { status: read }, wakes: true },
    { name: 'is made anew', from: { metadata: { uid: 'before' } }, to: {}, wakes: true },
    { name: 'has read it', to: { status: read }, wakes: false },
    { name: 'is suspended', from: { status: read }, to: { status: read, spec: { suspend: true } }, wakes: false },
  ];
  for (const { name, from = {}, to, wakes } of turns) {
    test(`when the holder of a registry ${name}, looks ${wakes ? 'at once' : 'only in time'} at the others about it`, async () => {
      const h = harness();
      const holder = (changes: Parameters<typeof resource>[1]) =>
        resource(['japaneast'], { ...changes, metadata: { name: 'holder', ...changes?.metadata } });
      for (const object of [holder(from), named('heir')]) h.set(object);
      const running = h.run();
      await vi.waitFor(() => expect(h.passes).toHaveLength(2));
      h.set(holder(to));
      h.set(named('witness'));
      await vi.waitFor(() => expect(h.passes).toContain('platform/witness'));
      expect(h.passes.filter((key) => key === 'platform/heir')).toHaveLength(wakes ? 2 : 1);
      h.stop();
      await running;
    });
  }

  test('looks again when a claim of an object that others look after changes, and never at that object', async () => {
    const other = named('other', { namespace: 'elsewhere' });
    const listeners: ((key: Key, change: CacheChange) => void)[] = [];
    const objects = new Map([[keyOf(other), other]]);
    const h = harness(undefined, {
      get: (key) => objects.get(key),
      keys: () => objects.keys(),
      list: () => objects.values(),
      onChange: (listener) => void listeners.push(listener),
    });
    h.set(named('heir'));
    const running = h.run();
    await vi.waitFor(() => expect(h.passes).toEqual(['platform/heir']));
    for (const current of [{ ...other, spec: { ...other.spec, suspend: true } }, undefined]) {
      for (const listener of listeners) listener(keyOf(other), { previous: other, current });
      await vi.waitFor(() => expect(h.passes.pop()).toBe('platform/heir'));
    }
    h.stop();
    await running;
    expect(h.passes.filter((key) => key !== 'platform/heir')).toEqual([]);
  });

  test('looks at an object when it is told that something outside of it has changed', async () => {
    const h = harness();
    for (const name of ['a', 'b']) h.set(named(name));
    const running = h.run();
    await vi.waitFor(() => expect(h.passes).toHaveLength(2));
    h.controller.lookAt(keyOf(named('b')));
    await vi.waitFor(() => expect(h.passes.slice(2)).toEqual(['platform/b']));
    h.stop();
    await running;
  });

  test('a pass that throws is logged, tried again, and disturbs no other', async () => {
    let broken = true;
    const h = harness(async (key) => {
      if (key === 'platform/bad' && broken) throw new Error('refused');
      return done;
    });
    h.set(named('bad'));
    h.set(named('good'));
    const running = h.run();
    await vi.waitFor(() =>
      expect(h.log.error).toHaveBeenCalledWith(
        'pass failed',
        expect.objectContaining({ object: 'platform/bad', retryInMs: 1_000 }),
      ),
    );
    expect(h.passes).toContain('platform/good');
    broken = false;
    await vi.waitFor(() => expect(h.passes.filter((key) => key === 'platform/bad')).toHaveLength(2), {
      timeout: 5_000,
    });
    expect(h.ended.mock.calls.map(([result]) => result).toSorted()).toEqual(['error', 'success', 'success']);
    h.stop();
    await running;
  });

  for (const [what, status, reason] of [
    ['an edit', 409, 'Conflict'],
    ['a deletion', 404, 'NotFound'],
  ] as const) {
    test(`${what} during a pass is no failure: nothing but a debug line, and the object is looked at again at once`, async () => {
      let refused = false;
      const h = harness(async () => {
        if (refused) return done;
        refused = true;
        throw new KubernetesFailure('PATCH registryreplications/platform/a', { status, reason });
      });
      h.set(named('a'));
      const running = h.run();
      await vi.waitFor(() => expect(h.passes).toHaveLength(2));
      expect(h.ended.mock.calls.map(([result]) => result)).toEqual(['requeue_after', 'success']);
      expect([h.log.error, h.log.warn, h.log.info].flatMap(({ mock }) => mock.calls)).toEqual([]);
      expect(h.log.debug).toHaveBeenCalledWith('the object was edited during the pass', { object: 'platform/a' });
      h.stop();
      await running;
    });
  }

  test('an edit that the cache does not learn of makes no hot loop', async () => {
    const h = harness(async () => {
      throw new KubernetesFailure('the object was edited meanwhile', { status: 409, reason: 'Conflict' });
    });
    h.set(named('a'));
    const running = h.run();
    await vi.waitFor(() => expect(h.passes).toHaveLength(2));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(h.passes).toHaveLength(2);
    h.stop();
    await running;
  });

  test('finishes the pass in hand when it is stopped, and begins no other', async () => {
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<Next>();
    const h = harness(() => {
      begun.resolve();
      return finish.promise;
    });
    h.set(named('a'));
    const running = h.run();
    await begun.promise;
    h.stop();
    h.set(named('b'));
    let stopped = false;
    const ended = running.then(() => {
      stopped = true;
    });
    await new Promise(setImmediate);
    expect(stopped).toBe(false);
    finish.resolve(done);
    await ended;
    expect(h.passes).toEqual(['platform/a']);
  });

  test('says whether it could finish what it had in hand; a lost leadership ends that at once', async () => {
    for (const lost of [undefined, new AbortController()]) {
      const h = harness(async (_, __, signal) => {
        if (lost === undefined) return done;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        throw signal.reason;
      });
      h.set(named('a'));
      const running = h.run(lost?.signal);
      await vi.waitFor(() => expect(h.passes).toEqual(['platform/a']));
      if (lost === undefined) h.stop();
      else lost.abort(new Error('lost'));
      expect(await running).toBe(lost === undefined);
      h.set(named('b'));
      await new Promise(setImmediate);
      expect(h.passes).toEqual(['platform/a']);
      expect(h.log.error).not.toHaveBeenCalled();
    }
  });

  test('gives another operator time to finish with an object that it takes over; a new object waits for nothing', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const h = harness();
    const running = h.run();
    h.set(named('begun', { finalizers: ['acr-replication.dev/finalizer'] }));
    h.set({ ...named('known'), status: { phase: 'Ready' } });
    h.set(named('new'));
    await new Promise(setImmediate);
    expect(h.passes).toEqual(['platform/new']);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(h.passes.slice(1).toSorted()).toEqual(['platform/begun', 'platform/known']);
    h.stop();
    await running;
    vi.useRealTimers();
  });

  test('does nothing before it runs, and then looks at each object once', async () => {
    const h = harness();
    for (const name of ['a', 'a', 'b']) h.set(named(name));
    h.controller.lookAt(keyOf(named('b')));
    await new Promise(setImmediate);
    expect(h.passes).toEqual([]);
    const running = h.run();
    await vi.waitFor(() => expect(h.passes.toSorted()).toEqual(['platform/a', 'platform/b']));
    h.stop();
    await running;
  });

  test('tells how long the longest pass has been running', async () => {
    const finish = Promise.withResolvers<Next>();
    const h = harness(() => finish.promise);
    expect(h.controller.longestPassMs()).toBe(0);
    h.set(named('a'));
    const running = h.run();
    await vi.waitFor(() => expect(h.controller.longestPassMs()).toBeGreaterThan(0));
    h.stop();
    finish.resolve(done);
    await running;
  });
});
