import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Rank, WorkQueue } from '../../../src/controller/workqueue.ts';
import type { Key } from '../../../src/domain/key.ts';
import { type Urgency, urgencies } from '../../../src/domain/urgency.ts';
import { systemClock } from '../../../src/time/clock.ts';

const [a, b] = ['ns/a' as Key, 'ns/b' as Key];
const meter = { added: vi.fn(), retried: vi.fn(), depth: vi.fn(), taken: vi.fn(), finished: vi.fn() };

const lanes = { identity: 'operator', subscription: 's' };
const newQueue = (clock = systemClock) => new WorkQueue(() => ({ urgency: 'steady', lanes }), meter, clock);

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
    const queue = newQueue();
    queue.add(a);
    queue.add(b);
    expect([await queue.next(), await queue.next()]).toEqual([a, b]);
  });

  test('holds a key once', async () => {
    const queue = newQueue();
    queue.add(a);
    queue.add(a);
    expect(await queue.next()).toBe(a);
    expect(await taken(queue)).toBe('nothing');
    expect(meter.added).toHaveBeenCalledTimes(1);
  });

  test('never hands out a key that is being worked on, but afterwards if it was added meanwhile', async () => {
    const queue = newQueue();
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
      const queue = newQueue();
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
    const queue = newQueue();
    queue.add(a, 1_000);
    queue.add(a);
    expect(await queue.next()).toBe(a);
    queue.done(a, { failed: false });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('counts failures in a row, for each key by itself', async () => {
    const queue = newQueue();
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
    const queue = newQueue();
    expect(queue.longestWorkMs()).toBe(0);
    queue.add(a);
    await queue.next();
    await vi.advanceTimersByTimeAsync(7_000);
    expect(queue.longestWorkMs()).toBe(7_000);
  });

  test('tells how long a key waited and was worked on, by the clock that it was given', async () => {
    let monotonicMs = 1_000;
    const queue = newQueue({ now: () => new Date(0), monotonicMs: () => monotonicMs });
    queue.add(a);
    monotonicMs += 30;
    await queue.next();
    monotonicMs += 200;
    expect(queue.longestWorkMs()).toBe(200);
    queue.done(a, { failed: false });
    expect([meter.taken.mock.calls, meter.finished.mock.calls]).toEqual([[[30]], [[200]]]);
  });

  test('once closed ends all waiting, hands out nothing and leaves no timer', async () => {
    const queue = newQueue();
    const waiting = queue.next();
    queue.add(a, 1_000);
    queue.close();
    queue.add(b);
    expect(await waiting).toBeUndefined();
    expect(await queue.next()).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });
});

/** A queue that ranks a key by what it is called: `edited/…`, `moving/…` or `steady/…`, all in one subscription. */
function rankedQueue(): WorkQueue {
  const rank = (key: Key): Rank => ({ urgency: key.split('/')[0] as Urgency, lanes });
  return new WorkQueue(rank, meter, systemClock);
}
const numbered = (kind: string, count: number): Key[] => Array.from({ length: count }, (_, i) => `${kind}/${i}` as Key);
/** The next so many keys, each done with at once. */
async function handedOut(queue: WorkQueue, count: number): Promise<string[]> {
  const keys: string[] = [];
  for (let i = 0; i < count; i++) {
    const key = await queue.next();
    if (key === undefined) break;
    keys.push(key);
    queue.done(key, { failed: false });
  }
  return keys;
}

describe('urgent keys', () => {
  test('an edit is handed out before ten thousand looks that were due before it', async () => {
    const queue = rankedQueue();
    for (const key of numbered('steady', 10_000)) queue.add(key);
    await handedOut(queue, 100);
    queue.add('edited/mine' as Key);
    queue.add('moving/mine' as Key);
    expect(await handedOut(queue, 2)).toEqual(['edited/mine', 'moving/mine']);
  });

  test('a key that waits comes forward when it is edited, and counts from when it was first due', async () => {
    const edited = new Set<Key>();
    const rank = (key: Key): Rank => ({ urgency: edited.has(key) ? 'edited' : 'steady', lanes });
    const queue = new WorkQueue(rank, meter, systemClock);
    for (const key of [...numbered('n', 10), a]) queue.add(key);
    await vi.advanceTimersByTimeAsync(500);
    edited.add(a);
    queue.add(a);
    expect(await handedOut(queue, 2)).toEqual([a, 'n/0']);
    expect(meter.taken.mock.calls).toEqual([[500], [500]]);
    expect(meter.added).toHaveBeenCalledTimes(11);
  });

  test('however many edits and polls there are, one in 21 is a look', async () => {
    const queue = rankedQueue();
    for (const kind of urgencies) for (const key of numbered(kind, 1_000)) queue.add(key);
    const first = await handedOut(queue, 210);
    const count = (kind: string) => first.filter((key) => key.startsWith(kind)).length;
    expect(urgencies.map(count)).toEqual([160, 40, 10]);
  });

  test('a kind that was absent for long does not make up for it', async () => {
    const queue = rankedQueue();
    for (const key of numbered('edited', 1_000)) queue.add(key);
    await handedOut(queue, 900);
    for (const key of numbered('steady', 1_000)) queue.add(key);
    const next = await handedOut(queue, 34);
    expect(next.filter((key) => key.startsWith('steady'))).toHaveLength(2);
  });
});

