import { getEventListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { abortable } from '../../../src/time/abortable.ts';

const reason = new Error('stop');

test('gives what the work gives, or throws what it throws, and listens to the signal no longer', async () => {
  const { signal } = new AbortController();
  expect(await abortable(Promise.resolve('done'), signal)).toBe('done');
  await expect(abortable(Promise.reject(new Error('bug')), signal)).rejects.toThrow('bug');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('does not wait for work that ignores the signal', async () => {
  const abort = new AbortController();
  const waiting = abortable(new Promise(() => {}), abort.signal);
  abort.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(abortable(new Promise(() => {}), abort.signal)).rejects.toBe(reason);
  expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
});

test('work that fails after the abort disturbs nobody', async () => {
  const unhandled = vi.fn<(error: unknown) => void>();
  process.on('unhandledRejection', unhandled);
  onTestFinished(() => void process.off('unhandledRejection', unhandled));
  for (const when of ['before', 'during']) {
    const abort = new AbortController();
    const work = Promise.withResolvers<never>();
    if (when === 'before') abort.abort(reason);
    const waiting = abortable(work.promise, abort.signal);
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    work.reject(new Error('too late'));
    await nextTurn();
  }
  expect(unhandled).not.toHaveBeenCalled();
});
