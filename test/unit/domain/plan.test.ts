import { describe, expect, test } from 'vitest';
import type { ReplicaStatus } from '../../../src/api/registryreplication.ts';
import { confirms, type Decision, type Deletion, plan } from '../../../src/domain/plan.ts';
import { regionOf } from '../../../src/domain/region.ts';
import type { Replica } from '../../../src/domain/replication.ts';
import type { Situation } from '../../../src/domain/situation.ts';
import { desired, entry, minutesAfter, noon, replica, situation, stranger } from '../../support/builders.ts';

const tagged = (owner: string) => ({ 'managed-by': 'acr-replication-operator', 'acr-replication-owner': owner });

/** Region and kind of each decision, with what else matters about it. */
function told(decision: Decision): string {
  const { kind, region } = decision;
  switch (kind) {
    case 'create':
      return `${region} create${decision.attempt > 0 ? ` attempt ${decision.attempt}` : ''}${decision.absent.length === 0 ? '' : ` unless ${decision.absent[0]} is there`}`;
    case 'delete':
      return `${region} ${decision.then === 'repaired' ? `repair ${decision.attempt}` : decision.then === 'recreated' ? 'recreate' : 'delete'} ${decision.replica.name}`;
    case 'blocked':
      return `${region} blocked ${decision.reason}`;
    case 'pause':
      return `${region} pause ${(decision.until.getTime() - noon.getTime()) / 1000}s`;
    case 'verify':
      return `${region} verify ${decision.replica.name}`;
    case 'update':
      return `${region} update ${JSON.stringify(decision.change)}`;
    case 'restore':
      return `${region} restore ${decision.attempt}`;
    case 'keep':
    case 'note':
    case 'wait':
    case 'lag':
    case 'hold':
      return `${region} ${kind}`;
  }
}

const failed = entry('japaneast', { provisioningState: 'Failed' });
const served = entry('japaneast', { provisioningState: 'Failed', provisionedTime: '2026-09-01T00:00:00Z' });
const refused = { code: 'RequestDisallowedByPolicy', message: 'No.', reason: 'PolicyDenied' };
const named = (region: string, name: string) => {
  const wanted = desired([region]);
  return { ...wanted, wishes: new Map([...wanted.wishes].map(([r, wish]) => [r, { ...wish, name }])) };
};
const vanished: ReplicaStatus = {
  location: 'japaneast',
  since: noon.toISOString(),
  error: { code: 'Vanished', message: '' },
};

/** Japan and home, in routing or not, with a drain of Japan for an hour. */
function draining(remembered: readonly ReplicaStatus[], routing: 'Enabled' | 'Disabled' = 'Enabled'): Situation {
  const drains = [{ region: regionOf('japaneast'), until: minutesAfter(60), reason: 'drill' }];
  return situation(['japaneast'], [replica('eastus'), replica('japaneast', { routing })], {
    desired: desired(['japaneast'], { drains }),
    remembered: [...remembered],
  });
}

