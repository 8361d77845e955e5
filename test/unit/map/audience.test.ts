import { PassThrough, Writable } from 'node:stream';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Key } from '../../../src/domain/key.ts';
import { createAudience } from '../../../src/map/audience.ts';
import type { MapObject } from '../../../src/map/wire.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { mapObjects, mapScene } from '../../support/map-scene.ts';
import { ask, following } from '../../support/map-visitor.ts';

const soon = { timeout: 10_000, interval: 10 };
const keyOf = (name: string) => `platform/${name}` as Key;
const until = (check: () => void) => vi.waitFor(check, soon);

describe('a page', () => {
  test('is greeted, told all there is, and told that this is all', async () => {
    const { port, put } = await mapScene();
    for (const name of ['a', 'b']) put(name);
    const page = await following(port);
    await until(() => expect(page.events).toEqual(['hello', 'objects', 'synced']));
    expect(page.hello()).toEqual({ version: '1.2.3', host: 'operator', cloud: 'AzurePublic', cluster: 'prod' });
    expect([...page.objects.keys()]).toEqual(['platform/a', 'platform/b']);
  });

  test('is asked to come again a second after it was cut off', async () => {
    const scene = await mapScene();
    const answer = ask(scene.port, '/api/stream');
    await until(() => expect(scene.pages()).toBe(1));
    await scene.close();
    expect((await answer).text).toMatch(/^retry: 1000\nevent: hello\n/);
  });

  test('of an empty cluster is told that this is all', async () => {
    const page = await following((await mapScene()).port);
    await until(() => expect(page.events).toEqual(['hello', 'synced']));
  });

  test('is told that this is all only when all has been read', async () => {
    const { port, put, host } = await mapScene();
    host.isSynced = false;
    put('a');
    const page = await following(port);
    await until(() => expect(page.objects.size).toBe(1));
    put('b');
    await until(() => expect(page.objects.size).toBe(2));
    expect(page.events).not.toContain('synced');
    host.isSynced = true;
    await until(() => expect(page.events).toContain('synced'));
  });

  test('is told of trouble, and of its end', async () => {
    const { port, host } = await mapScene();
    const page = await following(port);
    await until(() => expect(page.events).toContain('synced'));
    host.trouble = 'no answer';
    await until(() => expect(page.trouble()).toBe('no answer'));
    host.trouble = undefined;
    await until(() => expect(page.trouble()).toBeNull());
    host.trouble = 'again';
    const late = await following(port);
    await until(() => expect(late.trouble()).toBe('again'));
  });
});

describe('changes', () => {
  test('come to every page, many at once in one event', async () => {
    const { port, put, remove } = await mapScene();
    for (let i = 0; i < 10; i += 1) put(`o${i}`);
    const pages = await Promise.all([following(port), following(port)]);
    for (const page of pages) await until(() => expect(page.events).toContain('synced'));
    for (let i = 0; i < 10; i += 1) put(`o${i}`, { spec: { suspend: true } });
    put('new');
    remove('o3');
    for (const page of pages) {
      await until(() => expect(page.events.slice(-2)).toEqual(['objects', 'gone']));
      expect(page.events.filter((name) => name === 'objects')).toHaveLength(2);
      expect([...page.objects.values()].filter(({ suspended }) => suspended)).toHaveLength(9);
      expect([page.objects.has(keyOf('new')), page.objects.has(keyOf('o3'))]).toEqual([true, false]);
    }
  });

  test('come to a page that joins while they are gathered', async () => {
    const { port, put } = await mapScene();
    put('a');
    const first = await following(port);
    await until(() => expect(first.events).toContain('synced'));
    put('b');
    const second = await following(port);
    await until(() => expect(second.objects.size).toBe(2));
    put('c');
    for (const page of [first, second]) await until(() => expect(page.objects.size).toBe(3));
    const third = await following(port);
    await until(() => expect(third.objects.size).toBe(3));
  });

  test('of an object that goes and comes end well', async () => {
    const { port, put, remove } = await mapScene();
    put('a');
    const page = await following(port);
    await until(() => expect(page.events).toContain('synced'));
    remove('a');
    await until(() => expect(page.objects.size).toBe(0));
    put('a');
    await until(() => expect(page.objects.size).toBe(1));
  });

  test('of thousands of objects that come and go leave no trace', async () => {
    const { port, put, remove } = await mapScene();
    put('stays');
    const page = await following(port);
    await until(() => expect(page.events).toContain('synced'));
    for (let round = 0; round < 4; round += 1) {
      for (let i = 0; i < 600; i += 1) put(`r${round}-${i}`);
      await until(() => expect(page.objects.size).toBe(601));
      for (let i = 0; i < 600; i += 1) remove(`r${round}-${i}`);
      await until(() => expect(page.objects.size).toBe(1));
    }
    put('stays', { spec: { suspend: true } });
    await until(() => expect(page.objects.get(keyOf('stays'))?.suspended).toBe(true));
  });
});

