import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Failure } from '../../../src/domain/failure.ts';
import { type Region, regionOf } from '../../../src/domain/region.ts';
import { mergeTags, replicaStates } from '../../../src/domain/replication.ts';
import { registry, replica, resource } from '../../support/builders.ts';
import { memoryWorld } from '../../support/memory-world.ts';
import type { Fault } from '../../support/model-azure.ts';

const regions = ['eastus', 'japaneast', 'westeurope', 'uksouth', 'brazilsouth'].map(regionOf);
const others = regions.filter((r) => r !== registry().home);

const failures: readonly Failure[] = [
  { kind: 'throttled', until: undefined, reason: 'Throttled', code: '429', message: 'Too many requests.' },
  { kind: 'retryable', pace: 'soon', reason: 'Retrying', code: '500', message: 'Azure has an internal error.' },
  { kind: 'retryable', pace: 'slow', reason: 'Locked', code: 'ScopeLocked', message: 'The registry is locked.' },
  { kind: 'terminal', reason: 'Rejected', code: 'BadRequest', message: 'No.' },
];

const fault: fc.Arbitrary<Fault | undefined> = fc.option(
  fc.record({ failure: fc.constantFrom(...failures), lost: fc.boolean() }),
  { nil: undefined, freq: 2 },
);

const start = fc.record({
  want: fc.uniqueArray(fc.constantFrom(...regions), { minLength: 1 }),
  prune: fc.constantFrom('All', 'Owned', 'None'),
  routing: fc.constantFrom(undefined, 'Enabled', 'Disabled'),
  tags: fc.constantFrom({}, { team: 'platform' }),
  have: fc.uniqueArray(
    fc.record({
      region: fc.constantFrom(...others),
      state: fc.constantFrom(...replicaStates),
      routing: fc.constantFrom('Enabled', 'Disabled'),
      tags: fc.constantFrom({}, { Team: 'old', keep: 'me' }),
    }),
    {
      selector: (r) => r.region,
    },
  ),
  faults: fc.array(fault, { maxLength: 30 }),
  // Two ruined creations each: one repair fewer than would exhaust them.
  fates: fc.array(fc.tuple(fc.constantFrom(...others), fc.constantFrom('Failed' as const, 'vanish' as const)), {
    maxLength: 2,
  }),
  meddling: fc.array(
    fc.record({ region: fc.constantFrom(...others), drop: fc.boolean(), afterPass: fc.nat({ max: 20 }) }),
    { maxLength: 5 },
  ),
});

test('from any start, whatever failed meanwhile, Azure comes to have the wanted set as wanted, and then nothing is written', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(start, async ({ want, prune, routing, tags, have, faults, fates, meddling }) => {
      const object = resource([], {
        spec: {
          prune,
          tags,
          regions: want.map((location) => ({ location, ...(routing === undefined ? {} : { routing }) })),
        },
      });
      const world = memoryWorld(
        [object],
        have.map(({ region, ...rest }) => replica(region, rest)),
      );
      world.azure.faults.push(...faults);
      for (const [region, fate] of fates) {
        world.azure.fates.set(region, [...(world.azure.fates.get(region) ?? []), fate]);
      }
      for (let pass = 0; pass <= 20 || world.azure.faults.length > 0; pass += 1) {
        await world.pass();
        for (const { region, drop } of meddling.filter((m) => m.afterPass === pass)) {
          if (drop) world.azure.drop(region);
          else world.azure.put(replica(region));
        }
      }
      // What Azure was busy with for somebody else comes to an end by itself.
      for (const [region, { state, name }] of world.azure.replicas) {
        if (state === 'Deleting') world.azure.drop(region);
        else if (state !== 'Succeeded' && state !== 'Failed' && state !== 'Canceled')
          world.azure.put(replica(region, { name }));
      }

      await world.pass();
      // Three ruined creations of one region end in RepairExhausted, and only there a person is needed.
      const phase = () => world.get()?.status?.phase;
      let settled = await world.passUntil(() => phase() === 'Ready' || phase() === 'Failed', 200);
      for (let edit = 0; edit < 3 && phase() === 'Failed'; edit += 1) {
        world.apply(object);
        settled = await world.passUntil(() => phase() === 'Ready' || phase() === 'Failed', 200);
      }
      expect(settled && phase() === 'Ready', JSON.stringify(world.get()?.status, null, 1)).toBe(true);
      const home: Region = registry().home;
      const wanted = want.filter((r) => r !== home);
      const surplus = [...world.azure.replicas.keys()].filter((r) => r !== home && !wanted.includes(r));
      if (prune === 'All') expect(surplus).toEqual([]);
      for (const region of wanted) {
        const made = world.azure.replicas.get(region);
        expect(made?.state).toBe('Succeeded');
        if (routing !== undefined) expect(made?.routing).toBe(routing);
        expect(mergeTags(made?.tags ?? {}, tags)).toBe(made?.tags);
      }
      // None deletes only to repair, and then makes anew: what nobody listed is never touched.
      if (prune === 'None') {
        const dropped = new Set(meddling.map((m) => m.region));
        const theirs = have.filter((r) => !want.includes(r.region) && !dropped.has(r.region) && r.state !== 'Deleting');
        expect(surplus).toEqual(expect.arrayContaining(theirs.map((r) => r.region)));
      }

      world.advance(30 * 60_000); // so long what was repaired or changed must have been well
      await world.pass();
      const before = { ...world.azure.calls, writes: world.writes(), events: world.events.length };
      for (let pass = 0; pass < 3; pass += 1) await world.pass();
      // In a steady state an interval costs one LIST and not one write, and nothing is told.
      const after = { ...world.azure.calls, writes: world.writes(), events: world.events.length };
      expect(after).toEqual({ ...before, LIST: before.LIST + 3 });
    }),
    { numRuns: 500 },
  );
});
