import type { Clock } from '../../time/clock.ts';
import type { KubeObject } from '../watch/object.ts';

/** A Lease of coordination.k8s.io/v1, with the fields that an election reads. */
export interface Lease extends KubeObject {
  readonly spec?: LeaseSpec;
}

export interface LeaseSpec {
  /** Empty: the lease was released. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  /** How many times the lease went from one holder to another. */
  readonly leaseTransitions?: number;
}

export interface LeaseTimes {
  /** Others may take the lease when they have seen no renewal for this time. */
  readonly durationMs: number;
  /**
   * The holder stops working when it could not renew the lease for this time. The difference to `durationMs` is left
   * for requests that it had sent before.
   */
  readonly renewDeadlineMs: number;
  /** Pause between the holder's renewals, and between the looks of those who wait. */
  readonly retryMs: number;
}

/** The times that client-go and controller-runtime have. */
export const leaseTimes: LeaseTimes = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };

/** One moment on two clocks: the monotonic clock is never set, and the wall clock goes on while the machine sleeps. */
export interface Instant {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** The present moment. */
export function instantOf(clock: Clock): Instant {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.now().getTime() };
}

/** Milliseconds since a moment, by the clock on which more time has passed. */
export function elapsedMs(since: Instant, now: Instant): number {
  return Math.max(now.monotonicMs - since.monotonicMs, now.wallMs - since.wallMs);
}

/**
 * Whether nobody else can have taken the lease. `renewed` is when the last successful renewal was sent, which is before
 * the server stored it.
 */
export function isHeld(renewed: Instant, now: Instant, { renewDeadlineMs }: LeaseTimes): boolean {
  return elapsedMs(renewed, now) < renewDeadlineMs;
}

/** What a process that waits has seen of the lease. */
export interface Sighting {
  /** The lease as last read. Undefined: there was none. */
  readonly lease: Lease | undefined;
  /** The last spec seen. It stays when the lease is deleted, because its holder may not know that yet. */
  readonly spec: LeaseSpec | undefined;
  /** When `spec` was first seen, by this process's monotonic clock: the times in `spec` are from another machine's. */
  readonly sinceMs: number;
}

/** The next sighting, after `lease` was read. */
export function sight(previous: Sighting | undefined, lease: Lease | undefined, nowMs: number): Sighting {
  const spec = lease === undefined ? previous?.spec : lease.spec;
  const same = previous !== undefined && JSON.stringify(spec) === JSON.stringify(previous.spec);
  return { lease, spec, sinceMs: same ? previous.sinceMs : nowMs };
}

/** Milliseconds that `identity` must still wait before it may take the lease; 0 means that it may now. */
export function waitMs({ spec, sinceMs }: Sighting, identity: string, nowMs: number, times: LeaseTimes): number {
  const { holderIdentity = '', leaseDurationSeconds } = spec ?? {};
  if (holderIdentity === '' || holderIdentity === identity) return 0;
  const durationMs = leaseDurationSeconds === undefined ? times.durationMs : leaseDurationSeconds * 1_000;
  return Math.max(0, sinceMs + durationMs - nowMs);
}

/** The spec with which `identity` takes the lease. */
export function taken(
  before: LeaseSpec | undefined,
  identity: string,
  { wallMs }: Instant,
  { durationMs }: LeaseTimes,
): LeaseSpec {
  const at = microTime(wallMs);
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(durationMs / 1_000),
    acquireTime: at,
    renewTime: at,
    leaseTransitions: before === undefined ? 0 : (before.leaseTransitions ?? 0) + 1,
  };
}

/** The spec with which the holder renews the lease. */
export function renewed(before: LeaseSpec, { wallMs }: Instant): LeaseSpec {
  return { ...before, renewTime: microTime(wallMs) };
}

/** The spec with which the holder releases the lease, as client-go does: nobody needs to wait for it to expire. */
export function released(before: LeaseSpec, { wallMs }: Instant): LeaseSpec {
  const at = microTime(wallMs);
  return { ...before, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: at, renewTime: at };
}

/** Kubernetes' MicroTime: six digits after the second. */
function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace('Z', '000Z');
}
