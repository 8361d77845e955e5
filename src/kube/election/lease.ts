import type { Clock } from '../../time/clock.ts';
import type { KubeObject } from '../watch/object.ts';

/** A Lease of coordination.k8s.io/v1, as far as an election reads it. */
export interface Lease extends KubeObject {
  readonly spec?: LeaseSpec;
}

export interface LeaseSpec {
  /** Empty: released. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  /** How often it went from one holder to another. */
  readonly leaseTransitions?: number;
}

export interface LeaseTimes {
  /** Others take the lease when they have seen no renewal for so long. */
  readonly durationMs: number;
  /** Its holder does nothing more when it could not renew it for so long. What is left to `durationMs` is for what it had sent. */
  readonly renewDeadlineMs: number;
  /** Between renewals, and between looks of those who wait. */
  readonly retryMs: number;
}

/** Those of client-go and controller-runtime. */
export const leaseTimes: LeaseTimes = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };

/** One moment on two clocks: the monotonic one is never set, the other goes on while the machine sleeps. */
export interface Instant {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export function instantOf(clock: Clock): Instant {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.now().getTime() };
}

/** The more cautious clock counts. */
export function elapsedMs(since: Instant, now: Instant): number {
  return Math.max(now.monotonicMs - since.monotonicMs, now.wallMs - since.wallMs);
}

/** Whether nobody else can have taken the lease; `renewed` is when the last successful renewal was sent, not answered. */
export function isHeld(renewed: Instant, now: Instant, { renewDeadlineMs }: LeaseTimes): boolean {
  return elapsedMs(renewed, now) < renewDeadlineMs;
}

/** What one who waits has seen of the lease. */
export interface Sighting {
  /** As last read; undefined: there was none. */
  readonly lease: Lease | undefined;
  /** The last one seen: a holder whose lease was deleted may not know it yet. */
  readonly spec: LeaseSpec | undefined;
  /** By the own monotonic clock, when `spec` was first seen: the times in it are of another machine's clock. */
  readonly sinceMs: number;
}

export function sight(previous: Sighting | undefined, lease: Lease | undefined, nowMs: number): Sighting {
  const spec = lease === undefined ? previous?.spec : lease.spec;
  const same = previous !== undefined && JSON.stringify(spec) === JSON.stringify(previous.spec);
  return { lease, spec, sinceMs: same ? previous.sinceMs : nowMs };
}

/** How long `identity` has yet to wait before it may take the lease; 0: it may try now. */
export function waitMs({ spec, sinceMs }: Sighting, identity: string, nowMs: number, times: LeaseTimes): number {
  const { holderIdentity = '', leaseDurationSeconds } = spec ?? {};
  if (holderIdentity === '' || holderIdentity === identity) return 0;
  const durationMs = leaseDurationSeconds === undefined ? times.durationMs : leaseDurationSeconds * 1_000;
  return Math.max(0, sinceMs + durationMs - nowMs);
}

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

export function renewed(before: LeaseSpec, { wallMs }: Instant): LeaseSpec {
  return { ...before, renewTime: microTime(wallMs) };
}

/** As client-go leaves it: the next one need not wait. */
export function released(before: LeaseSpec, { wallMs }: Instant): LeaseSpec {
  const at = microTime(wallMs);
  return { ...before, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: at, renewTime: at };
}

function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace('Z', '000Z');
}
