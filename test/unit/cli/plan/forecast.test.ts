import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RegistryReplication, Spec } from '../../../../src/api/registryreplication.ts';
import { type Doing, forecast, isChange, type Line } from '../../../../src/cli/plan/forecast.ts';
import { wantedOf } from '../../../../src/cli/plan/wanted.ts';
import { memoryOf } from '../../../../src/domain/memory.ts';
import type { Neighbours } from '../../../../src/domain/owners.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import { ownerTags, replicaStates } from '../../../../src/domain/replication.ts';
import { noon, registry, replica, resource } from '../../../support/builders.ts';
import { type MemoryWorld, memoryWorld } from '../../../support/memory-world.ts';
import type { Fate, Fault } from '../../../support/model-azure.ts';

const regions = ['eastus', 'japaneast', 'westeurope', 'uksouth', 'brazilsouth'].map(regionOf);
const others = regions.filter((region) => region !== registry().home);

const spec = fc.record({
  regions: fc.uniqueArray(
    fc.record(
      {
        location: fc.constantFrom(...regions),
        name: fc.constantFrom('own', 'own', 'own', 'uksouth'),
        routing: fc.constantFrom('Enabled' as const, 'Disabled' as const),
        tags: fc.constantFrom({}, { team: 'platform' }),
      },
      { requiredKeys: ['location'] },
    ),
    { minLength: 1, selector: ({ location }) => location },
  ),
  prune: fc.constantFrom('All' as const, 'Owned' as const, 'None' as const),
  mode: fc.constantFrom('Apply' as const, 'Apply' as const, 'Apply' as const, 'Observe' as const),
  suspend: fc.constantFrom(false, false, false, true),
  deletionPolicy: fc.constantFrom('Delete' as const, 'Delete' as const, 'Retain' as const),
  readyWhen: fc.constantFrom('Synced' as const, 'Provisioned' as const),
});

const found = fc.record({
  region: fc.constantFrom(...others),
  state: fc.constantFrom(...replicaStates),
  status: fc.constantFrom('Ready', 'Syncing', ''),
  routing: fc.constantFrom('Enabled' as const, 'Disabled' as const),
  tags: fc.constantFrom(
    {},
    { Team: 'old', keep: 'me' },
    ownerTags('test/platform/contoso'),
    ownerTags('test/platform/gone'),
    ownerTags('test/platform/another'),
    ownerTags('elsewhere/platform/contoso'),
  ),
});

const fault: Fault = {
  failure: { kind: 'terminal', reason: 'Rejected', code: 'BadRequest', message: 'No.' },
  lost: false,
};
const fates: readonly Fate[] = [
  'Failed',
  'vanish',
  'breaks',
  'updateFails',
  'updateReverts',
  'deleteFails',
  'deleteReverts',
];

/** What happens between two passes. */
const event = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('pass' as const) }) },
  fc.record({ kind: fc.constant('refused' as const) }),
  fc.record({ kind: fc.constant('wait' as const), minutes: fc.constantFrom(1, 6, 30) }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('apply' as const), spec }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('put' as const), found }) },
  fc.record({ kind: fc.constant('drop' as const), region: fc.constantFrom(...others) }),
  fc.record({
    kind: fc.constant('fate' as const),
    region: fc.constantFrom(...others),
    fate: fc.constantFrom(...fates),
  }),
  fc.record({ kind: fc.constant('recreate' as const), region: fc.constantFrom(...others) }),
  fc.record({ kind: fc.constant('delete' as const) }),
);
type Happening = typeof event extends fc.Arbitrary<infer T> ? T : never;

const another = resource(['japaneast'], {
  metadata: { name: 'another', uid: 'uid-2', creationTimestamp: '2026-09-10T10:30:00Z' },
});

describe('the plan of an object', () => {
  test('is what the next pass then does, call by call, whatever came before', { timeout: 120_000 }, async () => {
    const start = fc.record({
      spec,
      have: fc.uniqueArray(found, { selector: ({ region }) => region }),
      rival: fc.constantFrom(false, false, true),
      events: fc.array(event, { minLength: 6, maxLength: 20, size: 'max' }),
    });
    const met = { create: 0, delete: 0, update: 0 };
    await fc.assert(
      fc.asyncProperty(start, async ({ spec, have, rival, events }) => {
        const object = withSpec(spec);
        const world = memoryWorld(
          rival ? [object, another] : [object],
          have.map(({ region, ...rest }) => replica(region, rest)),
        );
        for (const happening of [...events, { kind: 'pass' } as const]) {
          await happen(world, happening);
          if (happening.kind !== 'pass' || world.get() === undefined) continue;
          const planned = await plannedIn(world);
          const done = await doneIn(world);
          for (const { kind } of done) met[kind] += 1;
          // What may wait until another replica is updated is done now, or is planned again.
          const isLate = ({ region, mayWaitFor }: Line) =>
            mayWaitFor.length > 0 && !done.some((call) => call.region === region);
          expect(texts(planned.filter((line) => !isLate(line)))).toEqual(texts(done));
        }
      }),
      { numRuns: 1_000 },
    );
    expect(Math.min(...Object.values(met))).toBeGreaterThan(100);
  });
});

