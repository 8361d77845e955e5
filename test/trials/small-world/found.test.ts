import { describe, expect, test } from 'vitest';
import { regionOf } from '../../../src/domain/region.ts';
import { answers } from './answers.ts';
import { explore } from './explore.ts';
import { lost, omits, says, shows } from './faults.ts';
import { apply, hand, later, progress, remove } from './happenings.ts';
import { operator } from './operator.ts';
import { replay } from './replay.ts';
import { key, tiny } from './scope.ts';
import { type Action, dayMs, type Fault, objectOf, replicaIn, specOf, type World, worldOf } from './world.ts';

const tokyo = regionOf('japaneast');
const london = regionOf('uksouth');
const pass = (fault?: Fault): Action => ({ kind: 'pass', key, ...(fault === undefined ? {} : { fault }) });
const failing = (nth: number): Action => pass(says(nth, answers.timeout));
const unread = failing(0);
const nextDay = later(dayMs);
const tokyoGoes = (fate: 'well' | 'Failed' | 'vanish') => progress(tokyo, fate);

const wanted = worldOf([objectOf(specOf([tokyo]))], []);
const both = worldOf([objectOf(specOf([tokyo]))], [replicaIn(london, 'Succeeded', 'none')]);

/** Traces on which a property was once broken. */
const found: readonly { readonly name: string; readonly start: World; readonly trace: readonly Action[] }[] = [
  {
    name: 'a LIST that shows a missing region of the set does not let the old one go',
    start: both,
    trace: [pass(shows(replicaIn(tokyo, 'Succeeded', 'none')))],
  },
  {
    name: 'an object does not go while a replica of its own is left that neither LIST nor status shows',
    start: wanted,
    trace: [pass(lost(2)), tokyoGoes('well'), remove(key), pass(omits(tokyo))],
  },
  {
    name: 'an edit counts repairs anew although Azure cannot be read just then',
    start: wanted,
    trace: [
      ...[1, 2, 3, 4].flatMap(() => [pass(), tokyoGoes('Failed'), pass(), nextDay, pass(), tokyoGoes('well')]),
      apply(key, specOf([tokyo], { prune: 'None' })),
      unread,
    ],
  },
  {
    name: 'a repair that Azure did not answer leaves on record that the replica vanished',
    start: wanted,
    trace: [
      pass(),
      tokyoGoes('vanish'),
      pass(),
      nextDay,
      failing(1),
      ...[1, 2, 3, 4].flatMap(() => [pass(), pass(), tokyoGoes('vanish'), nextDay]),
      pass(),
    ],
  },
  {
    name: 'a replica that was renamed is not created over when a LIST leaves it out',
    start: worldOf([objectOf(specOf([tokyo]))], [replicaIn(tokyo, 'Succeeded', 'none', 'tokyo')]),
    trace: [pass(), hand(tokyo, replicaIn(tokyo, 'Failed', 'cluster')), pass(omits(tokyo))],
  },
  {
    name: 'a repair whose answer was lost counts, also when LIST still shows what it deleted',
    start: wanted,
    trace: [
      pass(),
      tokyoGoes('Failed'),
      pass(),
      pass(lost(2)),
      tokyoGoes('well'),
      pass(shows(replicaIn(tokyo, 'Failed', 'ours'))),
      ...[1, 2, 3, 4].flatMap(() => [pass(), tokyoGoes('vanish'), pass(), nextDay]),
    ],
  },
];

describe('in a small world', () => {
  for (const { name, start, trace } of found) {
    test(name, async () => expect((await replay(start, trace, operator)).violations).toEqual([]));
  }

  test('an object goes although the name of a region that it never got stands for a replica elsewhere', async () => {
    const start = worldOf([objectOf(specOf([tokyo]))], [replicaIn(london, 'Succeeded', 'alive', tokyo)]);
    const refused = pass(says(2, answers.timeout)); // the PUT
    const { world } = await replay(start, [refused, remove(key), pass(), pass()], operator);
    expect([...world.replicas.keys()].sort()).toEqual(['eastus', london]);
    expect(world.actors.size).toBe(0);
  });

  test('of one region and little else, the real pass breaks no property', async () => {
    const { violations, ...count } = await explore(tiny, operator);
    expect(violations).toEqual([]);
    expect(count.ends).toBeGreaterThan(5);
  });
});
