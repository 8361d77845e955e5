import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../ports/log.ts';
import type { Clock } from '../../time/clock.ts';
import { deadline } from '../../time/deadline.ts';
import { isNotFound, KubeError } from '../http/error.ts';
import {
  elapsedMs,
  type Instant,
  instantOf,
  isHeld,
  type Lease,
  type LeaseSpec,
  type LeaseTimes,
  released,
  renewed,
} from './lease.ts';
import type { StoredLease } from './stored-lease.ts';

/** What this process knows of the Lease that it holds. */
export interface Held {
  /** The Lease as last stored. Undefined: there is none, because somebody deleted it. */
  readonly lease: Lease | undefined;
  /** The spec that this process wrote last. */
  readonly spec: LeaseSpec;
  /** When the last successful renewal was sent. */
  readonly since: Instant;
}

export interface TenureOptions {
  readonly stored: StoredLease;
  /** Name of this process in the Lease. */
  readonly identity: string;
  readonly times: LeaseTimes;
  readonly log: Log;
  /** Fields that every log line has: the lease and the identity. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  /** Called when this process begins to lead, and when it leads no longer. */
  readonly onChange: ((leads: boolean) => void) | undefined;
}

/** How long the release may take. A stop takes 10 s at most, of which passes and their Events may use the rest. */
const releaseMs = 1_000;
/**
 * How many conflicts one write may meet: one with our own renewal whose answer never came, and one with a version that
 * somebody labelled meanwhile.
 */
const conflictsMet = 2;
const never = new AbortController().signal;

/** The failure of a write that was not answered in time. */
function late(message: string): KubeError {
  return new KubeError({ request: 'PUT leases', status: 0, reason: 'Timeout', message });
}

/** The time in which this process leads. It lasts from begin() until the Lease is released, or is lost for good. */
export class Tenure {
  readonly #options: TenureOptions;
  readonly #lost = new AbortController();
  #held: Held | undefined;

  constructor(options: TenureOptions) {
    this.#options = options;
  }

  /** Aborts when the Lease is lost. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** The Lease was taken: this process leads from now on. */
  begin(held: Held): void {
    const { log, about, onChange } = this.#options;
    this.#held = held;
    log.info('leading', { ...about, transitions: held.spec.leaseTransitions });
    onChange?.(true);
  }

  /** Throws unless the Lease is held at this moment. */
  assertHeld(): void {
    this.#checkDeadline();
    if (this.#held === undefined) throw new Error('not sent, for this operator does not lead');
  }

  /** Renews the Lease every `retryMs` with one PUT, until `end` aborts or the Lease is lost. Never rejects. */
  async renewUntil(end: AbortSignal): Promise<void> {
    const { times, log, about } = this.#options;
    while (this.#held !== undefined) {
      const pauseMs = Math.min(times.retryMs, this.#leftMs(this.#held));
      await delay(pauseMs, undefined, { signal: end }).catch(() => {});
      if (end.aborted) return;
      this.#checkDeadline();
      if (this.#held === undefined) return;
      using limit = deadline(end, this.#leftMs(this.#held), () => late('the lease was not renewed in time'));
      try {
        const next = await this.#rewrite(this.#held, renewed, limit.signal);
        if (this.#held !== undefined && next !== undefined) this.#held = next;
      } catch (error) {
        if (!end.aborted) log.warn('lease not renewed', { ...about, error });
      }
    }
  }

  /** Releases the Lease with one PUT within 1 s, so that nobody needs to wait until it expires. Never rejects. */
  async release(): Promise<void> {
    const { log, about, onChange } = this.#options;
    this.#checkDeadline();
    if (this.#held === undefined) return;
    const last = this.#held;
    this.#held = undefined;
    onChange?.(false);
    using limit = deadline(never, releaseMs, () => late(`no answer within ${releaseMs / 1_000} s`));
    try {
      if ((await this.#rewrite(last, released, limit.signal)) !== undefined) log.info('leadership released', about);
    } catch (error) {
      log.warn('lease not released, it will expire', { ...about, error });
    }
  }

  /**
   * Changes the Lease with one PUT, and with a GET and a PUT more after a conflict, as long as this process is its
   * holder. Undefined: another process holds the Lease, and the tenure is lost.
   */
  async #rewrite(
    { lease: known, spec: before }: Held,
    change: (spec: LeaseSpec, at: Instant) => LeaseSpec,
    signal: AbortSignal,
  ): Promise<Held | undefined> {
    const { stored, identity } = this.#options;
    let lease = known;
    for (let conflicts = 0; ; conflicts++) {
      const since = this.#now();
      const spec = change(before, since);
      try {
        return { lease: await stored.storeLease(lease, spec, signal), spec, since };
      } catch (error) {
        const conflict = isNotFound(error) || (error instanceof KubeError && error.status === 409);
        if (!conflict || conflicts === conflictsMet) throw error;
      }
      lease = await stored.fetchLease(signal);
      const holder = lease?.spec?.holderIdentity;
      if (lease === undefined || holder === identity) continue;
      this.#lose('another operator has taken the lease', { holder });
      return undefined;
    }
  }

  /** Ends the tenure when the last renewal is too long ago. */
  #checkDeadline(): void {
    if (this.#held === undefined || isHeld(this.#held.since, this.#now(), this.#options.times)) return;
    const sinceMs = Math.round(elapsedMs(this.#held.since, this.#now()));
    this.#lose('the lease was not renewed in time', { sinceMs });
  }

  #lose(why: string, more: Readonly<Record<string, unknown>>): void {
    const { log, about, onChange } = this.#options;
    if (this.#held === undefined) return;
    this.#held = undefined;
    log.error('leadership lost', { ...about, why, ...more });
    onChange?.(false);
    this.#lost.abort(new Error(why));
  }

  /** Milliseconds until the Lease counts as lost. */
  #leftMs({ since }: Held): number {
    return Math.max(0, this.#options.times.renewDeadlineMs - elapsedMs(since, this.#now()));
  }

  #now(): Instant {
    return instantOf(this.#options.clock);
  }
}
