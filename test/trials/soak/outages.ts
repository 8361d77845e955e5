import { setTimeout as delay } from 'node:timers/promises';
import type { ApiserverFaults } from '../../sandbox/apiserver.ts';
import type { Chance } from './chance.ts';
import { type Findings, messageOf } from './findings.ts';

/** A time without an API server. */
export interface Outage {
  readonly kind: 'killed' | 'frozen';
  readonly from: number;
  /** The end of the outage; Infinity while it lasts. */
  to: number;
}

export interface Outages {
  readonly all: readonly Outage[];
  current(): Outage | undefined;
  /**
   * Takes the API server away and brings it back: frozen for seconds, which leaves the operator its lease, or by turns
   * killed and frozen so long that the lease may be lost.
   */
  one(how: 'gently' | 'hard', signal: AbortSignal): Promise<void>;
}

export function outagesOf(apiserver: ApiserverFaults, chance: Chance, findings: Findings): Outages {
  const all: Outage[] = [];
  let hard = 0;
  return {
    all,
    current: () => all.find(({ to }) => to === Number.POSITIVE_INFINITY),
    async one(how, signal) {
      const kind = how === 'hard' && (hard += 1) % 2 === 1 ? 'killed' : 'frozen';
      const outage: Outage = { kind, from: Date.now(), to: Number.POSITIVE_INFINITY };
      all.push(outage);
      const pause = ([least, most]: readonly [number, number]) =>
        delay(chance.whole(least, most), undefined, { signal }).catch(() => {});
      try {
        if (kind === 'killed') {
          await apiserver.kill();
          await pause([500, 6_000]);
          await apiserver.start();
        } else {
          apiserver.freeze();
          await pause(how === 'gently' ? [1_000, 5_000] : [6_000, 14_000]);
          apiserver.thaw();
        }
      } catch (error) {
        findings.add('the API server did not come back', messageOf(error));
      }
      outage.to = Date.now();
    },
  };
}

/** A time longer than any pass over one object, faults of Azure included. */
const passMs = 20_000;
/** The time until a watch that was cut is there again: its longest pause and the time to begin. */
const catchUpMs = 40_000;

/** How old the operator's knowledge of an object may have been, in milliseconds. */
export function slackMs(at: number, outages: readonly Outage[]): number {
  const began = outages.filter(({ from, to }) => from <= at && at <= to + catchUpMs).map(({ from }) => from);
  return at - Math.min(at, ...began) + passMs;
}