const alwaysWell = {
  isSynced: () => true,
  trouble: () => undefined,
  hello: () => ({ version: '1.2.3', host: 'operator', cloud: 'AzurePublic', cluster: 'prod' }) as const,
  clock: systemClock,
};

describe('a page that reads slowly', () => {
  /** 20,000 objects, 10 MB of JSON: more than the buffers between two sockets hold. */
  async function crowded(options: Parameters<typeof mapScene>[0] = {}) {
    const scene = await mapScene(options);
    for (let i = 0; i < 20_000; i += 1) scene.put(`o${i}`);
    return scene;
  }

  test('gets everything in the end, and the others do not wait for it', async () => {
    const { port, put, remove } = await crowded();
    const slow = await following(port);
    slow.response.pause();
    const quick = await following(port);
    await until(() => expect(quick.events).toContain('synced'));
    for (let turn = 0; turn < 20; turn += 1) {
      for (let i = 0; i < 20_000; i += 100)
        put(`o${i}`, { spec: { interval: `${turn + 1}m` }, metadata: { generation: turn } });
    }
    for (let i = 1; i < 20_000; i += 100) remove(`o${i}`);
    put('last', { spec: { suspend: true } });
    await until(() => expect(quick.objects.get(keyOf('last'))?.suspended).toBe(true));
    await until(() => expect(quick.objects.size).toBe(19_801));
    slow.response.resume();
    await until(() => expect(slow.events).toContain('synced'));
    await until(() => expect(slow.objects.size).toBe(19_801));
    const versions = (page: typeof slow) =>
      [...page.objects.values()].map(({ key, version }: MapObject) => `${key} ${version}`);
    expect(versions(slow).toSorted()).toEqual(versions(quick).toSorted());
  });

  test('holds no more than one piece of text in the process, and nothing is lost', async () => {
    const { options, put } = mapObjects();
    const audience = createAudience({ ...options, ...alwaysWell });
    const taken: string[] = [];
    let release: (() => void) | undefined;
    const slow = new Writable({
      write(chunk, _, done) {
        taken.push(String(chunk));
        release = done;
      },
    });
    for (let i = 0; i < 1_000; i += 1) put(`o${i}`);
    audience.join(slow);
    const quick = new PassThrough().resume();
    let told = '';
    quick.on('data', (chunk) => (told += String(chunk)));
    audience.join(quick);
    for (let turn = 0; turn < 5; turn += 1) {
      for (let i = 0; i < 1_000; i += 1) put(`o${i}`, { spec: { interval: `${turn + 1}m` } });
      put(`turn${turn}`);
      await until(() => expect(told).toContain(`turn${turn}`));
      put(`small${turn}`);
      await until(() => expect(told).toContain(`small${turn}`));
    }
    expect(taken).toEqual([expect.stringMatching(/^retry: 1000\nevent: hello\n.*\n\n$/)]);
    expect(slow.writableLength).toBe(taken[0]?.length);
    while (!taken.join('').includes('event: synced')) {
      release?.();
      await until(() => expect(slow.writableLength).toBeGreaterThan(0));
      expect(slow.writableLength).toBeLessThan(20 * 1024);
    }
    const all = taken.join('');
    for (const name of ['o0', 'o999', 'turn0', 'turn4']) expect(all.split(`"key":"platform/${name}"`)).toHaveLength(2);
    for (const page of [slow, quick]) page.destroy();
  });

  test('is cut when it takes nothing for a minute, and not before', async () => {
    let nowMs = 0;
    const clock = { ...systemClock, monotonicMs: () => nowMs };
    const scene = await crowded({ clock });
    const stuck = await following(scene.port);
    stuck.response.pause();
    const quick = await following(scene.port);
    await until(() => expect(quick.events).toContain('synced'));
    nowMs = 59_000;
    await until(() => expect(quick.comments()).toBe(1));
    expect(scene.pages()).toBe(2);
    nowMs = 121_000;
    await until(() => expect(scene.pages()).toBe(1));
    expect(quick.isEnded()).toBe(false);
  }, 30_000);
});

