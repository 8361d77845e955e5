import { abortable } from '../../time/abortable.ts';
import { deadline } from '../../time/deadline.ts';

/** Ends a wait early when it rings. A ring between `set` and `wait` counts, too. */
export class Alarm {
  #rung = Promise.withResolvers<void>();

  /** Forgets earlier rings. */
  set(): void {
    this.#rung = Promise.withResolvers<void>();
  }

  /** Ends the wait, or the next wait if no `set` comes before it. */
  ring(): void {
    this.#rung.resolve();
  }

  /** Resolves at the first of three: a ring since `set`, the end of `ms` milliseconds, or the abort of `stop`. */
  async wait(ms: number, stop: AbortSignal): Promise<void> {
    using limit = deadline(stop, ms, () => new Error('the wait is over'));
    await abortable(this.#rung.promise, limit.signal).catch(() => {});
  }
}
