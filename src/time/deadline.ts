/** A limit of time on some work. Dispose it, or its timer and its listener stay. */
export interface Deadline extends Disposable {
  /** Aborts when the time is over, or when the parent signal aborts. */
  readonly signal: AbortSignal;
  /** Starts the time anew. */
  refresh(): void;
}

/** Starts a deadline of `afterMs` milliseconds. `reason` is what its signal aborts with at the end of the time. */
export function deadline(parent: AbortSignal, afterMs: number, reason: () => Error): Deadline {
  const controller = new AbortController();
  const follow = (): void => controller.abort(parent.reason);
  const timer = setTimeout(() => controller.abort(reason()), afterMs);
  if (parent.aborted) follow();
  else parent.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    refresh: () => void timer.refresh(),
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      parent.removeEventListener('abort', follow);
    },
  };
}
