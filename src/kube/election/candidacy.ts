import type { Log } from '../../ports/log.ts';
import type { Clock } from '../../time/clock.ts';
import { KubeError } from '../http/error.ts';
import { Alarm } from './alarm.ts';
import { instantOf, type LeaseTimes, type Sighting, sight, taken, waitMs } from './lease.ts';
import type { ReleaseWatch } from './release-watch.ts';
import type { StoredLease } from './stored-lease.ts';
import type { Held } from './tenure.ts';

export interface CandidacyOptions {
  readonly stored: StoredLease;
  /** Starts a watch that calls `onRelease` when the Lease is released. */
  readonly watch: (onRelease: () => void, stop: AbortSignal) => ReleaseWatch;
  /** Name of this process in the Lease. */
  readonly identity: string;
  readonly times: LeaseTimes;
  readonly log: Log;
  /** Fields that every log line has: the lease and the identity. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
}

const never = new AbortController().signal;

/** One process's wait for the Lease. It looks at the Lease every `retryMs`, and at once when the Lease is released. */
export class Candidacy {
  readonly #options: CandidacyOptions;
  /** What was last seen of the Lease. */
  #sighting: Sighting | undefined;
  #problem: string | undefined;
  /** Status and reason of the last failure in the log, so that a failure that repeats is logged once. */
  #told: string | undefined;

  constructor(options: CandidacyOptions) {
    this.#options = options;
  }

  /** Why this process cannot even ask for the Lease. Undefined: it can, or the API server does not answer. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Waits until this process has taken the Lease. Undefined: `stop` aborted before. Never rejects. */
  async acquire(stop: AbortSignal): Promise<Held | undefined> {
    const { watch, times } = this.#options;
    const alarm = new Alarm();
    using watching = watch(() => alarm.ring(), stop);
    while (!stop.aborted) {
      alarm.set();
      let pauseMs = times.retryMs;
      try {
        const inMs = await this.#look(watching.signal);
        if (inMs === 0) return await this.#take();
        pauseMs = Math.min(pauseMs, inMs);
      } catch (error) {
        if (stop.aborted) break;
        if (error instanceof KubeError && error.status === 409) continue; // another candidate was faster
        this.#noteProblem(error);
      }
      await alarm.wait(pauseMs, stop);
    }
    return undefined;
  }

  /** Looks at the Lease with one GET. Resolves to the milliseconds until it may be taken; 0 means now. */
  async #look(signal: AbortSignal): Promise<number> {
    const { stored, identity, times, log, about, clock } = this.#options;
    const before = this.#sighting?.spec?.holderIdentity;
    const lease = await stored.fetchLease(signal);
    this.#sighting = sight(this.#sighting, lease, clock.monotonicMs());
    const inMs = waitMs(this.#sighting, identity, clock.monotonicMs(), times);
    if (inMs === 0) return 0;
    this.#problem = this.#told = undefined;
    const holder = this.#sighting.spec?.holderIdentity;
    if (holder !== before) log.info('another operator leads', { ...about, holder });
    return inMs;
  }

  /**
   * Takes the Lease with one PUT or POST. Nothing aborts it: a process that does not know whether it leads cannot
   * release.
   */
  async #take(): Promise<Held> {
    const { stored, identity, times, clock } = this.#options;
    const since = instantOf(clock);
    const spec = taken(this.#sighting?.spec, identity, since, times);
    const lease = await stored.storeLease(this.#sighting?.lease, spec, never);
    this.#problem = undefined;
    return { lease, spec, since };
  }

  /** Keeps a failure for readiness if it is a refusal, and logs it if the last one was another. */
  #noteProblem(error: unknown): void {
    const { log, about } = this.#options;
    const { status = 0, reason = '' } = error instanceof KubeError ? error : {};
    this.#problem = status >= 400 && status < 500 ? String(error) : undefined;
    const failure = `${status} ${reason}`;
    if (this.#told !== failure) log.warn('the lease cannot be asked for', { ...about, error });
    this.#told = failure;
  }
}
