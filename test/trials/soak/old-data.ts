import { setTimeout as delay } from 'node:timers/promises';
import type { EmulatorControl } from '../../sandbox/emulator/control.ts';
import type { GraphChange } from '../../sandbox/emulator/graph-settings.ts';
import type { Place } from './cast.ts';
import type { Chance } from './chance.ts';

const minute = 60_000;

/** Every so often another age of what Azure Resource Graph shows: of all registries or of one, drawn, or standing still. */
const ages = {
  'seconds old': (chance) => ({ ageMs: chance.whole(0, 30_000), frozen: false }),
  'each replica of another age': (chance) => ({ ageMs: 0, ageUpToMs: chance.whole(1, 10) * minute, frozen: false }),
  'minutes old': (chance) => ({ ageMs: chance.whole(1, 20) * minute, frozen: false }),
  'standing still': () => ({ frozen: true }),
} as const satisfies Record<string, (chance: Chance) => GraphChange>;
type Kind = keyof typeof ages;

export interface OldData {
  /** How often what was shown became so. */
  readonly counts: Readonly<Partial<Record<Kind, number>>>;
  /** Changes the age until `signal` aborts; then the data is seconds old again. */
  run(signal: AbortSignal): Promise<void>;
}

export function oldDataOf(control: EmulatorControl, places: readonly Place[], chance: Chance): OldData {
  const counts: Partial<Record<Kind, number>> = {};
  return {
    counts,
    async run(signal) {
      while (!signal.aborted) {
        const kind = chance.weighted<Kind>({
          'seconds old': 3,
          'each replica of another age': 3,
          'minutes old': 2,
          'standing still': 2,
        });
        const place = chance.maybe(0.5) ? chance.pick(places) : undefined;
        const registry = place === undefined ? {} : { registry: place.name };
        // The registry may just be gone.
        const isSet = await control.setResourceGraph({ ...ages[kind](chance), ...registry }).then(
          () => true,
          () => false,
        );
        if (isSet) counts[kind] = (counts[kind] ?? 0) + 1;
        await delay(chance.whole(5_000, 40_000), undefined, { signal }).catch(() => {});
      }
      await control.setResourceGraph({ ageMs: 2_000, frozen: false });
    },
  };
}
