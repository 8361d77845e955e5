import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { deadline } from '../../../src/time/deadline.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const late = new Error('late');

test('fires with its own reason after the time, counted from the last refresh', () => {
  using limit = deadline(new AbortController().signal, 1_000, () => late);
  vi.advanceTimersByTime(999);
  limit.refresh();
  vi.advanceTimersByTime(999);
  expect(limit.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(limit.signal.reason).toBe(late);
});

test("fires with its parent's reason, even when the parent had fired before", () => {
  const parent = new AbortController();
  using before = deadline(parent.signal, 1_000, () => late);
  parent.abort('stop');
  using after = deadline(parent.signal, 1_000, () => late);
  expect([before.signal.reason, after.signal.reason]).toEqual(['stop', 'stop']);
});

test('disposed, it fires no more and keeps no process alive', () => {
  const parent = new AbortController();
  const limit = deadline(parent.signal, 1_000, () => late);
  limit[Symbol.dispose]();
  expect(vi.getTimerCount()).toBe(0);
  parent.abort();
  expect(limit.signal.aborted).toBe(false);
});
