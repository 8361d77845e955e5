import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../../../src/azure/limits/line.ts';
import { createQuota, type Quota } from '../../../../src/azure/limits/quota.ts';
import { type Bucket, holdsAtMs, lower, refill, shut } from '../../../../src/azure/limits/token-bucket.ts';
import { type Urgency, urgencies } from '../../../../src/domain/urgency.ts';

const start = Date.parse('2026-09-10T06:45:00Z');
const writes = { size: 200, perSecond: 10 };
const by = (caller: string, cost = 1, urgency: Urgency = 'edited'): Call => ({ caller, cost, urgency });
const at = (seconds: number) => start + seconds * 1_000;

describe('a bucket', () => {
  const limit = { size: 10, perSecond: 2 };
  const full: Bucket = { level: 10, atMs: start, pausedUntilMs: 0 };
  const empty: Bucket = { ...full, level: 0 };
  const cases: readonly { readonly name: string; readonly bucket: Bucket; readonly seconds: number; level: number }[] =
    [
      { name: 'fills at its rate', bucket: empty, seconds: 2, level: 4 },
      { name: 'does not run over', bucket: full, seconds: 60, level: 10 },
      { name: 'keeps fractions', bucket: empty, seconds: 0.25, level: 0.5 },
      { name: 'fills from below zero', bucket: lower(full, -3), seconds: 2, level: 1 },
      { name: 'holds at most what it is lowered to', bucket: lower(full, 4), seconds: 0, level: 4 },
      { name: 'is not raised by lowering', bucket: lower(empty, 4), seconds: 0, level: 0 },
      { name: 'is empty when shut', bucket: shut(full, at(5)), seconds: 0, level: 0 },
      { name: 'gets nothing while it is shut', bucket: shut(full, at(5)), seconds: 5, level: 0 },
      { name: 'fills again once it is open', bucket: shut(full, at(5)), seconds: 6, level: 2 },
      { name: 'keeps the later of two ends', bucket: shut(shut(full, at(5)), at(3)), seconds: 6, level: 2 },
      { name: 'gets nothing from a clock that is set back', bucket: empty, seconds: -60, level: 0 },
    ];
  for (const { name, bucket, seconds, level } of cases) {
    test(name, () => expect(refill(bucket, limit, at(seconds)).level).toBe(level));
  }

  test('goes on filling after a clock was set back', () => {
    expect(refill(refill(empty, limit, at(-60)), limit, at(-59)).level).toBe(2);
  });

  test('is shut for no longer when the clock is set back meanwhile', () => {
    const setBack = refill(shut(full, at(5)), limit, at(-3_600));
    expect(refill(setBack, limit, at(-3_595)).level).toBe(0);
    expect(refill(setBack, limit, at(-3_594)).level).toBe(2);
  });

  test('knows when it will hold so many', () => {
    expect(holdsAtMs(empty, limit, 3)).toBe(at(1.5));
    expect(holdsAtMs(full, limit, 3)).toBe(start);
    expect(holdsAtMs(shut(full, at(5)), limit, 3)).toBe(at(6.5));
  });
});

/** Asks for new callers until one must wait; how many went. */
function drain(quota: Quota, now: number, prefix = 'drain'): number {
  for (let count = 0; ; count++) if (quota.ask(by(`${prefix}${count}`), now).kind === 'wait') return count;
}
const untilOf = (turn: ReturnType<Quota['ask']>) => (turn.kind === 'wait' ? turn.untilMs : undefined);

