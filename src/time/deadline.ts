/** An AbortSignal that follows another one and fires by itself after a time. Dispose it, or its listener stays. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** Starts the time again. */
  refresh(): void;
}

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
