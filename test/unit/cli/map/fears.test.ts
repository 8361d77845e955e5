import { describe, expect, test } from 'vitest';
import type { Spec } from '../../../../src/api/registryreplication.ts';
import { fearsOf } from '../../../../src/cli/map/fears.ts';
import type { Line } from '../../../../src/cli/plan/forecast.ts';
import { differenceOf, quoted } from '../../../../src/cli/plan/money.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import type { Replica } from '../../../../src/domain/replication.ts';
import { actual, entry, replica, resource } from '../../../support/builders.ts';

function line(kind: Line['kind'], region: string, more: Partial<Line> = {}): Line {
  const nothing = { name: region, settings: [], why: '', would: undefined, comes: false, until: undefined } as const;
  return { ...nothing, kind, region: regionOf(region), again: false, mayWaitFor: [], ...more };
}

/** What status tells of the replicas that there are; a test changes some of it. */
function fears(
  lines: readonly Line[],
  replicas: readonly Replica[],
  entries = replicas.map(({ region }) => entry(region)),
  spec: Partial<Spec> = {},
) {
  const object = resource([], { spec, status: { replicas: entries } });
  return fearsOf({ object, lines, actual: actual(...replicas), bill: differenceOf(lines, quoted), price: quoted });
}

const [home, japan, uk] = [replica('eastus'), replica('japaneast'), replica('uksouth')];
const until = '2026-12-01T06:00:00Z';
const off = { routing: 'Disabled' } as const;
const images = expect.stringMatching(
  /^japaneast has images that are deleted with the replica: added again, every image/,
);

describe('there is nothing to fear', () => {
  test('where all stays', () => expect(fears([line('keep', 'japaneast')], [home, japan])).toEqual([]));
  test('where a replica is deleted to be made anew, which the plan says', () =>
    expect(fears([line('delete', 'japaneast', { again: true })], [home, japan])).toEqual([]));
  test('where what is held does not come by itself', () =>
    expect(fears([line('held', 'japaneast', { would: 'delete' })], [home, japan])).toEqual([]));
});

describe('there is to fear', () => {
  test('that images are gone', () => {
    expect(fears([line('delete', 'japaneast')], [home, japan, uk])).toEqual([images]);
  });

  test.each([
    ['is suspended', { suspend: true }],
    ['is in mode Observe', { mode: 'Observe' }],
  ] as const)('that images are gone as soon as the object no longer %s', (rests, spec) => {
    const held = line('held', 'japaneast', { would: 'delete', why: 'of that' });
    const said = `japaneast is not deleted while the object ${rests}, and would be once that is over.`;
    expect(fears([held], [home, japan, uk], undefined, spec)).toEqual([images, said]);
    expect(fears([line('held', 'japaneast', { would: 'update' })], [home, japan], undefined, spec)).toEqual([]);
  });

  test('nothing of images where there never were any', () => {
    const { provisionedTime: _, ...fresh } = entry('japaneast', { provisioningState: 'Creating' });
    const creating = replica('japaneast', { state: 'Creating' });
    expect(fears([line('delete', 'japaneast')], [home, uk, creating], [fresh])).toEqual([]);
  });

  test.each(['Adopted', 'Unlisted'] as const)('that somebody else relies on a replica: %s', (managed) => {
    expect(fears([line('delete', 'japaneast')], [home, japan, uk], [entry('japaneast', { managed })])).toEqual([
      'japaneast: this replica was not made by this object but found in Azure. Whoever made it may rely on it.',
      images,
    ]);
  });

  test('that one region alone is left to pull from', () => {
    expect(fears([line('delete', 'japaneast')], [home, japan])[0]).toBe(
      'Pulls are then sent to eastus only: if it is sick, nothing else takes its place.',
    );
  });

  test('that no region is left to pull from', () => {
    expect(fears([line('delete', 'japaneast')], [replica('eastus', off), japan, replica('uksouth', off)])[0]).toBe(
      'japaneast is the last that pulls are sent to: without, no pull from contoso.azurecr.io works.',
    );
  });

  const drained = (location: string, spec: Partial<Spec> = {}) =>
    [
      [entry('eastus', { managed: 'Home' }), entry(location, { ...off, drained: { until, before: 'Enabled' } })],
      { drains: [{ location, until, reason: 'drill' }], ...spec },
    ] satisfies [unknown, Partial<Spec>];

  test('that a drain yields when the last region that is not drained goes', () => {
    const uk = replica('uksouth', off);
    expect(fears([line('delete', 'japaneast')], [replica('eastus', off), japan, uk], ...drained('uksouth'))[0]).toBe(
      'japaneast is the last that pulls are sent to: without, the drain of uksouth cannot go on, and pulls are sent there again.',
    );
    const stated = { regions: [{ location: 'uksouth', ...off }] };
    expect(
      fears([line('delete', 'japaneast')], [replica('eastus', off), japan, uk], ...drained('uksouth', stated))[0],
    ).toMatch(/without, no pull from contoso\.azurecr\.io works/);
  });

  test('that a drain of a region that goes does nothing', () => {
    const said = fears([line('delete', 'japaneast')], [home, uk, replica('japaneast', off)], ...drained('japaneast'));
    expect(said[0]).toBe(
      `japaneast is drained until ${until}: a drain of a region outside the set does nothing. End it, too.`,
    );
  });

  test('nothing for pulls where the replica gets none', () => {
    expect(fears([line('delete', 'japaneast')], [home, replica('japaneast', off)])).toEqual([images]);
  });

  test('what it costs, all in all', () => {
    expect(fears([line('create', 'japaneast'), line('create', 'uksouth')], [home])).toEqual([
      'It costs 101.41 USD more a month.',
    ]);
    expect(fears([line('create', 'westeurope'), line('delete', 'japaneast')], [home, japan, uk])).toEqual([images]);
  });

  test('that a deletion waits for what is not ready', () => {
    const held = line('held', 'japaneast', {
      would: 'delete',
      comes: true,
      why: 'not every wanted region is ready: uksouth (Syncing)',
    });
    expect(fears([held], [home, japan, uk])).toEqual([
      images,
      'japaneast is not deleted at once, because not every wanted region is ready: uksouth (Syncing).',
    ]);
  });
});