describe('a quota', () => {
  test("is the share of Azure's limit, half full at the start, for a predecessor may have used it up", () => {
    expect(drain(createQuota(writes, 0.8, start), start)).toBe(80);
    const quota = createQuota(writes, 0.8, start);
    expect(drain(quota, at(3_600))).toBe(160);
  });

  test('gives each who must wait a moment of its own, spaced by the rate', () => {
    const quota = createQuota(writes, 0.8, start);
    const count = drain(quota, start);
    expect(count).toBe(80);
    const slots = ['b', 'c', 'd'].map((caller) => untilOf(quota.ask(by(caller), start)));
    expect(slots).toEqual([at(0.25), at(0.375), at(0.5)]); // drain's last one waits at 0.125
  });

  test('keeps the place of who asks again early', () => {
    const quota = createQuota(writes, 0.8, start);
    drain(quota, start);
    const first = untilOf(quota.ask(by('early'), start));
    quota.ask(by('other'), start);
    expect(untilOf(quota.ask(by('early'), at(0.05)))).toBe(first);
  });

  test('lets nobody past those who wait, and each of them through at its moment', () => {
    const quota = createQuota(writes, 0.8, start);
    drain(quota, start, 'first');
    const slot = untilOf(quota.ask(by('waiting'), start)) ?? 0;
    expect(quota.ask(by('newcomer'), at(0.2)).kind).toBe('wait'); // one has come in, it is first80's
    expect(quota.ask(by('first80'), at(0.2)).kind).toBe('go');
    expect(quota.ask(by('waiting'), slot)).toEqual({ kind: 'go', waitedMs: slot - start });
  });

  test('keeps at most half the bucket for those who do not come', () => {
    const quota = createQuota(writes, 0.8, start);
    drain(quota, start);
    for (let i = 0; i < 500; i++) quota.ask(by(`absent${i}`), start);
    expect(quota.ask(by('present'), at(10)).kind).toBe('wait'); // 80 have come in
    expect(quota.ask(by('present'), at(10.2)).kind).toBe('go');
  });

  test('forgets who has not come two minutes after its turn', () => {
    const quota = createQuota(writes, 0.8, start);
    drain(quota, start);
    for (let i = 0; i < 40; i++) quota.ask(by(`absent${i}`), start);
    quota.heard(40, at(130)); // nothing is left to us
    expect(untilOf(quota.ask(by('newcomer'), at(130)))).toBe(at(130.125));
  });

  test('a call that costs more than one waits for all of it, even with a small share', () => {
    const quota = createQuota({ size: 250, perSecond: 25 }, 0.05, start);
    expect(drain(quota, start)).toBe(6);
    const turn = quota.ask(by('both', 2), start);
    expect(quota.ask(by('both', 2), (untilOf(turn) ?? 0) - 1).kind).toBe('wait');
    expect(quota.ask(by('drain6'), untilOf(turn) ?? 0).kind).toBe('go');
    expect(quota.ask(by('both', 2), untilOf(turn) ?? 0).kind).toBe('go');
  });
});

describe('what Azure says', () => {
  test('of less than thought leaves a fifth of the limit to the others', () => {
    const quota = createQuota(writes, 0.8, start);
    quota.heard(50, start); // 40 are theirs
    expect(drain(quota, start)).toBe(10);
  });

  const shares = [
    { share: 1, left: 50 },
    { share: 0.9, left: 30 },
    { share: 0.2, left: 10 },
  ];
  for (const { share, left } of shares) {
    test(`of less than thought leaves a fifth at most, with a share of ${share}`, () => {
      const quota = createQuota(writes, share, start);
      quota.heard(50, start);
      expect(drain(quota, start)).toBe(left);
    });
  }

  test('of more than thought changes nothing', () => {
    const quota = createQuota(writes, 0.8, start);
    quota.heard(799, start);
    expect(drain(quota, start)).toBe(80);
  });

  test('of nothing left pauses until the others have their fifth back', () => {
    const quota = createQuota(writes, 0.8, start);
    quota.heard(0, start);
    expect(untilOf(quota.ask(by('a'), start))).toBe(at(41 / 8));
  });

  test('a 429 empties the bucket and shuts it until Retry-After, for everybody', () => {
    const quota = createQuota(writes, 0.8, start);
    expect(quota.refused(by('a'), at(30), start)).toBe(at(30.125));
    expect(untilOf(quota.ask(by('b'), start))).toBe(at(30.25));
    expect(quota.ask(by('a'), at(29.9)).kind).toBe('wait');
    expect(quota.ask(by('a'), at(30.125)).kind).toBe('go');
  });

  test('429s without Retry-After pause twice as long each time, five minutes at most, until a call passes', () => {
    const quota = createQuota(writes, 0.8, start);
    let now = start;
    const pause = () => {
      const began = now;
      now = quota.refused(by('a'), undefined, now);
      return Math.floor((now - began) / 1_000);
    };
    expect(Array.from({ length: 8 }, pause)).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
    quota.passed(now);
    expect(pause()).toBe(5);
  });

  test('many 429s to calls sent together are one', () => {
    const quota = createQuota(writes, 0.8, start);
    for (let i = 0; i < 20; i++) quota.refused(by(`a${i}`), undefined, start);
    quota.passed(at(1)); // sent before the pause, too
    expect(untilOf(quota.ask(by('a0'), start))).toBe(at(5.125));
    expect(quota.refused(by('b'), undefined, at(6))).toBeGreaterThan(at(16));
  });
});

