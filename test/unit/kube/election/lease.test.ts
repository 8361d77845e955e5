import { describe, expect, test } from 'vitest';
import {
  type Instant,
  isHeld,
  type Lease,
  type LeaseSpec,
  leaseTimes,
  released,
  renewed,
  type Sighting,
  sight,
  taken,
  waitMs,
} from '../../../../src/kube/election/lease.ts';

const at = (monotonicMs: number, wallMs = monotonicMs): Instant => ({ monotonicMs, wallMs });
const lease = (spec: LeaseSpec): Lease => ({
  metadata: { namespace: 'ops', name: 'l', uid: 'u', resourceVersion: '1', creationTimestamp: '' } as Lease['metadata'],
  spec,
});
const byOther: LeaseSpec = { holderIdentity: 'other', leaseDurationSeconds: 15, renewTime: 'a', leaseTransitions: 3 };

test('a holder stops well before anybody else may take the lease', () => {
  expect(leaseTimes.renewDeadlineMs).toBeLessThan(leaseTimes.durationMs);
  expect(leaseTimes.retryMs * 2).toBeLessThan(leaseTimes.renewDeadlineMs);
});

const holding: readonly { readonly name: string; readonly now: Instant; readonly held: boolean }[] = [
  { name: 'right after a renewal', now: at(1_000), held: true },
  { name: 'just before the deadline', now: at(10_999), held: true },
  { name: 'at the deadline', now: at(11_000), held: false },
  { name: 'after the machine slept, when its monotonic clock stood still', now: at(1_500, 61_000), held: false },
  { name: 'after the wall clock was set back', now: at(11_000, 500), held: false },
  {
    name: 'after the wall clock was set forward: better one restart than two leaders',
    now: at(2_000, 3_600_000),
    held: false,
  },
];
describe('the lease', () => {
  for (const { name, now, held } of holding)
    test(`is ${held ? 'held' : 'no longer held'} ${name}`, () => expect(isHeld(at(1_000), now, leaseTimes)).toBe(held));
});

describe('one who waits', () => {
  const wait = (sighting: Sighting, nowMs: number) => waitMs(sighting, 'me', nowMs, leaseTimes);
  const seen = (spec: LeaseSpec | undefined, previous?: Sighting, nowMs = 1_000) =>
    sight(previous, spec && lease(spec), nowMs);

  test('takes a lease that is not there, or was released, or is its own, at once', () => {
    expect(wait(seen(undefined), 1_000)).toBe(0);
    expect(wait(seen({ ...byOther, holderIdentity: '' }), 1_000)).toBe(0);
    expect(wait(seen({ ...byOther, holderIdentity: 'me' }), 1_000)).toBe(0);
  });

  test('waits for the whole lease from its own first sight of it, whatever times are written in it', () => {
    const long = seen({
      ...byOther,
      renewTime: '1970-01-01T00:00:00.000000Z',
      acquireTime: '2999-01-01T00:00:00.000000Z',
    });
    expect(wait(long, 1_000)).toBe(15_000);
    expect(wait(long, 15_999)).toBe(1);
    expect(wait(long, 16_000)).toBe(0);
  });

  test('starts to wait anew with each renewal, not with each look', () => {
    const first = seen(byOther);
    expect(seen(byOther, first, 9_000).sinceMs).toBe(1_000);
    expect(seen({ ...byOther, renewTime: 'b' }, first, 9_000).sinceMs).toBe(9_000);
  });

  test('waits as long as the holder has said, should it run with other times', () => {
    expect(wait(seen({ ...byOther, leaseDurationSeconds: 60 }), 1_000)).toBe(60_000);
  });

  test('waits on when somebody deletes the lease, for its holder may not know it yet', () => {
    const gone = seen(undefined, seen(byOther), 5_000);
    expect(gone.lease).toBeUndefined();
    expect(wait(gone, 5_000)).toBe(11_000);
    expect(wait(gone, 16_000)).toBe(0);
  });
});

test('taking counts the transition, renewing touches nothing but the time, releasing leaves nobody to wait for', () => {
  const now = at(5, Date.parse('2026-09-10T06:45:04.123Z'));
  const time = '2026-09-10T06:45:04.123000Z';
  expect(taken(undefined, 'me', now, leaseTimes)).toEqual({
    holderIdentity: 'me',
    leaseDurationSeconds: 15,
    acquireTime: time,
    renewTime: time,
    leaseTransitions: 0,
  });
  const mine = taken(byOther, 'me', now, leaseTimes);
  expect(mine.leaseTransitions).toBe(4);
  expect(renewed({ ...mine, renewTime: 'before' }, now)).toEqual(mine);
  expect(released(mine, now)).toEqual({ ...mine, holderIdentity: '', leaseDurationSeconds: 1 });
});
