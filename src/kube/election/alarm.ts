import { abortable } from '../../time/abortable.ts';
import { deadline } from '../../time/deadline.ts';

/** Ends a wait early. A ring also counts when it comes between `set` and `wait`. */
export class Alarm {
  #rung = Promise.withResolvers<void>();

  /** Forgets earlier rings. */
  set(): void {
    this.#rung = Promise.withResolvers<void>();
  }

  ring(): void {
    this.#rung.resolve();
  }

  /** Resolves at the first of three: a ring since `set`, the end of `ms` milliseconds, or the abort of `stop`. */
  async wait(ms: number, stop: AbortSignal): Promise<void> {
    using limit = deadline(stop, ms, () => new Error('the wait is over'));
    await abortable(this.#rung.promise, limit.signal).catch(() => {});
  }
}
