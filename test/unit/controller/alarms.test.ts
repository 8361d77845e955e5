import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Alarms } from '../../../src/controller/alarms.ts';
import type { Key } from '../../../src/domain/key.ts';
import { systemClock } from '../../../src/time/clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Step = { readonly key: Key; readonly inMs: number | 'clear'; readonly thenMs: number };
const someKey = fc.nat(9).map((i) => `ns/${i}` as Key);
const someSteps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    key: someKey,
    inMs: fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.constant('clear' as const)),
    thenMs: fc.oneof(fc.constant(0), fc.nat(2_000)),
  }),
  { maxLength: 300 },
);

test('each alarm rings once, at its moment, and one that was cleared or moved does not ring', async () => {
  await fc.assert(
    fc.asyncProperty(someSteps, async (steps) => {
      const beganMs = systemClock.monotonicMs();
      const set = new Map<Key, number>();
      const alarms = new Alarms(systemClock, (key) => {
        expect(set.get(key)).toBe(systemClock.monotonicMs() - beganMs);
        set.delete(key);
      });
      for (const { key, inMs, thenMs } of steps) {
        if (inMs === 'clear') {
          alarms.clear(key);
          set.delete(key);
        } else {
          const atMs = systemClock.monotonicMs() + inMs;
          alarms.set(key, atMs);
          set.set(key, atMs - beganMs);
          expect(alarms.atMs(key)).toBe(atMs);
        }
        await vi.advanceTimersByTimeAsync(thenMs);
      }
      await vi.advanceTimersByTimeAsync(10_000);
      expect([...set]).toEqual([]);
      expect(vi.getTimerCount()).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test('all share one timer', () => {
  const alarms = new Alarms(systemClock, () => {});
  for (let i = 0; i < 1_000; i++) alarms.set(`ns/${i}` as Key, systemClock.monotonicMs() + 1_000 + ((i * 7) % 1_000));
  expect(vi.getTimerCount()).toBe(1);
  alarms.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('a moment that is further away than a timer reaches is kept', async () => {
  const rung = vi.fn();
  const alarms = new Alarms(systemClock, rung);
  const inMs = 2 ** 31 + 5_000;
  alarms.set('ns/a' as Key, systemClock.monotonicMs() + inMs);
  await vi.advanceTimersByTimeAsync(inMs - 1);
  expect(rung).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(rung).toHaveBeenCalledTimes(1);
});
