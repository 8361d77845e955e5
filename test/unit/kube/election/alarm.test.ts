import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Alarm } from '../../../../src/kube/election/alarm.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Whether the wait of a second is over; the listeners it leaves behind are none. */
function waiting(alarm: Alarm) {
  const stop = new AbortController();
  let isOver = false;
  void alarm.wait(1_000, stop.signal).then(() => {
    isOver = true;
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });
  return {
    stop,
    async isOverAfter(ms: number) {
      await vi.advanceTimersByTimeAsync(ms);
      return isOver;
    },
  };
}

test('ends the wait when it rings, also before the wait began, and only until it is set again', async () => {
  const alarm = new Alarm();
  const first = waiting(alarm);
  expect(await first.isOverAfter(0)).toBe(false);
  alarm.ring();
  expect(await first.isOverAfter(0)).toBe(true);
  expect(await waiting(alarm).isOverAfter(0)).toBe(true);
  alarm.set();
  expect(await waiting(alarm).isOverAfter(0)).toBe(false);
});

test('without a ring, the wait ends after its time or when it is stopped', async () => {
  const alarm = new Alarm();
  const first = waiting(alarm);
  expect([await first.isOverAfter(999), await first.isOverAfter(1)]).toEqual([false, true]);
  const second = waiting(alarm);
  second.stop.abort();
  expect(await second.isOverAfter(0)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