interface Case {
  readonly name: string;
  readonly given: Situation;
  readonly then: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'creates every missing region that a GET does not show either',
    given: situation(['japaneast', 'westeurope'], []),
    then: ['japaneast create unless japaneast is there', 'westeurope create unless westeurope is there'],
  },
  {
    name: 'asks for the replica itself before it creates what a list that shows others leaves out',
    given: situation(['japaneast', 'uksouth'], [replica('uksouth')]),
    then: ['japaneast create unless japaneast is there', 'uksouth keep'],
  },
  {
    name: 'takes a drained replica out of routing once status says what routing was',
    given: draining([entry('japaneast', { drained: { until: '2026-09-10T13:00:00Z', before: 'Enabled' } })]),
    then: ['japaneast update {"routing":"Disabled"}'],
  },
  {
    name: 'has status say that first',
    given: draining([entry('japaneast')]),
    then: ['japaneast note'],
  },
  {
    name: 'keeps a drained replica that is out of routing',
    given: draining(
      [entry('japaneast', { drained: { until: '2026-09-10T13:00:00Z', before: 'Enabled' } })],
      'Disabled',
    ),
    then: ['japaneast keep'],
  },
  {
    name: 'asks once more whether routing was put back, whatever else waits',
    given: situation(['japaneast'], [replica('japaneast')], {
      remembered: [
        entry('japaneast', {
          drained: { until: '2026-09-10T11:59:00Z', before: 'Enabled' },
          attempts: 1,
          notBefore: minutesAfter(1).toISOString(),
        }),
      ],
    }),
    then: ['japaneast update {}'],
  },
  {
    name: 'puts home back into routing before the object goes',
    given: situation(['japaneast'], [replica('eastus', { routing: 'Disabled' }), replica('japaneast')], {
      deleting: true,
      remembered: [
        entry('eastus', { managed: 'Home', drained: { until: '2026-09-10T13:00:00Z', before: 'Enabled' } }),
        entry('japaneast'),
      ],
    }),
    then: ['eastus update {"routing":"Enabled"}', 'japaneast delete japaneast'],
  },
  {
    name: 'takes home out of routing for no drain when the object goes',
    given: situation(['japaneast'], [replica('eastus'), replica('japaneast')], {
      deleting: true,
      remembered: [
        entry('eastus', { managed: 'Home', drained: { until: '2026-09-10T13:00:00Z', before: 'Disabled' } }),
        entry('japaneast'),
      ],
    }),
    then: ['japaneast delete japaneast'],
  },
  { name: 'keeps what is there', given: situation(['japaneast'], [replica('japaneast')]), then: ['japaneast keep'] },
  {
    name: 'keeps a replica that is provisioned and still syncing',
    given: situation(['japaneast'], [replica('japaneast', { status: 'Syncing' })]),
    then: ['japaneast keep'],
  },
  {
    name: 'waits for one that is being created',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Creating' })]),
    then: ['japaneast wait'],
  },
  {
    name: 'waits for one in a state nobody has heard of',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Unknown' })]),
    then: ['japaneast wait'],
  },
  {
    name: 'waits for a wanted one that somebody is deleting',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Deleting' })]),
    then: ['japaneast wait'],
  },
  {
    name: 'matches by location: a replica of another name is the replica',
    given: situation(['japaneast'], [replica('japaneast', { name: 'tokyo' })]),
    then: ['japaneast keep'],
  },
  { name: 'never touches home, listed in the spec', given: situation(['eastus'], []), then: [] },
  {
    name: 'never touches home, not listed in the spec',
    given: situation(['japaneast'], [replica('eastus'), replica('japaneast')]),
    then: ['japaneast keep'],
  },
  { name: 'never repairs home', given: situation(['eastus'], [replica('eastus', { state: 'Failed' })]), then: [] },
  {
    name: 'deletes what is outside the set',
    given: situation(['japaneast'], [replica('japaneast'), replica('uksouth')], { remembered: [stranger('uksouth')] }),
    then: ['japaneast keep', 'uksouth delete uksouth'],
  },
  {
    name: 'deletes by the name it finds',
    given: situation(['eastus'], [replica('uksouth', { name: 'london' })], { remembered: [stranger('uksouth')] }),
    then: ['uksouth delete london'],
  },
  {
    name: 'deletes nothing while a wanted region is missing',
    given: situation(['japaneast'], [replica('uksouth')], { remembered: [stranger('uksouth')] }),
    then: ['japaneast create unless japaneast is there', 'uksouth hold'],
  },
  {
    name: 'deletes nothing while a wanted region is being created',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Creating' }), replica('uksouth')], {
      remembered: [stranger('uksouth')],
    }),
    then: ['japaneast wait', 'uksouth hold'],
  },
  {
    name: 'deletes nothing while a wanted region is failed',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Failed' }), replica('uksouth')], {
      remembered: [failed, stranger('uksouth')],
    }),
    then: ['japaneast repair 1 japaneast', 'uksouth hold'],
  },
  {
    name: 'deletes nothing while the images have not arrived in a wanted region',
    given: situation(['japaneast'], [replica('japaneast', { status: 'Syncing' }), replica('uksouth')], {
      remembered: [stranger('uksouth')],
    }),
    then: ['japaneast keep', 'uksouth hold'],
  },
  {
    name: 'lets somebody else finish with an unwanted replica first',
    given: situation(['eastus'], [replica('uksouth', { state: 'Creating' })], { remembered: [stranger('uksouth')] }),
    then: ['uksouth wait'],
  },
  {
    name: 'deletes an unwanted replica that is failed',
    given: situation(['eastus'], [replica('uksouth', { state: 'Failed' })], { remembered: [stranger('uksouth')] }),
    then: ['uksouth delete uksouth'],
  },
  {
    name: 'gives no notice in mode Observe: what it says would be done is the deletion',
    given: situation(['eastus'], [replica('uksouth')], { desired: desired(['eastus'], { mode: 'Observe' }) }),
    then: ['uksouth delete uksouth'],
  },
  {
    name: 'never deletes what another cluster owns',
    given: situation(['eastus'], [replica('uksouth', { tags: tagged('other/a/b') })]),
    then: ['uksouth blocked Conflict'],
  },
  {
    name: 'deletes what it made itself',
    given: situation(['eastus'], [replica('uksouth', { tags: tagged('test/platform/contoso') })]),
    then: ['uksouth delete uksouth'],
  },
  {
    name: 'deletes what an object made that is gone',
    given: situation(['eastus'], [replica('uksouth', { tags: tagged('test/platform/gone') })], {
      ownerAlive: () => false,
      remembered: [stranger('uksouth')],
    }),
    then: ['uksouth delete uksouth'],
  },
  {
    name: 'asks again before it creates what LIST suddenly does not show',
    given: situation(['japaneast'], [], { remembered: [entry('japaneast', { name: 'tokyo' })] }),
    then: ['japaneast create unless tokyo is there'],
  },
  {
    name: 'does not announce the deletion of what another cluster is creating',
    given: situation(['eastus'], [replica('uksouth', { state: 'Creating', tags: tagged('other/a/b') })]),
    then: ['uksouth blocked Conflict'],
  },
  {
    name: 'waits for what another cluster is deleting',
    given: situation(['eastus'], [replica('uksouth', { state: 'Deleting', tags: tagged('other/a/b') })]),
    then: ['uksouth wait'],
  },
  {
    name: 'asks for and records a failed replica before it repairs it',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Failed' })], {
      remembered: [entry('japaneast', { provisioningState: 'Creating' })],
    }),
    then: ['japaneast verify japaneast'],
  },
  {
    name: 'repairs a failed replica',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Failed' })], { remembered: [failed] }),
    then: ['japaneast repair 1 japaneast'],
  },
  {
    name: 'repairs a canceled replica',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Canceled' })], {
      remembered: [entry('japaneast', { provisioningState: 'Canceled' })],
    }),
    then: ['japaneast repair 1 japaneast'],
  },
  {
    name: 'does not repair what another cluster owns',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Failed', tags: tagged('other/a/b') })]),
    then: ['japaneast blocked Conflict'],
  },
  {
    name: 'pauses a minute before the second repair',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Failed' })], {
      remembered: [entry('japaneast', { provisioningState: 'Failed', attempts: 1, since: noon.toISOString() })],
    }),
    then: ['japaneast pause 60s'],
  },
  {
    name: 'repairs a second time after the pause',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Failed' })], {
      remembered: [entry('japaneast', { provisioningState: 'Failed', attempts: 1, since: noon.toISOString() })],
      now: minutesAfter(1),
    }),
    then: ['japaneast repair 2 japaneast'],
  },
  {
    name: 'pauses five minutes before the third repair',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Failed' })], {
      remembered: [entry('japaneast', { provisioningState: 'Failed', attempts: 2, since: noon.toISOString() })],
    }),
    then: ['japaneast pause 300s'],
  },
  {
    name: 'gives up after three repairs',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Failed' })], {
      remembered: [entry('japaneast', { attempts: 3 })],
      now: minutesAfter(600),
    }),
    then: ['japaneast blocked RepairExhausted'],
  },
  {
    name: 'starts to count anew when the spec has changed',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Failed' })], {
      remembered: [entry('japaneast', { provisioningState: 'Failed', attempts: 3 })],
      newlyAsked: true,
    }),
    then: ['japaneast repair 1 japaneast'],
  },
  {
    name: 'asks for a failed replica that is gone: it counts as repaired',
    given: situation(['japaneast'], [], {
      remembered: [entry('japaneast', { provisioningState: 'Failed', attempts: 1 })],
    }),
    then: ['japaneast verify japaneast'],
  },
  {
    name: 'creates at once what a person deleted after three repairs',
    given: situation(['japaneast'], [], {
      remembered: [entry('japaneast', { provisioningState: 'Failed', attempts: 3 })],
    }),
    then: ['japaneast create attempt 3 unless japaneast is there'],
  },
  {
    name: 'asks for and records a replica that vanished while creating before it creates it again',
    given: situation(['japaneast'], [], { remembered: [entry('japaneast', { provisioningState: 'Creating' })] }),
    then: ['japaneast verify japaneast'],
  },
  {
    name: 'counts a replica that vanished while creating as an attempt',
    given: situation(['japaneast'], [replica('eastus')], {
      remembered: [vanished],
    }),
    then: ['japaneast create attempt 1 unless japaneast is there'],
  },
  {
    name: 'does not create a vanished replica again at once',
    given: situation(['japaneast'], [], {
      remembered: [{ ...vanished, attempts: 1 }],
    }),
    then: ['japaneast pause 60s'],
  },
  {
    name: 'gives up on a replica that vanished three times',
    given: situation(['japaneast'], [], {
      remembered: [{ ...vanished, attempts: 3 }],
      now: minutesAfter(600),
    }),
    then: ['japaneast blocked RepairExhausted'],
  },
  {
    name: 'asks before it creates in an empty registry what it may have created before',
    given: situation(['japaneast'], []),
    then: ['japaneast create unless japaneast is there'],
  },
  {
    name: 'creates anew after a repair took the replica away, once a GET says so',
    given: situation(['japaneast'], [], {
      remembered: [entry('japaneast', { provisioningState: 'Deleting', attempts: 1 })],
    }),
    then: ['japaneast create attempt 1 unless japaneast is there'],
  },
  {
    name: 'on deletion of the object, deletes the set and nothing else',
    given: situation(['japaneast'], [replica('eastus'), replica('japaneast'), replica('uksouth')], { deleting: true }),
    then: ['japaneast delete japaneast'],
  },
  {
    name: 'on deletion, leaves what another cluster owns',
    given: situation(['japaneast'], [replica('japaneast', { tags: tagged('other/a/b') })], { deleting: true }),
    then: [],
  },
  {
    name: 'on deletion, deletes even what is still being created',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Creating' })], { deleting: true }),
    then: ['japaneast delete japaneast'],
  },
  {
    name: 'on deletion, waits for what is being deleted',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Deleting' })], { deleting: true }),
    then: ['japaneast wait'],
  },
  {
    name: 'deletes with the object what bears its tag, though status does not say that the object made it',
    given: situation(['eastus'], [replica('eastus'), replica('japaneast', { tags: tagged('test/platform/contoso') })], {
      deleting: true,
    }),
    then: ['japaneast delete japaneast'],
  },
  {
    name: 'does not let go of what Azure has just accepted and does not show yet',
    given: situation(['japaneast'], [], {
      deleting: true,
      remembered: [entry('japaneast', { provisioningState: 'Creating', since: minutesAfter(-0.5).toISOString() })],
    }),
    then: ['japaneast lag'],
  },
  {
    name: 'on deletion, does not believe a LIST that misses a replica',
    given: situation(['japaneast'], [], { deleting: true, remembered: [entry('japaneast', { name: 'tokyo' })] }),
    then: ['japaneast delete tokyo'],
  },
  {
    name: 'on deletion, asks once more when what was being deleted is no longer listed',
    given: situation(['japaneast'], [], {
      deleting: true,
      remembered: [entry('japaneast', { provisioningState: 'Deleting' })],
    }),
    then: ['japaneast delete japaneast'],
  },
  {
    name: 'deletes while the images are on their way, where provisioned is enough',
    given: situation(['japaneast'], [replica('japaneast', { status: 'Syncing' }), replica('uksouth')], {
      desired: desired(['japaneast'], { readyWhen: 'Provisioned' }),
      remembered: [stranger('uksouth')],
    }),
    then: ['japaneast keep', 'uksouth delete uksouth'],
  },
  {
    name: 'gives five minutes’ notice of what somebody else made, from when it is seen to be unwanted',
    given: situation(['eastus'], [replica('uksouth')]),
    then: ['uksouth pause 300s'],
  },
  {
    name: 'gives the same notice of what was seen before, but is unwanted only now',
    given: situation(['eastus'], [replica('uksouth')], { remembered: [entry('uksouth', { managed: 'Unlisted' })] }),
    then: ['uksouth pause 300s'],
  },
  {
    name: 'holds to the notice that was given',
    given: situation(['eastus'], [replica('uksouth')], {
      remembered: [stranger('uksouth', { notBefore: minutesAfter(2).toISOString() })],
    }),
    then: ['uksouth pause 120s'],
  },
  {
    name: 'gives the whole notice of what somebody else made where it was refused a replica of its own',
    given: situation(['eastus'], [replica('uksouth')], {
      remembered: [
        {
          location: 'uksouth',
          notBefore: minutesAfter(2).toISOString(),
          error: { code: 'RequestDisallowedByPolicy', reason: 'PolicyDenied', message: 'Not there.' },
        },
      ],
    }),
    then: ['uksouth pause 300s'],
  },
  {
    name: 'gives no notice of what it once listed itself',
    given: situation(['eastus'], [replica('uksouth')], { remembered: [entry('uksouth', { managed: 'Adopted' })] }),
    then: ['uksouth delete uksouth'],
  },
  {
    name: 'repairs in place what may hold images: it is never deleted for that',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Failed' })], { remembered: [served] }),
    then: ['japaneast restore 1'],
  },
  {
    name: 'repairs in place what was found failed at first sight, once status says so',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Failed' })]),
    then: ['japaneast verify japaneast'],
  },
  {
    name: 'pauses between repairs in place',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Failed' })], {
      remembered: [{ ...served, attempts: 1, notBefore: minutesAfter(1).toISOString() }],
    }),
    then: ['japaneast pause 60s'],
  },
  {
    name: 'gives up repairing in place after three, and deletes nothing',
    given: situation(['japaneast'], [replica('japaneast', { state: 'Failed' })], {
      remembered: [{ ...served, attempts: 3 }],
      now: minutesAfter(600),
    }),
    then: ['japaneast blocked RepairExhausted'],
  },
  {
    name: 'waits a minute for Azure to show what it accepted (404 for seconds after a create: azurerm#4682)',
    given: situation(['japaneast'], [], {
      remembered: [entry('japaneast', { provisioningState: 'Creating', since: minutesAfter(-0.5).toISOString() })],
    }),
    then: ['japaneast lag'],
  },
  {
    name: 'leaves a region alone whose change was refused, whatever the others do',
    given: situation(['japaneast', 'uksouth'], [replica('uksouth', { state: 'Creating' })], {
      remembered: [{ location: 'japaneast', notBefore: minutesAfter(4).toISOString(), error: refused }],
    }),
    then: ['japaneast pause 240s', 'uksouth wait'],
  },
  {
    name: 'tries a refused change at once when somebody edits or asks',
    given: situation(['japaneast'], [], {
      remembered: [{ location: 'japaneast', notBefore: minutesAfter(4).toISOString(), error: refused }],
      newlyAsked: true,
    }),
    then: ['japaneast create unless japaneast is there'],
  },
  {
    name: 'pauses after a deletion that did not last',
    given: situation(['eastus'], [replica('uksouth')], {
      remembered: [stranger('uksouth', { attempts: 1, notBefore: minutesAfter(1).toISOString() })],
    }),
    then: ['uksouth pause 60s'],
  },
  {
    name: 'deletes nothing else while a wanted replica is made anew',
    given: situation(['japaneast'], [replica('japaneast'), replica('uksouth')], {
      remembered: [stranger('uksouth')],
      recreate: new Set([regionOf('japaneast')]),
    }),
    then: ['japaneast recreate japaneast', 'uksouth hold'],
  },
  {
    name: 'asks for a person after three deletions that did not last',
    given: situation(['eastus'], [replica('uksouth')], {
      remembered: [stranger('uksouth', { attempts: 3, notBefore: minutesAfter(15).toISOString() })],
    }),
    then: ['uksouth blocked Overridden'],
  },
  {
    name: 'and goes on trying now and then',
    given: situation(['eastus'], [replica('uksouth')], {
      remembered: [stranger('uksouth', { attempts: 3, notBefore: minutesAfter(-1).toISOString() })],
    }),
    then: ['uksouth delete uksouth'],
  },
  {
    name: 'creates under the region’s name while a replica elsewhere has the wished one',
    given: situation(['uksouth'], [replica('japaneast', { name: 'thename' })], {
      desired: named('uksouth', 'TheName'),
      remembered: [entry('japaneast', { name: 'thename' })],
    }),
    then: ['japaneast hold', 'uksouth create unless uksouth is there'],
  },
  {
    name: 'creates under the region’s name where home will have the wished one',
    given: situation(['uksouth'], [], { desired: named('uksouth', 'EastUS') }),
    then: ['uksouth create unless uksouth is there'],
  },
  {
    name: 'on deletion, takes along what it made and still holds, listed or not',
    given: situation(
      ['japaneast'],
      [replica('japaneast'), replica('uksouth', { tags: tagged('test/platform/contoso') })],
      {
        deleting: true,
        remembered: [entry('japaneast'), entry('uksouth')],
      },
    ),
    then: ['japaneast delete japaneast', 'uksouth delete uksouth'],
  },
  {
    name: 'on deletion, asks for what it once asked for without an answer, and for what it once listed',
    given: situation(['japaneast'], [replica('westus2')], {
      deleting: true,
      remembered: [entry('japaneast'), { location: 'uksouth' }, entry('westus2', { managed: 'Adopted' })],
    }),
    then: ['japaneast delete japaneast', 'uksouth delete uksouth', 'westus2 delete westus2'],
  },
  {
    name: 'on deletion, leaves what it only found, and was never asked for',
    given: situation(['japaneast'], [replica('uksouth')], {
      deleting: true,
      remembered: [entry('japaneast'), stranger('uksouth')],
    }),
    then: ['japaneast delete japaneast'],
  },
  {
    name: 'takes its own replicas for its own after the cluster was renamed, and tags them anew',
    given: situation(['japaneast'], [replica('japaneast', { tags: tagged('old/platform/contoso') })], {
      remembered: [entry('japaneast')],
    }),
    then: [`japaneast update {"tags":${JSON.stringify(tagged('test/platform/contoso'))}}`],
  },
  {
    name: 'takes those of an object of the same name in another cluster, which it only found, for that cluster’s',
    given: situation(['eastus'], [replica('uksouth', { tags: tagged('old/platform/contoso') })], {
      remembered: [entry('uksouth', { managed: 'Adopted' })],
    }),
    then: ['uksouth blocked Conflict'],
  },
];