test('over any sequence of calls, no time sees more go than the size and what came in since', () => {
  const call = fc.record({
    caller: fc.integer({ min: 0, max: 30 }),
    cost: fc.integer({ min: 1, max: 2 }),
    afterMs: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200_000 })),
    says: fc.option(fc.integer({ min: 0, max: 300 })),
    refuses: fc.boolean(),
    urgency: fc.constantFrom(...urgencies),
  });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 300 }), fc.double({ min: 0.05, max: 1, noNaN: true }), (calls, share) => {
      const azures = { size: 40, perSecond: 4 };
      const quota = createQuota(azures, share, start);
      const gone: { readonly at: number; readonly cost: number }[] = [];
      let now = start;
      for (const { caller, cost, afterMs, says, refuses, urgency } of calls) {
        now += afterMs;
        if (quota.ask(by(`${caller}`, cost, urgency), now).kind === 'go') {
          gone.push({ at: now, cost });
          if (refuses) quota.refused(by(`${caller}`, cost, urgency), undefined, now);
          else quota.passed(now);
        }
        if (says !== null) quota.heard(says, now);
      }
      for (const [index, first] of gone.entries()) {
        let sum = 0;
        for (const { at: when, cost } of gone.slice(index)) {
          sum += cost;
          const allowed = share * (azures.size + ((when - first.at) / 1_000) * azures.perSecond);
          expect(sum).toBeLessThanOrEqual(allowed + 0.001);
        }
      }
    }),
  );
});

test('a thousand that come back as late as the operator does are all served, in about their order, without waste', () => {
  const quota = createQuota(writes, 0.8, start);
  const served = new Map<number, number>();
  const due = Array.from({ length: 1_000 }, (_, index) => ({ index, at: start + index }));
  const random = (index: number) => ((index * 7_919) % 1_000) / 1_000;
  let asked = 0;
  while (due.length > 0) {
    due.sort((a, b) => a.at - b.at);
    const next = due.shift();
    if (next === undefined) break;
    asked += 1;
    const turn = quota.ask(by(`${next.index}`), next.at);
    if (turn.kind === 'go') served.set(next.index, next.at - start);
    else due.push({ index: next.index, at: next.at + (turn.untilMs - next.at) * (1 + random(next.index) / 10) });
  }
  const ideal = ((1_000 - 80) / 8) * 1_000;
  for (const [index, ms] of served) expect(ms, `${index}`).toBeLessThan(Math.max(0, index - 80) * 125 * 1.1 + 2_000);
  expect(Math.max(...served.values())).toBeLessThan(ideal * 1.12);
  expect(asked).toBeLessThan(2_200);
});

const reads = { size: 250, perSecond: 25 };

/** One who asks, comes back when its turn is, up to a tenth of a second late, and asks anew `everyMs` after it went. */
interface Client extends Call {
  readonly firstMs: number;
  /** Undefined: it asks once. */
  readonly everyMs?: number;
}

/** Lets clients ask for so long; gives the times at which each went, and how long its calls waited at most. */
function served(quota: Quota, clients: readonly Client[], forMs: number) {
  const went = clients.map((): number[] => []);
  const longestMs = clients.map(() => 0);
  const slots = new Map<number, { readonly index: number; readonly sinceMs: number }[]>();
  const put = (index: number, atMs: number, sinceMs = atMs) => {
    const slot = Math.ceil(atMs / 10);
    slots.set(slot, [...(slots.get(slot) ?? []), { index, sinceMs }]);
  };
  for (const [index, { firstMs }] of clients.entries()) put(index, firstMs);
  for (let slot = 0; slot * 10 < forMs; slot++) {
    for (const { index, sinceMs } of slots.get(slot) ?? []) {
      const client = clients[index];
      if (client === undefined) continue;
      const nowMs = slot * 10;
      const turn = quota.ask(client, start + nowMs);
      longestMs[index] = Math.max(longestMs[index] ?? 0, nowMs - sinceMs);
      if (turn.kind === 'wait') put(index, turn.untilMs - start + ((index * 7) % 10) * 10, sinceMs);
      else {
        went[index]?.push(nowMs);
        if (client.everyMs !== undefined) put(index, nowMs + Math.max(client.everyMs, 10));
      }
    }
    slots.delete(slot);
  }
  return { went, longestMs };
}
const clientsOf = (urgency: Urgency, count: number, client: (index: number) => Partial<Client>): Client[] =>
  Array.from({ length: count }, (_, i) => ({ ...by(`${urgency} ${i}`, 1, urgency), firstMs: 0, ...client(i) }));

