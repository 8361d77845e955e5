import { describe, expect, test } from 'vitest';
import { type Failure, failed } from '../../../../src/domain/failure.ts';
import { replica, resource } from '../../../support/builders.ts';
import { type MemoryWorld, memoryWorld } from '../../../support/memory-world.ts';
import { failureBy } from './answered.ts';
import { type Answer, answers } from './answers.ts';

const minuteMs = 60_000;
const settlingMs = 5 * minuteMs;
const busyMs = 10 * minuteMs;
const wholeMs = 20 * minuteMs;
/** Waits that are as long as the interval may be a twentieth shorter. */
const intervalMs = 5 * minuteMs;

type Refusing = () => Promise<{ readonly ok: false; readonly failure: Failure }>;

/** The calls that a pass makes, each with a world in which the next pass makes it. */
const calls: Readonly<Record<string, (refusing: Refusing) => MemoryWorld>> = {
  LIST: (refusing) => {
    const world = memoryWorld([resource(['japaneast'])]);
    world.azure.observe = refusing;
    return world;
  },
  GET: (refusing) => {
    const world = memoryWorld([resource(['japaneast'])]);
    world.azure.get = refusing;
    return world;
  },
  PUT: (refusing) => {
    const world = memoryWorld([resource(['japaneast'])]);
    world.azure.create = refusing;
    return world;
  },
  PATCH: (refusing) => {
    const world = memoryWorld([resource(['japaneast'], { spec: { tags: { team: 'a' } } })], [replica('japaneast')]);
    world.azure.update = refusing;
    return world;
  },
  DELETE: (refusing) => {
    const tags = { 'acr-replication-owner': 'test/platform/contoso' };
    const world = memoryWorld([resource(['eastus'])], [replica('japaneast', { tags })]);
    world.azure.remove = refusing;
    return world;
  },
};

interface Course {
  /** When it began, since 1970; the other moments are counted from it. */
  readonly startMs: number;
  /** What the object says after each pass, and when. */
  readonly told: readonly { readonly atMs: number; readonly text: string }[];
  /** When the call was made. */
  readonly triesMs: readonly number[];
}

/** A registry that is Ready and cannot be read any more. */
async function unreadable(refusing: Refusing): Promise<MemoryWorld> {
  const world = memoryWorld([resource(['japaneast'])]);
  await world.passUntil(() => world.get()?.status?.phase === 'Ready');
  world.azure.observe = refusing;
  return world;
}

/** Twenty minutes in which a call gets the same answer each time. */
async function courseOf(
  answer: Answer,
  worldOf: (refusing: Refusing) => MemoryWorld | Promise<MemoryWorld>,
): Promise<Course> {
  let atMs = 0;
  const triesMs: number[] = [];
  const told: { atMs: number; text: string }[] = [];
  const world = await worldOf(async () => {
    triesMs.push(atMs);
    return failed(failureBy(answer, world.now()));
  });
  const startMs = world.now().getTime();
  while (atMs <= wholeMs) {
    const next = await world.pass();
    told.push({ atMs, text: saidBy(world) });
    if (next.kind !== 'look') throw new Error('the object was given up');
    atMs += next.inMs;
  }
  return { startMs, told, triesMs };
}

/** "Stalled Forbidden", or "Reconciling Retrying". */
function saidBy(world: MemoryWorld): string {
  const conditions = world.get()?.status?.conditions ?? [];
  const ready = conditions.find(({ type }) => type === 'Ready');
  const abnormal = conditions.filter(({ type }) => type !== 'Ready').map(({ type }) => type);
  return `${abnormal.join()} ${ready?.reason}`;
}

/** What docs/troubleshooting.md says of an answer that has been the same for so long. */
function pageSays({ then }: Answer, lastsMs: number): string {
  if (then.settles === true && lastsMs < settlingMs) return 'Reconciling Retrying';
  if (then.busy === true && lastsMs >= busyMs) return 'Stalled Rejected';
  return `${then.stalled ? 'Stalled' : 'Reconciling'} ${then.reason}`;
}

/** The shortest and the longest time that the page allows between two tries, the later one after so long. */
function pausesAllowed({ then }: Answer, lastsMs: number): readonly [shortestMs: number, longestMs: number] {
  const asked = (then.waitsSeconds ?? 0) * 1_000;
  switch (then.pace) {
    case 'throttled':
    case 'soon':
      return [asked, Math.max(minuteMs, asked)];
    case 'terminal':
      return [0.95 * intervalMs, intervalMs];
    case 'slow':
      if (then.settles === true && lastsMs <= settlingMs) return [0, minuteMs];
      return [lastsMs > busyMs ? 2 * minuteMs : 0, intervalMs];
  }
}

describe('an answer that stays the same is told, and tried again, as docs/troubleshooting.md says', () => {
  for (const [call, worldOf] of Object.entries(calls)) {
    for (const answer of answers) {
      test(`${call}: ${answer.name}`, async () => {
        const { told, triesMs } = await courseOf(answer, worldOf);
        expect(told).toEqual(told.map(({ atMs }) => ({ atMs, text: pageSays(answer, atMs) })));
        for (const [i, atMs] of triesMs.entries()) {
          if (i === 0) continue;
          const [shortest, longest] = pausesAllowed(answer, atMs);
          const pauseMs = atMs - (triesMs[i - 1] ?? 0);
          expect([atMs, pauseMs >= shortest, pauseMs <= longest, pauseMs]).toEqual([atMs, true, true, pauseMs]);
        }
      });
    }
  }
});

describe('a Ready registry that cannot be read stays Ready for half a minute at most, then it is told as on the page', () => {
  for (const answer of answers) {
    test(answer.name, async () => {
      const { startMs, told } = await courseOf(answer, unreadable);
      const ready = told.filter(({ text }) => text === ' InSync');
      const rest = told.slice(ready.length);
      const beginMs = rest[0]?.atMs ?? Number.NaN;
      expect(beginMs).toBeLessThanOrEqual(Math.max(30_000, 3_000 * (answer.then.waitsSeconds ?? 0)));
      // Status has whole seconds: what begins within one counts from its beginning.
      const sinceMs = Math.floor((startMs + beginMs) / 1_000) * 1_000 - startMs;
      expect(rest).toEqual(rest.map(({ atMs }) => ({ atMs, text: pageSays(answer, atMs - sinceMs) })));
    });
  }
});