/** All that may be stated of home is its routing. */
const homeRows: readonly (readonly [name: string, has: Partial<Replica> | undefined, then: readonly string[]])[] = [
  ['Azure does not list it', undefined, []],
  ['it is as stated', {}, ['eastus keep']],
  ['it is not as stated', { routing: 'Disabled' }, ['eastus update {"routing":"Enabled"}']],
  ['somebody is changing it', { routing: 'Disabled', state: 'Updating' }, ['eastus wait']],
  ['it bears other tags than the set', { tags: { team: 'theirs' } }, ['eastus keep']],
];

describe('home, of which a routing is stated, when', () => {
  for (const [name, has, then] of homeRows) {
    test(name, () => {
      const given = situation(['eastus'], has === undefined ? [] : [replica('eastus', has)]);
      const wishes = new Map(
        [...given.desired.wishes].map(([region, wish]) => [
          region,
          { ...wish, routing: 'Enabled' as const, tags: { team: 'ours' } },
        ]),
      );
      expect(plan({ ...given, desired: { ...given.desired, wishes } }).map(told)).toEqual(then);
    });
  }
});

describe('plan', () => {
  for (const { name, given, then } of cases) test(name, () => expect(plan(given).map(told)).toEqual(then));

  test('does not depend on the order of the spec or of the list', () => {
    const forth = situation(['japaneast', 'westeurope'], [replica('japaneast'), replica('uksouth')]);
    const back = situation(['westeurope', 'japaneast'], [replica('uksouth'), replica('japaneast')]);
    expect(plan(back)).toEqual(plan(forth));
  });
});

