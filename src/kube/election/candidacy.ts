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
  /** Watches for the release of the Lease: it calls `onRelease`, which shortens the wait. */
  readonly watch: (onRelease: () => void, stop: AbortSignal) => ReleaseWatch;
  readonly identity: string;
  readonly times: LeaseTimes;
  readonly log: Log;
  /** Fields of each log line: which lease, and whose candidacy. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
}

const never = new AbortController().signal;

/** One process's wait for the Lease: it looks every `retryMs`, and at once when the Lease is released. */
export class Candidacy {
  readonly #options: CandidacyOptions;
  #sighting: Sighting | undefined;
  #problem: string | undefined;
  /** Status and reason of the failure that was logged last, so that each is logged once. */
  #told: string | undefined;

  constructor(options: CandidacyOptions) {
    this.#options = options;
  }

  /** Why the API server refuses even to be asked for the Lease; undefined while it does not. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Resolves when the Lease is taken, or to undefined when `stop` aborts first. Never rejects. */
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
        if (error instanceof KubeError && error.status === 409) continue; // another one was faster
        this.#noteProblem(error);
      }
      await alarm.wait(pauseMs, stop);
    }
    return undefined;
  }

  /** One GET. Resolves to the milliseconds until the Lease may be taken; 0: it may be tried now. */
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

  /** One PUT or POST that nothing aborts: who does not know whether it leads cannot release either. */
  async #take(): Promise<Held> {
    const { stored, identity, times, clock } = this.#options;
    const since = instantOf(clock);
    const spec = taken(this.#sighting?.spec, identity, since, times);
    const lease = await stored.storeLease(this.#sighting?.lease, spec, never);
    this.#problem = undefined;
    return { lease, spec, since };
  }

  #noteProblem(error: unknown): void {
    const { log, about } = this.#options;
    const { status = 0, reason = '' } = error instanceof KubeError ? error : {};
    this.#problem = status >= 400 && status < 500 ? String(error) : undefined;
    const failure = `${status} ${reason}`;
    if (this.#told !== failure) log.warn('the lease cannot be asked for', { ...about, error });
    this.#told = failure;
  }
}
