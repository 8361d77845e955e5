import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WorkQueue } from '../../../src/controller/workqueue.ts';
import type { Key } from '../../../src/domain/key.ts';
import { systemClock } from '../../../src/time/clock.ts';

const [a, b] = ['ns/a' as Key, 'ns/b' as Key];
const meter = { added: vi.fn(), retried: vi.fn(), depth: vi.fn(), taken: vi.fn(), finished: vi.fn() };

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What `next` hands out now, 'nothing' when it would wait. */
async function taken(queue: WorkQueue): Promise<Key | undefined | 'nothing'> {
  const next = queue.next();
  return Promise.race([next, Promise.resolve().then(() => 'nothing' as const)]);
}

describe('the work queue', () => {
  test('hands out keys in the order they became due', async () => {
    const queue = new WorkQueue(meter, systemClock);
    queue.add(a);
    queue.add(b);
    expect([await queue.next(), await queue.next()]).toEqual([a, b]);
  });

  test('holds a key once', async () => {
    const queue = new WorkQueue(meter, systemClock);
    queue.add(a);
    queue.add(a);
    expect(await queue.next()).toBe(a);
    expect(await taken(queue)).toBe('nothing');
    expect(meter.added).toHaveBeenCalledTimes(1);
  });

  test('never hands out a key that is being worked on, but afterwards if it was added meanwhile', async () => {
    const queue = new WorkQueue(meter, systemClock);
    queue.add(a);
    await queue.next();
    queue.add(a);
    const second = queue.next();
    let got: Key | undefined;
    void second.then((key) => {
      got = key;
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(got).toBeUndefined();
    queue.done(a, { failed: false, inMs: 3_600_000 });
    await vi.advanceTimersByTimeAsync(0);
    expect(got).toBe(a);
  });

  test('of two times the earlier wins', async () => {
    for (const order of [
      [1_000, 5_000],
      [5_000, 1_000],
    ]) {
      const queue = new WorkQueue(meter, systemClock);
      for (const inMs of order) queue.add(a, inMs);
      let got: Key | undefined;
      void queue.next().then((key) => {
        got = key;
      });
      await vi.advanceTimersByTimeAsync(999);
      expect(got).toBeUndefined();
      await vi.advanceTimersByTimeAsync(1);
      expect(got).toBe(a);
      expect(await taken(queue)).toBe('nothing');
      queue.close();
    }
  });

  test('a key that is due at once forgets the later time', async () => {
    const queue = new WorkQueue(meter, systemClock);
    queue.add(a, 1_000);
    queue.add(a);
    expect(await queue.next()).toBe(a);
    queue.done(a, { failed: false });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('counts failures in a row, for each key by itself', async () => {
    const queue = new WorkQueue(meter, systemClock);
    for (const expected of [0, 1, 2]) {
      queue.add(a);
      await queue.next();
      expect(queue.retries(a)).toBe(expected);
      queue.done(a, { failed: true });
    }
    expect(queue.retries(b)).toBe(0);
    queue.add(a);
    await queue.next();
    queue.done(a, { failed: false });
    expect(queue.retries(a)).toBe(0);
    expect(meter.retried).toHaveBeenCalledTimes(3);
  });

  test('says how long the longest work has taken', async () => {
    const queue = new WorkQueue(meter, systemClock);
    expect(queue.longestWorkMs()).toBe(0);
    queue.add(a);
    await queue.next();
    await vi.advanceTimersByTimeAsync(7_000);
    expect(queue.longestWorkMs()).toBe(7_000);
  });

  test('tells how long a key waited and was worked on, by the clock that it was given', async () => {
    let monotonicMs = 1_000;
    const queue = new WorkQueue(meter, { now: () => new Date(0), monotonicMs: () => monotonicMs });
    queue.add(a);
    monotonicMs += 30;
    await queue.next();
    monotonicMs += 200;
    expect(queue.longestWorkMs()).toBe(200);
    queue.done(a, { failed: false });
    expect([meter.taken.mock.calls, meter.finished.mock.calls]).toEqual([[[30]], [[200]]]);
  });

  test('once closed ends all waiting, hands out nothing and leaves no timer', async () => {
    const queue = new WorkQueue(meter, systemClock);
    const waiting = queue.next();
    queue.add(a, 1_000);
    queue.close();
    queue.add(b);
    expect(await waiting).toBeUndefined();
    expect(await queue.next()).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });
});
