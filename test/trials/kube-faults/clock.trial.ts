import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { lifeIn, type Trouble, trouble } from '../../support/kube-trouble.ts';
import type { Lifetime } from '../../support/operator-world.ts';

const oddClock = fileURLToPath(new URL('../../support/odd-clock.ts', import.meta.url));
const hourMs = 3_600_000;

/**
 * Environment of operators whose wall clock is wrong by so much, and whose timers are right; `set` changes by how much.
 */
async function wrongClock({ onTestFinished }: Lifetime, shiftMs: number) {
  const dir = await mkdtemp(join(tmpdir(), 'odd-clock-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const file = join(dir, 'shift');
  const set = (ms: number): Promise<void> => writeFile(file, String(ms));
  await set(shiftMs);
  return { set, env: { NODE_OPTIONS: `--import=${oddClock}`, ODD_CLOCK_FILE: file } };
}

async function signIns({ azure }: Trouble): Promise<number> {
  return (await azure.control.journal()).filter(({ kind }) => kind === 'token').length;
}

/** How far the operator's clock was from ours when it wrote the last line of its log. */
function shownShiftMs({ operator }: Trouble): number {
  return Date.parse(operator.log().at(-1)?.timestamp ?? '') - Date.now();
}

describe.concurrent("the operator's clock is wrong by an hour", () => {
  for (const [how, shiftMs] of [
    ['ahead', hourMs],
    ['behind', -hourMs],
  ] as const) {
    test(`${how}: everything is done, once, with no more tokens than else`, async (t) => {
      const { env } = await wrongClock(t, shiftMs);
      const world = await trouble(t, { env });
      const life = await lifeIn(world);
      await life.begin();
      await life.upset();
      await life.untilTrue();
      expect(Math.abs(shownShiftMs(world) - shiftMs)).toBeLessThan(hourMs / 2);
      expect(await signIns(world)).toBeLessThanOrEqual(2);
      await world.untilSound();
    });

    test(`${how} from one moment to the next: everything is done, once`, async (t) => {
      const clock = await wrongClock(t, 0);
      const world = await trouble(t, { env: clock.env });
      const life = await lifeIn(world);
      await life.begin();
      await clock.set(shiftMs);
      await life.upset();
      await life.untilTrue();
      expect(Math.abs(shownShiftMs(world) - shiftMs)).toBeLessThan(hourMs / 2);
      expect(await signIns(world)).toBeLessThanOrEqual(4);
      await world.untilSound();
    });

    test(`${how}, and its successor's is right: what the one began the other ends`, async (t) => {
      const { env } = await wrongClock(t, shiftMs);
      const world = await trouble(t, { env });
      const life = await lifeIn(world);
      await life.begin();
      await life.upset();
      await world.operator.kill();
      const next = await world.start();
      await life.untilTrue();
      expect(next.log().filter(({ message }) => /unhandled|failed/.test(message))).toEqual([]);
    });

    test(`${how} from one moment to the next while Azure asks for a pause of seconds: it does not become an hour`, async (t) => {
      const clock = await wrongClock(t, 0);
      const world = await trouble(t, { env: clock.env });
      const life = await lifeIn(world);
      await life.begin();
      await world.azure.control.addFault({
        match: { registry: 'keeps', verb: 'LIST' },
        effect: { kind: 'throttle', retryAfterSeconds: 5 },
        times: 1,
      });
      await life.upset();
      await t.expect
        .poll(async () => (await world.azure.control.journal()).some(({ status }) => status === 429), {
          timeout: 30_000,
        })
        .toBe(true);
      await clock.set(shiftMs);
      await life.untilTrue();
      await world.untilSound();
    });
  }
});
