import type { RegistryReplication, Spec } from '../../../src/api/registryreplication.ts';
import type { Key } from '../../../src/domain/key.ts';
import { type Region, regionOf } from '../../../src/domain/region.ts';
import { ownerTags, type Replica } from '../../../src/domain/replication.ts';
import { replica, resource } from '../../support/builders.ts';
import type { Fate } from '../../support/model-azure.ts';
import type { Outside, Stage } from './run.ts';

/** What people and Azure do while processes die. */
export interface Scenario {
  readonly name: string;
  /** The replicas that Azure has before anything else. */
  readonly replicas?: readonly Replica[];
  /** Stages that are reached in peace, one after another; the crashes begin after them. */
  readonly before?: readonly Stage[];
  readonly stages: readonly Stage[];
  /** What becomes of replicas that Azure cannot make. */
  readonly fails?: 'Failed' | 'vanish';
  /** Reads do not show at once what was made: who sees an old status makes it again. */
  readonly hides?: true;
}

const tokyo = regionOf('japaneast');
const platform = 'platform/contoso' as Key;
const three = ['brazilsouth', 'japaneast', 'westeurope'];

const applied = (regions: readonly string[], spec: Partial<Spec> = {}): Stage => ({
  change: ({ cluster }) => cluster.apply(resource(regions, { spec })),
});
const deleted: Stage = { change: ({ cluster }) => cluster.delete(platform) };
const fated = (stage: Stage, fates: readonly Fate[]): Stage => ({
  change: (outside) => {
    outside.azure.fates.set(tokyo, [...fates]);
    stage.change(outside);
  },
});
const once = (when: (outside: Outside) => boolean, { change }: Stage): Stage => ({ when, change });
const meddled = (change: (azure: Outside['azure']) => void): Stage => ({ change: ({ azure }) => change(azure) });
const tokyoIs = (state: Replica['state']) => (outside: Outside) => outside.azure.replicas.get(tokyo)?.state === state;
const ownedBy = (region: string, owner: string): Replica => replica(region, { tags: ownerTags(owner) });

const younger: RegistryReplication = {
  ...resource(['uksouth', 'westeurope']),
  metadata: { ...resource([]).metadata, name: 'younger', uid: 'uid-2', creationTimestamp: '2026-09-10T11:30:00Z' },
};
const youngerApplied: Stage = { change: ({ cluster }) => cluster.apply(younger) };
const failed = (region: string): Replica => replica(region, { state: 'Failed', status: '' });

const two = ['japaneast', 'uksouth'];
/** What comes before the stages takes two hours. */
const untilThree = '2026-09-10T15:00:00Z';
const untilOctober = '2026-10-01T12:00:00Z';
const drains = (until: string, ...regions: readonly string[]): Partial<Spec> => ({
  interval: '1h',
  drains: regions.map((location) => ({ location, until, reason: 'drill' })),
});

const drainScenarios: readonly Scenario[] = [
  {
    name: 'a drain, and its end',
    before: [applied(two)],
    stages: [applied(two, drains(untilThree, 'japaneast'))],
  },
  {
    name: 'a drain of what is out of routing already, and its end',
    before: [
      applied(two),
      meddled((azure) => {
        const there = azure.replicas.get(tokyo);
        if (there !== undefined) azure.put({ ...there, routing: 'Disabled' });
      }),
    ],
    stages: [applied(two, drains(untilThree, 'japaneast'))],
  },
  {
    name: 'two drains, one of home, and their end',
    before: [applied(two)],
    stages: [applied(two, drains(untilThree, 'eastus', 'japaneast'))],
  },
  {
    name: 'a drain whose entry is removed',
    before: [applied(two), applied(two, drains(untilOctober, 'japaneast'))],
    stages: [applied(two, { interval: '1h' })],
  },
  {
    name: 'a drain of home, and the object is deleted',
    before: [applied(two), applied(two, drains(untilOctober, 'eastus'))],
    stages: [deleted],
  },
];

