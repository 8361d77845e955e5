import { describe, expect, test } from 'vitest';
import { type RegistryReplication, recreate, requestedAt, type Status } from '../../../src/api/registryreplication.ts';
import { memoryOf } from '../../../src/domain/memory.ts';
import { isAtRest, isDueAnyway, leavesAsItIs } from '../../../src/domain/rest.ts';
import { statusOf } from '../../../src/domain/status.ts';
import { entry, judgedPass, minutesAfter, noon, replica, resource, stranger } from '../../support/builders.ts';

/** The status of an object with one region that has been ready for an hour. */
function rested(changes: Partial<Status> = {}, ready: Partial<NonNullable<Status['conditions']>[number]> = {}): Status {
  const home = entry('eastus', { managed: 'Home' });
  return {
    observedGeneration: 1,
    phase: 'Ready',
    registry: {
      id: '/subscriptions/s/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso',
      loginServer: 'contoso.azurecr.io',
      homeRegion: 'eastus',
      sku: 'Premium',
    },
    owner: 'test/platform/contoso',
    replicas: [home, entry('japaneast')],
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'InSync',
        message: 'The region is ready.',
        observedGeneration: 1,
        lastTransitionTime: minutesAfter(-60).toISOString(),
        ...ready,
      },
    ],
    ...changes,
  };
}

const japan = (changes: Parameters<typeof entry>[1]): Partial<Status> => ({ replicas: [entry('japaneast', changes)] });
const object = (status: Status, metadata: Partial<RegistryReplication['metadata']> = {}) =>
  resource(['japaneast'], { status, metadata });
const drains = (status: Status, until: Date) =>
  resource(['japaneast'], {
    status,
    spec: { drains: [{ location: 'japaneast', until: until.toISOString(), reason: 'drill' }] },
  });

describe('an object is glanced at only while it is at rest', () => {
  const cases: Readonly<Record<string, readonly [RegistryReplication, boolean]>> = {
    'ready for an hour': [object(rested()), true],
    'ready for two minutes': [object(rested({}, { lastTransitionTime: minutesAfter(-2).toISOString() })), true],
    'ready for less': [object(rested({}, { lastTransitionTime: minutesAfter(-1).toISOString() })), false],
    'never looked at': [resource(['japaneast']), false],
    'with a drain that is due': [drains(rested(), minutesAfter(60)), false],
    'with a drain that is over': [drains(rested(), minutesAfter(-60)), true],
    'with a drain that is to end': [
      object(rested(japan({ drained: { until: noon.toISOString(), before: 'Enabled' } }))),
      false,
    ],
    'edited since': [object(rested(), { generation: 2 }), false],
    'asked to be looked at': [object(rested(), { annotations: { [requestedAt]: 'now' } }), false],
    'asked for a replica anew': [object(rested(), { annotations: { [recreate]: 'japaneast' } }), false],
    'being deleted': [object(rested(), { deletionTimestamp: noon.toISOString() }), false],
    syncing: [object(rested({ phase: 'Syncing' }, { status: 'False', reason: 'Syncing' })), false],
    'suspended until now, and ready before': [object(rested({ phase: 'Suspended' })), false],
    'with differences that are not made': [object(rested({ plan: ['+westeurope'] })), false],
    'of a registry that was not read': [
      object(rested({ readError: { code: '503', startTime: minutesAfter(-1).toISOString() } })),
      false,
    ],
    'of a registry that status does not know': [object(rested({ registry: undefined } as never)), false],
    'a region changed a minute ago': [object(rested(japan({ since: minutesAfter(-1).toISOString() }))), false],
    'a region is being updated': [object(rested(japan({ provisioningState: 'Updating' }))), false],
    'a change of a region counts still': [object(rested(japan({ attempts: 1 }))), false],
    'a region waits': [object(rested(japan({ notBefore: minutesAfter(5).toISOString() }))), false],
    'a region was refused': [object(rested(japan({ error: { code: 'X', message: 'x', reason: 'Rejected' } }))), false],
    'somebody else has a replica that had notice': [
      object(rested({ replicas: [entry('japaneast'), stranger('westeurope')] })),
      false,
    ],
    'somebody else has a replica that stays': [
      object(rested({ replicas: [entry('japaneast'), entry('westeurope', { managed: 'Unlisted' })] })),
      true,
    ],
  };
  for (const [name, [given, expected]] of Object.entries(cases)) {
    test(`${name}: ${expected ? 'yes' : 'no'}`, () => expect(isAtRest(given, memoryOf(given), noon)).toBe(expected));
  }
});

describe('what a glance shows is believed only where it changes nothing', () => {
  const status = rested();
  const home = replica('eastus');
  const tokyo = replica('japaneast', { tags: { 'acr-replication-owner': 'test/platform/contoso' } });
  /** The pass of the provider that brought the status up to date. */
  const before = judgedPass({ have: [home, tokyo], status });
  const settled: Status = statusOf(before) ?? status;
  const cases: Readonly<Record<string, readonly [readonly Parameters<typeof replica>[], boolean]>> = {
    'all as it was': [[['eastus'], ['japaneast', { tags: tokyo.tags }]], true],
    'another time in the status of a replica': [
      [['eastus'], ['japaneast', { tags: tokyo.tags, changedAt: noon.toISOString() }]],
      true,
    ],
    'the owner tag is gone, which status does not show': [[['eastus'], ['japaneast', { tags: {} }]], true],
    'a replica is missing': [[['eastus']], false],
    'a replica failed': [[['eastus'], ['japaneast', { tags: tokyo.tags, state: 'Failed' }]], false],
    'a replica syncs': [[['eastus'], ['japaneast', { tags: tokyo.tags, status: 'Syncing' }]], false],
    'a replica is on its way out': [[['eastus'], ['japaneast', { tags: tokyo.tags, state: 'Deleting' }]], false],
    'a replica more': [[['eastus'], ['japaneast', { tags: tokyo.tags }], ['westeurope']], false],
    'routing that the spec leaves open': [
      [['eastus'], ['japaneast', { tags: tokyo.tags, routing: 'Disabled' }]],
      false,
    ],
    'the home region fails': [
      [
        ['eastus', { state: 'Failed' }],
        ['japaneast', { tags: tokyo.tags }],
      ],
      false,
    ],
    'a message from Azure': [[['eastus'], ['japaneast', { tags: tokyo.tags, message: 'Throttled.' }]], false],
    'nothing at all': [[], false],
  };
  for (const [name, [have, expected]] of Object.entries(cases)) {
    test(`${name}: ${expected ? 'believed' : 'asked again'}`, () => {
      const judged = judgedPass({ have: have.map((args) => replica(...args)), status: settled });
      expect(leavesAsItIs(judged)).toBe(expected);
    });
  }
});

test('a registry at rest is read from the provider about once a week all the same', () => {
  const looks = Array.from({ length: 2016 * 10 }, (_, i) => (i + 1) / (2016 * 10)); // ten weeks at five minutes
  expect(looks.filter((random) => isDueAnyway(300_000, random)).length).toBeGreaterThanOrEqual(9);
  expect(looks.filter((random) => isDueAnyway(300_000, random)).length).toBeLessThanOrEqual(11);
});
