import { describe, expect, test } from 'vitest';
import type { ReplicaStatus } from '../../../src/api/registryreplication.ts';
import { type Failure, localThrottle } from '../../../src/domain/failure.ts';
import { nextLookMs, retryMs } from '../../../src/domain/pace.ts';
import type { Facts, Finding } from '../../../src/domain/pass.ts';
import { regionOf } from '../../../src/domain/region.ts';
import type { Replica } from '../../../src/domain/replication.ts';
import {
  desired,
  entry,
  judgedFinding,
  judgedPass,
  minutesAfter,
  noon,
  type PassGiven,
  replica,
} from '../../support/builders.ts';

const secondsAfter = (seconds: number) => minutesAfter(seconds / 60);
const hour = 3_600_000;

function observed(have: Replica, remembered: ReplicaStatus, now: Date, results: PassGiven['results'] = {}): Facts {
  return judgedPass({ want: [have.region], have: [have], remembered: [remembered], now, results });
}

describe('the next look at a running operation', () => {
  const creating = replica('japaneast', { state: 'Creating', status: '' });
  const updating = replica('japaneast', { state: 'Updating', status: '' });
  const syncing = replica('japaneast', { status: 'Syncing' });
  const rows = [
    { name: 'comes after 3.5 s when a creation has just begun', have: creating, lastsSeconds: 0, inMs: 3_500 },
    { name: 'comes after 2 s when a change has just begun', have: updating, lastsSeconds: 0, inMs: 2_000 },
    { name: 'comes after 2 s once a creation has lasted as long', have: creating, lastsSeconds: 3, inMs: 2_000 },
    {
      name: 'still after 2 s while it is as quick as seen on a live Azure (10.7 s, 12.5 s)',
      have: creating,
      lastsSeconds: 10,
      inMs: 2_000,
    },
    { name: 'slows down with the time it lasts', have: creating, lastsSeconds: 40, inMs: 8_000 },
    { name: 'is at most 15 s away while provisioning', have: creating, lastsSeconds: 7_200, inMs: 15_000 },
    { name: 'starts quickly again when syncing begins', have: syncing, lastsSeconds: 0, inMs: 2_000 },
    { name: 'is at most 60 s away while syncing for hours', have: syncing, lastsSeconds: 86_400, inMs: 60_000 },
  ];
  for (const { name, have, lastsSeconds, inMs } of rows) {
    test(name, () => {
      const { status: _, ...rest } = entry('japaneast', { provisioningState: have.state, since: noon.toISOString() });
      const remembered = have.status === '' ? rest : { ...rest, status: have.status };
      expect(nextLookMs(observed(have, remembered, secondsAfter(lastsSeconds)), 0)).toBe(inMs);
    });
  }

  test('slows down too while LIST goes on being wrong about a replica that GET shows as it should be', () => {
    const have = replica('japaneast');
    const found = { japaneast: { kind: 'found', replica: have } } as const;
    const facts = observed(have, entry('japaneast', { since: noon.toISOString() }), secondsAfter(86_400), found);
    expect(nextLookMs(facts, 0)).toBe(60_000);
  });

  describe('is a minute away when a GET shows no replica where LIST shows one', () => {
    const failed = replica('japaneast', { state: 'Failed', status: '' });
    const broken = { provisioningState: 'Failed', status: '', since: minutesAfter(-60).toISOString() } as const;
    const rows: readonly (readonly [name: string, given: PassGiven])[] = [
      ['with other tags', { have: [replica('japaneast')], stated: { tags: { team: 'ours' } } }],
      ['failed, as status does not say yet', { have: [failed], remembered: [entry('japaneast')] }],
      [
        'failed and to be sent its settings again',
        { have: [failed], remembered: [entry('japaneast', { ...broken, provisionedTime: broken.since })] },
      ],
      ['failed and to be deleted for a repair', { have: [failed], remembered: [entry('japaneast', broken)] }],
      [
        'that is ready, as it must be before another one is deleted',
        { have: [replica('japaneast'), replica('uksouth')], remembered: [entry('japaneast'), entry('uksouth')] },
      ],
    ];
    for (const [name, given] of rows) {
      test(name, () => {
        const facts = judgedPass({ ...given, results: { japaneast: { kind: 'found', replica: undefined } } });
        expect(nextLookMs(facts, 0)).toBe(60_000);
      });
    }
  });

  test('comes soon when neither LIST nor a GET shows a replica that failed: it is made anew', () => {
    const remembered = [entry('japaneast', { provisioningState: 'Failed', status: '' })];
    const facts = judgedPass({ have: [], remembered, results: { japaneast: { kind: 'found', replica: undefined } } });
    expect(nextLookMs(facts, 0)).toBe(2_000);
  });

  test('a replica that Azure has just accepted and does not show is looked for before the interval', () => {
    const remembered = [entry('japaneast', { provisioningState: 'Updating', since: noon.toISOString() })];
    const facts = judgedPass({ want: ['japaneast'], have: [], remembered, now: secondsAfter(30) });
    expect(nextLookMs(facts, 0)).toBe(6_000);
  });

  test('a settled registry is looked at at the interval, give or take a twentieth', () => {
    const facts = observed(replica('japaneast'), entry('japaneast'), noon);
    expect([0, 0.5, 1].map((random) => nextLookMs(facts, random))).toEqual([285_000, 300_000, 315_000]);
  });

  test('what is none of our business is not waited for, however long somebody else works on it', () => {
    const theirs = replica('uksouth', { state: 'Creating' });
    const facts = judgedPass({ want: ['eastus'], have: [theirs], desired: { prune: 'None' } });
    expect(nextLookMs(facts, 0.5)).toBe(300_000);
  });

  test('a paused repair is looked at when its pause ends', () => {
    const failed = replica('japaneast', { state: 'Failed' });
    const facts = observed(
      failed,
      entry('japaneast', { provisioningState: 'Failed', attempts: 1, since: noon.toISOString() }),
      secondsAfter(20),
    );
    expect(nextLookMs(facts, 0)).toBe(40_000);
  });

  test('is spread to the early side: waiting longer than planned is what people notice', () => {
    const { status: _, ...remembered } = entry('japaneast', {
      provisioningState: 'Creating',
      since: noon.toISOString(),
    });
    expect(nextLookMs(observed(creating, remembered, noon), 1)).toBe(3_360);
  });

  test('after Retry-After never comes early: ARM refuses who asks earlier', () => {
    const until = secondsAfter(17);
    const failure: Failure = { kind: 'throttled', until, reason: 'Throttled', code: '429', message: 'x' };
    const finding: Finding = { kind: 'unobserved', failure, desired: desired(['japaneast']) };
    const facts = judgedFinding(finding);
    expect([0, 1].map((random) => nextLookMs(facts, random))).toEqual([17_000, 18_700]);
  });

  test.each([
    [17, 17_000],
    [0.05, 100],
  ])('when it was put off for %d s comes at its turn, which is its own', (seconds, inMs) => {
    const failure = localThrottle('Paced.', secondsAfter(seconds));
    const facts = judgedFinding({ kind: 'unobserved', failure, desired: desired(['japaneast']) });
    expect([0, 1].map((random) => nextLookMs(facts, random))).toEqual([inMs, inMs]);
  });
});