describe('a drained region that leaves the set while another one is to come', () => {
  const locations = (...regions: readonly string[]) => regions.map((location) => ({ location }));

  async function planOf(prune: Spec['prune']): Promise<Line | undefined> {
    const until = new Date(noon.getTime() + 7_200_000).toISOString();
    const drains = [{ location: 'japaneast', until, reason: 'drill' }];
    const spec = { drains, ...(prune === undefined ? {} : { prune }) };
    const world = memoryWorld([withSpec({ ...spec, regions: locations('japaneast', 'uksouth') })], [replica('eastus')]);
    for (let passes = 0; passes < 12; passes += 1) {
      await world.pass();
      world.advance(60_000);
    }
    expect(world.azure.replicas.get(regionOf('japaneast'))?.routing).toBe('Disabled');
    world.apply(withSpec({ ...spec, regions: locations('brazilsouth', 'uksouth') }));
    return (await plannedIn(world)).find(({ region }) => region === 'japaneast');
  }

  test('is put back, and told to be deleted once all are ready', async () => {
    expect(await planOf('All')).toMatchObject({
      kind: 'update',
      settings: [{ name: 'routing', from: 'Disabled', to: 'Enabled' }],
      why: 'its drain is over; it is deleted once every wanted region is ready',
      would: 'delete',
      comes: true,
    });
  });

  test('is only put back where nothing is deleted', async () => {
    expect(await planOf('None')).toMatchObject({ kind: 'update', why: 'its drain is over', would: undefined });
  });
});

function withSpec({ regions, ...changes }: Partial<Spec> & Pick<Spec, 'regions'>): RegistryReplication {
  const named = regions.map((wish) => (wish.name === 'own' ? { ...wish, name: `own${wish.location}` } : wish));
  return resource([], { spec: { ...changes, regions: named } });
}

async function happen(world: MemoryWorld, happening: Happening): Promise<void> {
  switch (happening.kind) {
    case 'pass':
      return;
    case 'refused':
      world.azure.faults.push(undefined, undefined, fault);
      await world.pass();
      world.azure.faults.length = 0;
      return;
    case 'wait':
      world.advance(happening.minutes * 60_000);
      return;
    case 'apply':
      if (world.get() !== undefined) world.apply(withSpec(happening.spec));
      return;
    case 'put':
      world.azure.put(replica(happening.found.region, { ...happening.found, name: freeName(world, happening.found) }));
      return;
    case 'drop':
      world.azure.drop(happening.region);
      return;
    case 'fate':
      world.azure.fates.set(happening.region, [happening.fate]);
      return;
    case 'recreate':
      world.annotate({ 'acr-replication.dev/recreate': happening.region });
      return;
    case 'delete':
      world.delete();
  }
}

/** Azure has no two replicas of one name. */
function freeName({ azure }: MemoryWorld, { region }: { readonly region: string }): string {
  const isTaken = [...azure.replicas.values()].some((one) => one.name === region && one.region !== region);
  return isTaken ? `other${region}` : region;
}

/** What is planned now. */
async function plannedIn(world: MemoryWorld): Promise<readonly (Line & Done)[]> {
  const object = world.get();
  if (object === undefined) return [];
  const neighbours: Neighbours = {
    clusterName: 'test',
    subscriptionId: undefined,
    get: (key) => world.store.get(key),
    namesakes: () => [...world.store.list()],
    seesAllOf: (namespace) => namespace !== 'unseen',
  };
  const memory = memoryOf(object);
  const wanted = wantedIn(object, neighbours);
  if (wanted === undefined) return [];
  const { desired, stop } = wanted;
  const actual = await world.azure.observe(desired.registry, undefined, AbortSignal.abort());
  if (!actual.ok) throw new Error('a fault was left');
  const known = { memory, neighbours, now: world.now() };
  const lines = forecast(object, { desired, actual: actual.value }, known, stop);
  return lines.filter(isChange);
}

/** What is wanted; undefined when the spec would be refused. */
function wantedIn(object: RegistryReplication, neighbours: Neighbours): ReturnType<typeof wantedOf> | undefined {
  try {
    return wantedOf(object, memoryOf(object), neighbours);
  } catch (error) {
    expect(String(error)).toContain('InvalidSpec');
    return undefined;
  }
}

interface Done {
  readonly kind: Doing;
  readonly region: string | undefined;
}

function texts(done: readonly Done[]): readonly string[] {
  return done.map(({ kind, region }) => `${kind} ${region}`).sort();
}

/** The writes of the next pass. */
async function doneIn(world: MemoryWorld): Promise<readonly Done[]> {
  const { azure } = world;
  const before = new Map([...azure.replicas].map(([region, { name }]) => [name, region]));
  const done: Done[] = [];
  const note = (kind: Doing, region: string | undefined) => done.push({ kind, region });
  const usual = { ...azure };
  azure.create = (ref, made, signal) => {
    note([...before.values()].includes(made.region) ? 'update' : 'create', made.region);
    return usual.create(ref, made, signal);
  };
  azure.update = (ref, name, change, signal) => {
    note('update', before.get(name));
    return usual.update(ref, name, change, signal);
  };
  azure.remove = (ref, name, signal) => {
    note('delete', before.get(name));
    return usual.remove(ref, name, signal);
  };
  await world.pass();
  azure.create = (...call) => usual.create(...call);
  azure.update = (...call) => usual.update(...call);
  azure.remove = (...call) => usual.remove(...call);
  return done;
}
