import { describe, expect, test } from 'vitest';
import { reconcile } from '../../../src/controller/reconcile.ts';
import { regionOf } from '../../../src/domain/region.ts';
import { explore } from './explore.ts';
import { replay } from './replay.ts';
import { key, soon, tiny } from './scope.ts';
import { type Action, dayMs, type Fault, objectOf, replicaIn, specOf, type World, worldOf } from './world.ts';

const tokyo = regionOf('japaneast');
const london = regionOf('uksouth');
const pass = (fault?: Fault): Action => ({ kind: 'pass', key, ...(fault === undefined ? {} : { fault }) });
const lost = (nth: number): Action => pass({ kind: 'call', nth, failure: soon, lost: true });
const failing = (nth: number): Action => pass({ kind: 'call', nth, failure: soon, lost: false });
const unread = failing(0);
const later: Action = { kind: 'later', ms: dayMs };
const progress = (fate: 'well' | 'Failed' | 'vanish'): Action => ({ kind: 'progress', region: tokyo, fate });

const wanted = worldOf([objectOf(specOf([tokyo]))], []);
const both = worldOf([objectOf(specOf([tokyo]))], [replicaIn(london, 'Succeeded', 'none')]);

/** Traces on which a property was once broken. */
const found: readonly { readonly name: string; readonly start: World; readonly trace: readonly Action[] }[] = [
  {
    name: 'a LIST that shows a missing region of the set does not let the old one go',
    start: both,
    trace: [pass({ kind: 'stale', replica: replicaIn(tokyo, 'Succeeded', 'none') })],
  },
  {
    name: 'an object does not go while a replica of its own is left that neither LIST nor status shows',
    start: wanted,
    trace: [lost(1), progress('well'), { kind: 'delete', key }, pass({ kind: 'omit', region: tokyo })],
  },
  {
    name: 'an edit counts repairs anew although Azure cannot be read just then',
    start: wanted,
    trace: [
      ...[1, 2, 3, 4].flatMap(() => [pass(), progress('Failed'), pass(), later, pass(), progress('well')]),
      { kind: 'apply', key, spec: specOf([tokyo], { prune: 'None' }) },
      unread,
    ],
  },
  {
    name: 'a repair that Azure did not answer leaves on record that the replica vanished',
    start: wanted,
    trace: [
      pass(),
      progress('vanish'),
      pass(),
      later,
      failing(1),
      ...[1, 2, 3, 4].flatMap(() => [pass(), pass(), progress('vanish'), later]),
      pass(),
    ],
  },
  {
    name: 'a replica that was renamed is not created over when a LIST leaves it out',
    start: worldOf([objectOf(specOf([tokyo]))], [replicaIn(tokyo, 'Succeeded', 'none', 'tokyo')]),
    trace: [
      pass(),
      { kind: 'hand', region: tokyo, replica: replicaIn(tokyo, 'Failed', 'cluster') },
      pass({ kind: 'omit', region: tokyo }),
    ],
  },
  {
    name: 'a repair whose answer was lost counts, also when LIST still shows what it deleted',
    start: wanted,
    trace: [
      pass(),
      progress('Failed'),
      pass(),
      lost(2),
      progress('well'),
      pass({ kind: 'stale', replica: replicaIn(tokyo, 'Failed', 'ours') }),
      ...[1, 2, 3, 4].flatMap(() => [pass(), progress('vanish'), pass(), later]),
    ],
  },
];

describe('in a small world', () => {
  for (const { name, start, trace } of found) {
    test(name, async () => expect((await replay(start, trace, reconcile)).violation).toBeUndefined());
  }

  test('an object goes although the name of a region that it never got stands for a replica elsewhere', async () => {
    const start = worldOf([objectOf(specOf([tokyo]))], [replicaIn(london, 'Succeeded', 'alive', tokyo)]);
    const { world } = await replay(start, [pass(), { kind: 'delete', key }, pass(), pass()], reconcile);
    expect(world.actors.size).toBe(0);
  });

  test('of one region and little else, the real pass breaks no property', async () => {
    const { violation, ...count } = await explore(tiny, reconcile);
    expect(violation).toBeUndefined();
    expect(count.ends).toBeGreaterThan(5);
  });
});