describe('before a delete, what GET says', () => {
  const given = situation(['eastus'], [replica('uksouth')]);
  const unwanted = {
    kind: 'delete',
    region: replica('uksouth').region,
    replica: replica('uksouth'),
    then: 'nothing',
    attempt: 0,
    confirm: {
      state: 'present',
      owner: given.owner,
      before: undefined,
      tagged: false,
      serving: [],
      readyWhen: 'Synced',
    },
  } as const satisfies Deletion;
  const confirm = { ...unwanted.confirm, state: 'broken' } as const;
  const broken = { ...unwanted, then: 'repaired', attempt: 1, confirm } as const satisfies Deletion;
  const rows = [
    { name: 'confirms it', decision: unwanted, fresh: replica('uksouth'), may: true },
    {
      name: 'forbids it when the name now stands for another region',
      decision: unwanted,
      fresh: replica('eastus', { name: 'uksouth' }),
      may: false,
    },
    {
      name: 'forbids it when the replica has another owner',
      decision: unwanted,
      fresh: replica('uksouth', { tags: tagged('other/a/b') }),
      may: false,
    },
    {
      name: 'makes it needless when somebody is deleting already',
      decision: unwanted,
      fresh: replica('uksouth', { state: 'Deleting' }),
      may: false,
    },
    { name: 'confirms a repair', decision: broken, fresh: replica('uksouth', { state: 'Failed' }), may: true },
    {
      name: 'forbids the repair of a replica that is fine (LIST and GET may disagree)',
      decision: broken,
      fresh: replica('uksouth'),
      may: false,
    },
  ];
  for (const { name, decision, fresh, may } of rows) test(name, () => expect(confirms(decision, fresh)).toBe(may));
});