describe('an edit', () => {
  test('goes at once while ten thousand looks wait, and with it the other calls of its pass and its polls', () => {
    const looks = clientsOf('steady', 10_000, () => ({}));
    const edits = clientsOf('edited', 600, (i) => ({ firstMs: 2_000 + Math.floor(i / 6) * 1_000 }));
    const polls = clientsOf('moving', 200, (i) => ({ firstMs: 3_000 + i * 500 }));
    const { went, longestMs } = served(createQuota(reads, 0.8, start), [...edits, ...polls, ...looks], 120_000);
    expect(Math.max(...longestMs.slice(0, 600))).toBeLessThan(500);
    expect(Math.max(...longestMs.slice(600, 800))).toBeLessThan(1_000);
    expect(went.filter((times) => times.length > 0).length).toBeGreaterThan(2_400); // 20 a second, and nothing is lost
  });

  test('comes forward when its object had been waiting for a look', () => {
    const quota = createQuota(reads, 0.8, start);
    for (let i = 0; i < 5_000; i++) quota.ask(by(`look ${i}`, 1, 'steady'), start);
    expect(untilOf(quota.ask(by('mine', 1, 'steady'), at(1)))).toBeGreaterThan(at(200));
    expect(quota.ask(by('mine', 1, 'edited'), at(2))).toEqual({ kind: 'go', waitedMs: 1_000 });
  });
});

test('a look is served in the end, however many edits and polls there are', () => {
  const perSecond = fc.integer({ min: 0, max: 80 });
  fc.assert(
    fc.property(perSecond, perSecond, fc.integer({ min: 1, max: 2 }), (edits, polls, cost) => {
      const others = [
        ...clientsOf('edited', edits, (i) => ({ cost, firstMs: i * 7, everyMs: 1_000 })),
        ...clientsOf('moving', polls, (i) => ({ cost, firstMs: i * 7, everyMs: 1_000 })),
      ];
      const looks = clientsOf('steady', 150, () => ({}));
      const { went } = served(createQuota(reads, 0.8, start), [...others, ...looks], 100_000);
      const count = went.slice(others.length).filter((times) => times.length > 0).length;
      expect(count).toBeGreaterThanOrEqual((100 * 20) / 21 - 10);
    }),
    { numRuns: 8 },
  );
});

test('nobody is looked at twice while another waits for its turn, and all the budget is used', () => {
  const some = fc.record({ count: fc.integer({ min: 100, max: 1_200 }), edits: fc.integer({ min: 0, max: 5 }) });
  fc.assert(
    fc.property(some, ({ count, edits }) => {
      const everyMs = 30_000; // 600 fit into it
      const looks = clientsOf('steady', count, () => ({ everyMs }));
      const others = clientsOf('edited', edits, (i) => ({ firstMs: i * 77, everyMs: 3_000 }));
      const { went } = served(createQuota(reads, 0.8, start), [...looks, ...others], 600_000);
      const looked = went.slice(0, count).map((times) => times.length);
      expect(Math.max(...looked) - Math.min(...looked)).toBeLessThanOrEqual(1);
      const fits = 600 / Math.max(30, count / 20 + edits / 3);
      expect(Math.min(...looked)).toBeGreaterThan(fits * 0.9 - 1);
    }),
    { numRuns: 10 },
  );
});

test('says how long one more look would wait', () => {
  const quota = createQuota(reads, 0.8, start);
  expect(quota.lookWaitMs(start)).toBe(0);
  for (let i = 0; i < 6_080; i++) quota.ask(by(`look ${i}`, 1, 'steady'), start);
  expect(quota.lookWaitMs(start)).toBe(300_050); // behind 6,000, at 20 a second
});