describe('a crowd of pages', () => {
  /** A page that takes what it is given only when it is let. */
  function heldPage() {
    let release: (() => void) | undefined;
    const seen = { text: '', holds: 0 };
    const stream = new Writable({
      write(chunk, _, done) {
        seen.text += String(chunk);
        seen.holds = (chunk as Buffer).byteLength;
        release = done;
      },
    });
    const take = () => {
      const free = release;
      [release, seen.holds] = [undefined, 0];
      free?.();
    };
    return { stream, seen, take };
  }

  function crowdOf(count: number, objects: number) {
    const { options, put } = mapObjects();
    for (let i = 0; i < objects; i += 1) put(`o${i}`);
    const audience = createAudience({ ...options, ...alwaysWell });
    const pages = Array.from({ length: count }, heldPage);
    onTestFinished(() => pages.forEach(({ stream }) => stream.destroy()));
    for (const { stream } of pages) audience.join(stream);
    for (const { take } of pages) take(); // the greeting
    return { pages, put };
  }

  test('that comes at once is told in turn: few hold text of their own, all have everything in the end', async () => {
    const { pages } = crowdOf(200, 200);
    await until(() => expect(pages.filter(({ seen }) => seen.holds > 0)).toHaveLength(32));
    const isTold = () => pages.filter(({ seen }) => seen.text.includes('event: synced')).length;
    let most = 0;
    while (isTold() < pages.length) {
      for (const { take } of pages) take();
      await new Promise((done) => setImmediate(done));
      most = Math.max(most, pages.map(({ seen }) => seen.holds).filter((bytes) => bytes > 1_000).length);
    }
    expect(most).toBeLessThanOrEqual(32);
    for (const { seen } of pages) expect(seen.text.match(/"key":/g)).toHaveLength(200);
  });

  test('some of which take nothing keeps the others waiting for a second or two, not for good', async () => {
    const { pages } = crowdOf(80, 200);
    await until(() => expect(pages.filter(({ seen }) => seen.holds > 1_000)).toHaveLength(32));
    const stuck = new Set(pages.filter(({ seen }) => seen.holds > 1_000));
    const others = pages.filter((page) => !stuck.has(page));
    await until(() => {
      for (const { take } of others) take();
      expect(others.every(({ seen }) => seen.text.includes('event: synced'))).toBe(true);
    });
    for (const { seen } of stuck) expect(seen.text).not.toContain('event: synced');
  });

  test('is told of many changes by the same pieces of text, which each page gets whole', async () => {
    const { pages, put } = crowdOf(50, 0);
    const takeAll = () => pages.forEach(({ take }) => take());
    await until(() => {
      takeAll();
      expect(pages.every(({ seen }) => seen.text.includes('event: synced'))).toBe(true);
    });
    for (let i = 0; i < 500; i += 1) put(`n${i}`); // some 250 kB, in five pieces or more
    const before = pages.map(({ seen }) => seen.text.length);
    await until(() => {
      takeAll();
      expect(pages.every(({ seen }) => seen.text.match(/"key":/g)?.length === 500)).toBe(true);
    });
    expect(
      pages.every(({ seen }, index) => seen.text.slice(before[index]) === pages[0]?.seen.text.slice(before[0])),
    ).toBe(true);
  });
});

test('a stream in which nothing was said for 15 s has a comment', async () => {
  let nowMs = 0;
  const { port, host } = await mapScene({ clock: { ...systemClock, monotonicMs: () => nowMs } });
  const page = await following(port);
  await until(() => expect(page.events).toContain('synced'));
  for (const why of ['one', 'two', 'three']) {
    nowMs += 14_000;
    host.trouble = why;
    await until(() => expect(page.trouble()).toBe(why));
  }
  expect(page.comments()).toBe(0);
  for (const comments of [1, 2]) {
    nowMs += 15_000;
    await until(() => expect(page.comments()).toBe(comments));
  }
}, 15_000);