/** A queue whose keys are called `<identity>/<subscription> <number>`. */
function lanedQueue(): WorkQueue {
  const rank = (key: Key): Rank => ({
    urgency: 'steady',
    lanes: { identity: key.split('/')[0] ?? '', subscription: key.split(' ')[0] ?? '' },
  });
  return new WorkQueue(rank, meter, systemClock);
}
/** The keys that 32 workers have in hand, none of which is ever done with. */
function heldBy32(queue: WorkQueue): Key[] {
  const held: Key[] = [];
  for (let i = 0; i < 32; i++) void queue.next().then((key) => key !== undefined && held.push(key));
  return held;
}

describe('workers', () => {
  test.each([
    ['a subscription', ['operator/a'], 22],
    ['each of two subscriptions of one identity', ['operator/a', 'operator/b'], 13],
    ['each of three subscriptions of three identities', ['x/a', 'y/b', 'z/c'], 10],
  ])('%s that hangs occupies no more than its part of 32', async (_, subscriptions, most) => {
    const queue = lanedQueue();
    for (const name of subscriptions) for (let i = 0; i < 100; i++) queue.add(`${name} ${i}` as Key);
    const held = heldBy32(queue);
    await vi.advanceTimersByTimeAsync(0);
    for (const name of subscriptions) {
      const share = held.filter((key) => key.startsWith(name)).length;
      expect(share).toBeGreaterThan(most - 3);
      expect(share).toBeLessThanOrEqual(most);
    }
  });

  test('however many subscriptions and identities hang, the next one finds a worker', async () => {
    const counts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(counts, async (identities) => {
        const queue = lanedQueue();
        identities.forEach((subscriptions, id) => {
          for (let s = 0; s < subscriptions; s++) for (let i = 0; i < 40; i++) queue.add(`hangs${id}/${s} ${i}` as Key);
        });
        const held = heldBy32(queue);
        await vi.advanceTimersByTimeAsync(0);
        queue.add('fine/s 1' as Key);
        await vi.advanceTimersByTimeAsync(0);
        expect(held).toContain('fine/s 1');
        queue.close();
      }),
      { numRuns: 50 },
    );
  });

  test('subscriptions take turns: one with few objects does not wait for one with many', async () => {
    const queue = lanedQueue();
    for (let i = 0; i < 1_000; i++) queue.add(`operator/large ${i}` as Key);
    queue.add('operator/small 1' as Key);
    expect(await handedOut(queue, 2)).toEqual(['operator/large 0', 'operator/small 1']);
  });
});

/** What happens to a queue with three workers. */
type Step =
  | { readonly kind: 'add'; readonly key: Key; readonly inMs: number }
  | { readonly kind: 'done'; readonly inMs: number | undefined; readonly failed: boolean }
  | { readonly kind: 'wait'; readonly ms: number };

const someKey = fc.constantFrom(...urgencies).chain((kind) => fc.nat(3).map((i) => `${kind}/${i}` as Key));
const someMs = fc.oneof(fc.constant(0), fc.nat(5_000));
const someSteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('add' as const), key: someKey, inMs: someMs }),
    fc.record({
      kind: fc.constant('done' as const),
      inMs: fc.option(someMs, { nil: undefined }),
      failed: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(3_000) }),
  ),
  { maxLength: 60 },
);

test('whatever is added is handed out after that, at its time at the latest, and never twice at once', async () => {
  await fc.assert(
    fc.asyncProperty(someSteps, async (steps) => {
      const queue = rankedQueue();
      const awaited = new Map<Key, number>(); // when each key must have been handed out again, if a worker is free
      const held: Key[] = [];
      const work = () =>
        void queue.next().then((key) => {
          if (key === undefined) return;
          expect(held).not.toContain(key);
          expect(awaited.has(key)).toBe(true);
          awaited.delete(key);
          held.push(key);
        });
      const wait = (key: Key, inMs: number) => {
        const dueMs = performance.now() + inMs;
        awaited.set(key, Math.min(dueMs, awaited.get(key) ?? dueMs));
      };
      for (let i = 0; i < 3; i++) work();
      const finish = (inMs: number | undefined, failed: boolean) => {
        const key = held.shift();
        if (key === undefined) return;
        if (inMs !== undefined) wait(key, Math.max(inMs, 1));
        queue.done(key, { inMs, failed });
        work();
      };
      for (const step of steps) {
        if (step.kind === 'wait') await vi.advanceTimersByTimeAsync(step.ms);
        else if (step.kind === 'done') finish(step.inMs, step.failed);
        else {
          wait(step.key, step.inMs);
          queue.add(step.key, step.inMs);
        }
        await vi.advanceTimersByTimeAsync(0);
        const late = [...awaited].filter(([key, dueMs]) => dueMs < performance.now() - 1 && !held.includes(key));
        if (held.length === 0) expect(late).toEqual([]);
      }
      for (let i = 0; i < 200 && (held.length > 0 || awaited.size > 0); i++) {
        finish(undefined, false);
        await vi.advanceTimersByTimeAsync(100);
      }
      expect([held, [...awaited]]).toEqual([[], []]);
      expect(vi.getTimerCount()).toBe(0);
      queue.close();
    }),
    { numRuns: 300 },
  );
});