export const scenarios: readonly Scenario[] = [
  { name: 'create three regions', stages: [applied(three)] },
  { name: 'create, with a region of the set at home', stages: [applied(['eastus', 'japaneast'])] },
  { name: 'create with Retain', stages: [applied(['japaneast', 'uksouth'], { deletionPolicy: 'Retain' })] },
  { name: 'edit: two regions more', before: [applied(['japaneast'])], stages: [applied(three)] },
  { name: 'edit: one region less', before: [applied(three)], stages: [applied(['brazilsouth', 'westeurope'])] },
  { name: 'swap one region for another', before: [applied(['japaneast'])], stages: [applied(['westeurope'])] },
  {
    name: 'swap two regions for two others',
    before: [applied(['japaneast', 'uksouth'])],
    stages: [applied(['brazilsouth', 'westeurope'])],
  },
  {
    name: 'swap back while creating',
    before: [applied(['uksouth'])],
    stages: [applied(['japaneast']), once(tokyoIs('Creating'), applied(['uksouth']))],
  },
  { name: 'delete the object', before: [applied(['japaneast', 'uksouth'])], stages: [deleted] },
  {
    name: 'delete the object beside replicas of others',
    replicas: [replica('brazilsouth')],
    before: [applied(['japaneast'], { prune: 'None' })],
    stages: [deleted],
  },
  { name: 'delete the object while creating', stages: [applied(['japaneast']), once(tokyoIs('Creating'), deleted)] },
  {
    name: 'delete the object and apply it anew',
    before: [applied(['japaneast'])],
    stages: [deleted, applied(['japaneast'])],
  },
  {
    fails: 'Failed',
    name: 'repair a replica whose creation failed',
    stages: [fated(applied(['japaneast']), ['Failed'])],
  },
  {
    fails: 'Failed',
    name: 'repair a replica that failed twice, beside another',
    stages: [fated(applied(['japaneast', 'uksouth']), ['Failed', 'Failed'])],
  },
  {
    fails: 'Failed',
    name: 'repair until exhausted',
    stages: [fated(applied(['japaneast']), ['Failed', 'Failed', 'Failed', 'Failed'])],
  },
  {
    fails: 'Failed',
    name: 'repair until exhausted, then ask again',
    before: [fated(applied(['japaneast']), ['Failed', 'Failed', 'Failed', 'Failed'])],
    stages: [applied(['japaneast'])],
  },
  {
    fails: 'Failed',
    name: 'repair until exhausted, then delete it by hand',
    before: [fated(applied(['japaneast']), ['Failed', 'Failed', 'Failed', 'Failed'])],
    stages: [meddled((azure) => azure.drop(tokyo))],
  },
  {
    fails: 'Failed',
    name: 'repair a replica that fails after it was ready',
    before: [applied(['japaneast', 'uksouth'])],
    stages: [
      meddled((azure) => {
        azure.fates.set(tokyo, ['Failed', 'Failed', 'Failed']);
        azure.put(failed('japaneast'));
      }),
    ],
  },
  {
    fails: 'Failed',
    name: 'repair what was found failed',
    replicas: [failed('japaneast')],
    stages: [fated(applied(['japaneast']), ['Failed', 'Failed', 'Failed'])],
  },
  { fails: 'vanish', name: 'vanish once while creating', stages: [fated(applied(['japaneast']), ['vanish'])] },
  {
    fails: 'vanish',
    name: 'vanish until exhausted',
    stages: [fated(applied(['japaneast', 'uksouth']), ['vanish', 'vanish', 'vanish', 'vanish'])],
  },
  {
    name: 'hand over: the older object is deleted',
    before: [applied(['japaneast', 'uksouth']), youngerApplied],
    stages: [deleted],
  },
  {
    name: 'hand over: the older object retains its set',
    before: [applied(['japaneast', 'uksouth'], { deletionPolicy: 'Retain' }), youngerApplied],
    stages: [deleted],
  },
  {
    name: 'hand over: the older object comes to observe',
    before: [applied(['japaneast', 'uksouth']), youngerApplied],
    stages: [applied(['japaneast', 'uksouth'], { mode: 'Observe' })],
  },
  {
    name: 'Observe, then Apply',
    replicas: [replica('uksouth')],
    before: [applied(['japaneast'], { mode: 'Observe' })],
    stages: [applied(['japaneast'])],
  },
  {
    name: 'adopt what is there, prune what is not listed',
    replicas: [replica('japaneast', { name: 'tokyo' }), replica('uksouth')],
    stages: [applied(['japaneast'])],
  },
  { name: 'drift: somebody deleted one', before: [applied(three)], stages: [meddled((azure) => azure.drop(tokyo))] },
  {
    name: 'drift: somebody deleted all',
    before: [applied(three)],
    stages: [meddled((azure) => three.forEach((r) => azure.drop(r as Region)))],
  },
  {
    name: 'drift: somebody added one',
    before: [applied(['japaneast'])],
    stages: [meddled((azure) => azure.put(replica('uksouth')))],
  },
  {
    name: 'update routing and tags',
    before: [applied(['japaneast', 'uksouth'])],
    stages: [
      applied([], {
        tags: { team: 'platform' },
        regions: [{ location: 'japaneast', routing: 'Disabled' }, { location: 'uksouth' }],
      }),
    ],
  },
  {
    name: 'Retain: delete the object',
    before: [applied(['japaneast'])],
    stages: [applied(['japaneast'], { deletionPolicy: 'Retain' }), deleted],
  },
  {
    name: 'prune Owned: what was created and adopted goes, the rest stays',
    replicas: [replica('uksouth'), replica('francecentral')],
    before: [applied(['japaneast', 'uksouth', 'westeurope'], { prune: 'Owned' })],
    stages: [applied(['japaneast'], { prune: 'Owned' })],
  },
  {
    name: 'prune None: nothing goes',
    replicas: [replica('uksouth')],
    before: [applied(['japaneast', 'uksouth'], { prune: 'None' })],
    stages: [applied(['westeurope'], { prune: 'None' })],
  },
  {
    name: 'replicas of another cluster stay, those of a gone object go',
    replicas: [ownedBy('uksouth', 'other/platform/contoso'), ownedBy('francecentral', 'test/platform/gone')],
    stages: [applied(['japaneast'])],
  },
  {
    name: 'suspend while creating, resume with another set',
    stages: [
      applied(['japaneast']),
      once(tokyoIs('Creating'), applied(['japaneast'], { suspend: true })),
      applied(['westeurope']),
    ],
  },
  {
    name: 'delete the object while suspended',
    before: [applied(['japaneast'], {}), applied(['japaneast'], { suspend: true })],
    stages: [deleted],
  },
  ...(['updateFails', 'updateCanceled'] as const).map(
    (fate): Scenario => ({
      name: `an update of what serves is accepted and ${fate === 'updateFails' ? 'fails' : 'is canceled'}`,
      fails: 'Failed',
      before: [applied(['japaneast'])],
      stages: [fated(applied(['japaneast'], { tags: { team: 'platform' } }), [fate])],
    }),
  ),
  {
    name: 'a deletion is accepted and fails, then another',
    before: [applied(['japaneast', 'uksouth'])],
    stages: [fated(applied(['uksouth']), ['deleteFails'])],
    fails: 'Failed',
  },
  {
    name: 'the object is deleted, and a deletion is accepted and leaves all as it was',
    before: [applied(['japaneast', 'uksouth'])],
    stages: [fated(deleted, ['deleteReverts'])],
    fails: 'Failed',
  },
  {
    name: 'a replica breaks by itself soon after it came to serve',
    fails: 'Failed',
    stages: [fated(applied(['japaneast']), ['breaks'])],
  },
  {
    name: 'a creation is accepted, and for half a minute no read shows it',
    hides: true,
    fails: 'Failed',
    stages: [fated(applied(['japaneast', 'uksouth']), ['late'])],
  },
  ...drainScenarios,
  {
    name: 'drop a region while another one is created, then delete the object',
    before: [applied(['uksouth'])],
    stages: [applied(['japaneast']), once(tokyoIs('Creating'), deleted)],
  },
];