describe('drains are looked at', () => {
  const drains = [{ region: regionOf('japaneast'), until: secondsAfter(90), reason: 'drill' }];
  const record = { until: secondsAfter(90).toISOString(), before: 'Enabled' } as const;
  const others = [replica('eastus'), replica('westeurope')];
  const rows: readonly (readonly [name: string, given: PassGiven, inMs: number | undefined])[] = [
    [
      'at once after what routing was is on record',
      {
        have: [replica('japaneast'), ...others],
        results: { japaneast: { kind: 'found', replica: replica('japaneast') } },
      },
      0,
    ],
    [
      'at the very end of one that is in course',
      {
        have: [replica('japaneast', { routing: 'Disabled' }), ...others],
        remembered: [entry('japaneast', { routing: 'Disabled', drained: record })],
      },
      90_000,
    ],
    ['after half a minute while one waits for another region', { have: [replica('japaneast')] }, 30_000],
    [
      'in mode Observe at the interval',
      { have: [replica('japaneast'), ...others], desired: { mode: 'Observe', prune: 'None', drains } },
      300_000 * 1.025,
    ],
  ];
  for (const [name, given, inMs] of rows) {
    test(name, () => {
      const facts = judgedPass({ desired: { prune: 'None', drains }, remembered: [entry('japaneast')], ...given });
      expect(nextLookMs(facts, 0.75)).toBe(inMs);
    });
  }
});

describe('a failure is tried again', () => {
  const base = { reason: 'Retrying', code: 'x', message: 'x' } as const;
  const soon: Failure = { ...base, kind: 'retryable', pace: 'soon' };
  const slow: Failure = { ...base, kind: 'retryable', pace: 'slow' };
  const rows: readonly { name: string; failure: Failure; retries: number; intervalMs?: number; inMs: number }[] = [
    { name: 'after 2 s when it passes soon', failure: soon, retries: 0, inMs: 2_000 },
    { name: 'after twice as long each time', failure: soon, retries: 3, inMs: 16_000 },
    { name: 'never later than after a minute', failure: soon, retries: 1_000, inMs: 60_000 },
    { name: 'after 30 s when it lasts', failure: slow, retries: 0, inMs: 30_000 },
    { name: 'never later than after five minutes', failure: slow, retries: 9, inMs: 300_000 },
    { name: 'at the interval at the latest', failure: slow, retries: 9, intervalMs: 45_000, inMs: 45_000 },
    {
      name: 'when Azure says',
      failure: { ...base, kind: 'throttled', until: secondsAfter(17) },
      retries: 5,
      inMs: 17_000,
    },
    {
      name: 'with a backoff when Azure throttles and names no time',
      failure: { ...base, kind: 'throttled', until: undefined },
      retries: 1,
      inMs: 4_000,
    },
    {
      name: 'at the interval when this spec cannot succeed',
      failure: { ...base, kind: 'terminal' },
      retries: 7,
      inMs: hour,
    },
  ];
  for (const { name, failure, retries, intervalMs = hour, inMs } of rows) {
    test(name, () => expect(retryMs(failure, { since: noon, now: noon, retries, intervalMs })).toBe(inMs));
  }
});
