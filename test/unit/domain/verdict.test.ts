import { describe, expect, test } from 'vitest';
import type { Status } from '../../../src/api/registryreplication.ts';
import type { Result } from '../../../src/domain/account.ts';
import { type Failure, localThrottle } from '../../../src/domain/failure.ts';
import type { Finding } from '../../../src/domain/pass.ts';
import { type Region, regionOf } from '../../../src/domain/region.ts';
import type { Desired, Replica } from '../../../src/domain/replication.ts';
import type { Verdict } from '../../../src/domain/verdict.ts';
import {
  desired,
  entry,
  judgedFinding,
  judgedPass,
  minutesAfter,
  noon,
  replica,
  stranger,
} from '../../support/builders.ts';

type Entries = NonNullable<Status['replicas']>;

interface Given {
  readonly want?: readonly string[];
  readonly have?: readonly Replica[];
  readonly remembered?: Entries;
  readonly spec?: Partial<Desired>;
  readonly results?: Readonly<Record<string, Result>>;
  readonly deleting?: boolean;
  readonly routing?: 'Enabled' | 'Disabled';
}

function verdictAfter({ remembered = [], deleting = false, spec, routing, ...given }: Given): Verdict {
  const metadata = deleting ? { deletionTimestamp: noon.toISOString() } : {};
  return judgedPass({ ...given, remembered, metadata, desired: spec, stated: { routing } }).verdict;
}

function verdictFrom(finding: Finding, status?: Status): Verdict {
  return judgedFinding(finding, { status }).verdict;
}

const failedAt = (region: string, changes: Partial<Replica> = {}) => replica(region, { state: 'Failed', ...changes });
const wasFailed = (attempts: number, changes: Partial<Entries[number]> = {}) => [
  entry('japaneast', { provisioningState: 'Failed', attempts, since: noon.toISOString(), ...changes }),
];
const said = 'the subnet is full.';
const foreign = { 'acr-replication-owner': 'other/a/b' };
const refusal: Failure = { kind: 'terminal', reason: 'Rejected', code: 'BadRequest', message: 'It is not to be.' };
const turn = { kind: 'failed', failure: localThrottle('Paced.', noon) } as const;
const cause = "A known cause is a private endpoint's subnet without a free IP address: each replica needs one.";
const gaveUp = `Azure gave up creating the replica and removed it. ${cause}`;
const again =
  'Look at the replica in the Azure portal. To try again, edit the spec or set the annotation acr-replication.dev/requested-at; to have it deleted and made anew, images and all, set the annotation acr-replication.dev/recreate to the name of its region.';
const unknown =
  "Azure does not say why; the registry's activity log may. A known cause is a private endpoint with static IP addresses.";

const rows: readonly (readonly [name: string, given: Given, reason: string, message: string])[] = [
  ['one region is there', { have: [replica('japaneast')] }, 'InSync', 'The region is ready.'],
  [
    'several are there',
    { want: ['japaneast', 'uksouth'], have: [replica('japaneast'), replica('uksouth')] },
    'InSync',
    'All 2 regions are ready.',
  ],
  ['it is missing', {}, 'Creating', 'japaneast: being created.'],
  [
    'a change was accepted, and the answer does not have it',
    {
      have: [replica('japaneast')],
      routing: 'Disabled',
      results: { japaneast: { kind: 'updated', replica: replica('japaneast') } },
    },
    'Updating',
    'japaneast: to be updated.',
  ],
  [
    'a change of home was accepted, and the answer does not have it',
    {
      want: ['eastus'],
      have: [replica('eastus')],
      routing: 'Disabled',
      results: { eastus: { kind: 'updated', replica: replica('eastus') } },
    },
    'Updating',
    'eastus: to be updated.',
  ],
  [
    'it is being created',
    { have: [replica('japaneast', { state: 'Creating' })] },
    'Creating',
    'japaneast: being created.',
  ],
  [
    'it is in a state unheard of',
    { have: [replica('japaneast', { state: 'Unknown' })] },
    'Creating',
    'japaneast: being created.',
  ],
  [
    'it is being updated',
    { have: [replica('japaneast', { state: 'Updating' })] },
    'Updating',
    'japaneast: being updated.',
  ],
  [
    'somebody deletes it',
    { have: [replica('japaneast', { state: 'Deleting' })] },
    'Deleting',
    'japaneast: being deleted; it will be created again.',
  ],
  [
    'it syncs',
    { have: [replica('japaneast', { status: 'Syncing' })] },
    'Syncing',
    'japaneast: provisioned; Azure reports Syncing.',
  ],
  [
    'it syncs, and Azure says more',
    { have: [replica('japaneast', { status: 'Syncing', message: 'half way' })] },
    'Syncing',
    'japaneast: provisioned; Azure reports Syncing (half way).',
  ],
  [
    'Azure does not say whether it synced',
    { have: [replica('japaneast', { status: '' })] },
    'Syncing',
    'japaneast: provisioned; Azure does not say whether the images have arrived.',
  ],
  [
    'provisioned is enough',
    { have: [replica('japaneast', { status: '' })], spec: { readyWhen: 'Provisioned' } },
    'InSync',
    'The region is ready.',
  ],
  [
    'equal texts stand together, others after them',
    { want: ['japaneast', 'uksouth', 'westeurope'], have: [replica('uksouth', { status: 'Syncing' })] },
    'Creating',
    'japaneast, westeurope: being created. uksouth: provisioned; Azure reports Syncing.',
  ],
  [
    'the most telling reason is chosen, not the first',
    { want: ['japaneast', 'uksouth'], have: [replica('japaneast', { status: 'Syncing' })] },
    'Creating',
    'japaneast: provisioned; Azure reports Syncing. uksouth: being created.',
  ],
  [
    'home is being updated',
    { want: ['eastus'], have: [replica('eastus', { state: 'Updating' })], routing: 'Enabled' },
    'Updating',
    'eastus: being updated.',
  ],
  [
    'home is not as a replica is',
    { want: ['eastus'], have: [replica('eastus', { state: 'Failed' })], routing: 'Enabled' },
    'Syncing',
    'eastus: is the home region, of which Azure reports Failed; only Azure can mend it.',
  ],
  [
    'it failed before',
    { have: [failedAt('japaneast')], remembered: wasFailed(0) },
    'Repairing',
    'japaneast: failed and is being made again.',
  ],
  [
    'it failed, and Azure says why',
    { have: [failedAt('japaneast', { message: said })], remembered: wasFailed(0) },
    'Repairing',
    `japaneast: failed and is being made again. Azure says: ${said}`,
  ],
  [
    'it failed just now',
    { have: [failedAt('japaneast')], results: { japaneast: { kind: 'found', replica: failedAt('japaneast') } } },
    'Repairing',
    'japaneast: failed and is being made again.',
  ],
  [
    'LIST says failed and GET says fine but syncing',
    {
      have: [failedAt('japaneast')],
      results: { japaneast: { kind: 'found', replica: replica('japaneast', { status: 'Syncing' }) } },
    },
    'Syncing',
    'japaneast: provisioned; Azure reports Syncing.',
  ],
  [
    'LIST says failed and GET says fine but otherwise set',
    {
      have: [failedAt('japaneast')],
      routing: 'Disabled',
      results: { japaneast: { kind: 'found', replica: replica('japaneast') } },
    },
    'Updating',
    'japaneast: to be updated.',
  ],
  [
    'LIST says failed and GET says fine',
    {
      have: [failedAt('japaneast')],
      routing: 'Enabled',
      results: { japaneast: { kind: 'found', replica: replica('japaneast') } },
    },
    'InSync',
    'The region is ready.',
  ],
  [
    'a replacement is being created',
    { have: [replica('japaneast', { state: 'Creating' })], remembered: [entry('japaneast', { attempts: 1 })] },
    'Repairing',
    'japaneast: failed and is being made again.',
  ],
  [
    'another region was repaired, not this one',
    {
      want: ['japaneast', 'uksouth'],
      have: [replica('japaneast'), replica('uksouth', { state: 'Creating' })],
      remembered: [entry('japaneast', { attempts: 1 }), entry('uksouth')],
    },
    'Creating',
    'uksouth: being created.',
  ],
  [
    'a repair waits its turn',
    { have: [failedAt('japaneast', { message: said })], remembered: wasFailed(1) },
    'Repairing',
    `japaneast: failed; the next repair waits its turn. Azure says: ${said}`,
  ],
  [
    'a GET says that it vanished',
    {
      remembered: [entry('japaneast', { provisioningState: 'Creating' })],
      results: { japaneast: { kind: 'found', replica: undefined } },
    },
    'Repairing',
    `japaneast: ${gaveUp} The next repair waits its turn.`,
  ],
  [
    'a GET says that what failed is gone',
    { remembered: wasFailed(0), results: { japaneast: { kind: 'found', replica: undefined } } },
    'Repairing',
    'japaneast: failed and is being made again.',
  ],
  [
    'it vanished each time',
    { remembered: [{ location: 'japaneast', attempts: 3, error: { code: 'Vanished', message: '' } }] },
    'RepairExhausted',
    `japaneast: vanished each time it was created. ${gaveUp} ${again}`,
  ],
  [
    'it failed each time',
    { have: [failedAt('japaneast')], remembered: wasFailed(3) },
    'RepairExhausted',
    `japaneast: is failed and could not be repaired. ${unknown} ${again}`,
  ],
  [
    'it failed each time, and Azure says why',
    { have: [failedAt('japaneast', { message: 'no. 1 of 2' })], remembered: wasFailed(3) },
    'RepairExhausted',
    `japaneast: is failed and could not be repaired. Azure says: no. 1 of 2. ${again}`,
  ],
  [
    'Azure says no more than fits',
    { have: [failedAt('japaneast', { message: 'x'.repeat(301) })], remembered: wasFailed(3) },
    'RepairExhausted',
    `japaneast: is failed and could not be repaired. Azure says: ${'x'.repeat(299)}…. ${again}`,
  ],
  [
    'Azure says as much as fits',
    { have: [failedAt('japaneast', { message: 'x'.repeat(300) })], remembered: wasFailed(3) },
    'RepairExhausted',
    `japaneast: is failed and could not be repaired. Azure says: ${'x'.repeat(300)}. ${again}`,
  ],
  [
    'what failed belongs to another',
    { have: [failedAt('japaneast', { tags: foreign })] },
    'Conflict',
    'japaneast: belongs to other/a/b, so it is not deleted. Remove the region from one of the two objects.',
  ],
  [
    'what is outside the set belongs to another',
    { want: ['eastus'], have: [replica('uksouth', { tags: foreign })] },
    'Conflict',
    'uksouth: belongs to other/a/b, so it is not deleted. Let it go there, or keep it here: list it, or set prune: Owned or None.',
  ],
  [
    'what is outside the set waits for the set',
    { have: [replica('japaneast', { state: 'Creating' }), replica('uksouth')], remembered: [stranger('uksouth')] },
    'Creating',
    'japaneast: being created. uksouth: will be deleted once every wanted region is ready.',
  ],
  [
    'somebody is busy outside the set',
    { want: ['eastus'], have: [replica('uksouth', { state: 'Updating' })], remembered: [stranger('uksouth')] },
    'Deleting',
    'uksouth: will be deleted once Azure is done with it.',
  ],
  [
    'what is outside the set is being deleted by somebody',
    { want: ['eastus'], have: [replica('uksouth', { state: 'Deleting' })] },
    'Deleting',
    'uksouth: being deleted.',
  ],
  [
    'what is outside the set is being deleted',
    {
      want: ['eastus'],
      have: [replica('uksouth')],
      remembered: [stranger('uksouth')],
      results: { uksouth: { kind: 'deleting' } },
    },
    'Deleting',
    'uksouth: being deleted.',
  ],
  [
    'what is outside the set is gone',
    {
      want: ['eastus'],
      have: [replica('uksouth')],
      remembered: [stranger('uksouth')],
      results: { uksouth: { kind: 'found', replica: undefined } },
    },
    'InSync',
    'The region is ready.',
  ],
  [
    'what is outside the set is none of its business',
    { have: [replica('japaneast'), replica('uksouth', { state: 'Failed' })], spec: { prune: 'None' } },
    'InSync',
    'The region is ready.',
  ],
  [
    'a call was refused',
    { results: { japaneast: { kind: 'failed', failure: refusal } } },
    'Rejected',
    'japaneast: It is not to be. Azure does not accept this change; correct the spec or the registry.',
  ],
  [
    'only what blocks is said when something does',
    {
      want: ['japaneast', 'uksouth', 'westeurope'],
      results: { japaneast: { kind: 'failed', failure: refusal }, uksouth: { kind: 'failed', failure: refusal } },
    },
    'Rejected',
    'japaneast, uksouth: It is not to be. Azure does not accept this change; correct the spec or the registry.',
  ],
  [
    'a creation waits its turn',
    { results: { japaneast: turn } },
    'Creating',
    "japaneast: waits its turn within Azure's request limits.",
  ],
  [
    'a deletion waits its turn',
    { want: ['eastus'], have: [replica('uksouth')], remembered: [stranger('uksouth')], results: { uksouth: turn } },
    'Deleting',
    "uksouth: waits its turn within Azure's request limits.",
  ],
  [
    'a change waits its turn',
    { have: [replica('japaneast', { routing: 'Disabled' })], routing: 'Enabled', results: { japaneast: turn } },
    'Updating',
    "japaneast: waits its turn within Azure's request limits.",
  ],
  [
    'the object goes and its replica is being deleted',
    { have: [replica('japaneast')], deleting: true, results: { japaneast: { kind: 'deleting' } } },
    'Deleting',
    'japaneast: being deleted.',
  ],
  [
    'the object goes and nothing is left of the set',
    { want: ['eastus'], deleting: true },
    'Deleting',
    'The replicas of this set are gone.',
  ],
  [
    'the object goes and a deletion is refused',
    {
      have: [replica('japaneast')],
      deleting: true,
      results: { japaneast: { kind: 'failed', failure: refusal } },
    },
    'Rejected',
    'japaneast: It is not to be. Azure does not accept this change; correct the spec or the registry. To let go of the replicas as they are: spec.deletionPolicy: Retain.',
  ],
  [
    'it failed, and may hold images',
    {
      have: [failedAt('japaneast', { message: said })],
      remembered: wasFailed(0, { provisionedTime: '2026-09-01T00:00:00Z' }),
    },
    'Repairing',
    'japaneast: failed, and is sent its own settings again. Azure says: the subnet is full.',
  ],
  [
    'somebody else made a replica',
    { want: ['eastus'], have: [replica('uksouth')] },
    'Deleting',
    'uksouth: was made by somebody else; it will be deleted, at the earliest five minutes after it was first seen to be unwanted. To keep it: list it, or set prune: Owned, or mode: Observe.',
  ],
  [
    'a change did not last',
    {
      have: [replica('japaneast', { routing: 'Disabled' })],
      routing: 'Enabled',
      remembered: [entry('japaneast', { attempts: 1, notBefore: minutesAfter(1).toISOString() })],
    },
    'Updating',
    'japaneast: was changed, and is not so any more; the next change waits its turn.',
  ],
  [
    'three changes did not last',
    {
      have: [replica('japaneast', { routing: 'Disabled' })],
      routing: 'Enabled',
      remembered: [entry('japaneast', { attempts: 3, notBefore: minutesAfter(15).toISOString() })],
    },
    'Overridden',
    'japaneast: is changed back each time: wanted routing Enabled, found Disabled. Find who changes it back (an Azure policy, another tool) and end that, or state in the spec what is found; the operator goes on trying now and then.',
  ],
  [
    'three deletions did not last',
    {
      want: ['eastus'],
      have: [replica('uksouth')],
      remembered: [stranger('uksouth', { attempts: 3, notBefore: minutesAfter(15).toISOString() })],
    },
    'Overridden',
    'uksouth: was deleted three times, as Azure accepted, and is still there. Find who changes it back (an Azure policy, another tool) and end that, or state in the spec what is found; the operator goes on trying now and then.',
  ],
  [
    'a setting of another’s replica differs',
    { have: [replica('japaneast', { routing: 'Disabled', tags: foreign })], routing: 'Enabled' },
    'Conflict',
    'japaneast: belongs to other/a/b, so its settings are left as they are. Remove the region from one of the two objects.',
  ],
  [
    'an owner tag holds what a terminal acts on',
    { have: [failedAt('japaneast', { tags: { 'acr-replication-owner': 'other/a/b\u001b[31m\nReady' } })] },
    'Conflict',
    'japaneast: belongs to other/a/b [31m Ready, so it is not deleted. Remove the region from one of the two objects.',
  ],
  [
    'a refused change waits its turn',
    {
      remembered: [
        {
          location: 'japaneast',
          notBefore: minutesAfter(4).toISOString(),
          error: { code: 'RequestDisallowedByPolicy', reason: 'PolicyDenied', message: 'A policy denies it. Ask.' },
        },
      ],
    },
    'PolicyDenied',
    'japaneast: A policy denies it. Ask.',
  ],
  [
    'the home region does not serve',
    { have: [replica('japaneast'), replica('eastus', { status: 'Offline' })] },
    'Syncing',
    'eastus: is the home region, of which Azure reports Offline; only Azure can mend it.',
  ],
  [
    'it only observes',
    { have: [replica('uksouth')], spec: { mode: 'Observe' } },
    'PlanPending',
    'Mode is Observe. With Apply these would be changed: +japaneast, -uksouth.',
  ],
];

describe('what is said when', () => {
  for (const [name, given, reason, message] of rows) {
    test(name, () => expect(verdictAfter(given)).toMatchObject({ reason, message }));
  }
});

/** What programs go by. */
const outcomes: readonly (readonly [name: string, verdict: Verdict, outcome: string])[] = [
  ['all is there', verdictAfter({ have: [replica('japaneast')] }), 'ready Ready True'],
  ['work goes on', verdictAfter({}), 'reconciling Syncing False'],
  ['the object goes', verdictAfter({ have: [replica('japaneast')], deleting: true }), 'reconciling Deleting False'],
  ['the set is gone', verdictAfter({ want: ['eastus'], deleting: true }), 'reconciling Deleting False'],
  ['a person is needed', verdictAfter({ have: [failedAt('japaneast', { tags: foreign })] }), 'stalled Failed False'],
  [
    'a person is needed while the object goes',
    verdictAfter({
      have: [replica('japaneast')],
      deleting: true,
      results: { japaneast: { kind: 'failed', failure: refusal } },
    }),
    'stalled Deleting False',
  ],
  ['it only observes', verdictAfter({ spec: { mode: 'Observe' } }), 'planned Pending False'],
  [
    'it only observes and all is there',
    verdictAfter({ have: [replica('japaneast')], spec: { mode: 'Observe' } }),
    'ready Ready True',
  ],
  [
    'nothing is known yet',
    verdictFrom({ kind: 'unobserved', failure: localThrottle('Paced.', noon), desired: desired([]) }),
    'reconciling Pending Unknown',
  ],
  [
    'something is known from before',
    verdictFrom(
      { kind: 'unobserved', failure: localThrottle('Paced.', noon), desired: desired([]) },
      { registry: { id: 'i', loginServer: 'l', homeRegion: 'eastus', sku: 'Premium' } },
    ),
    'reconciling Syncing False',
  ],
  [
    'the registry is not to be had',
    verdictFrom({ kind: 'unobserved', failure: refusal, desired: desired([]) }),
    'stalled Failed False',
  ],
];

describe('phase and Ready when', () => {
  for (const [name, { kind, phase, ready }, outcome] of outcomes) {
    test(name, () => expect(`${kind} ${phase} ${ready}`).toBe(outcome));
  }
});

test('a read that is held up while the object goes: the way out is said', () => {
  const proxy: Failure = {
    kind: 'retryable',
    pace: 'slow',
    reason: 'Retrying',
    code: 'BadAnswer',
    message: 'A proxy.',
  };
  const finding: Finding = { kind: 'unobserved', failure: proxy, desired: desired([]) };
  const metadata = { deletionTimestamp: noon.toISOString() };
  expect(judgedFinding(finding, { metadata }).verdict.message).toMatch(/deletionPolicy: Retain\.$/);
  expect(judgedFinding(finding).verdict.message).not.toMatch(/Retain/);
});

test('every problem of a spec is said', () => {
  const verdict = verdictFrom({ kind: 'invalid', problems: ['one is wrong', 'two is wrong'] });
  expect(verdict).toMatchObject({ reason: 'InvalidSpec', message: 'one is wrong; two is wrong.' });
});

const ready = [{ type: 'Ready', status: 'True', reason: 'InSync', message: 'x', lastTransitionTime: 'x' }] as const;
const stalled = [
  { type: 'Stalled', status: 'True', reason: 'Rejected', message: 'x', lastTransitionTime: 'x' },
  { type: 'Ready', status: 'False', reason: 'Rejected', message: 'x', lastTransitionTime: 'x' },
] as const;
const wish = (routing: 'Enabled' | undefined, regions: readonly Region[] = [regionOf('japaneast')]): Desired => {
  const base = desired(regions);
  return { ...base, wishes: new Map([...base.wishes].map(([region, w]) => [region, { ...w, routing }])) };
};
const known = [entry('japaneast', { routing: 'Enabled' })];
const tagged: Desired = (() => {
  const base = wish(undefined);
  return { ...base, wishes: new Map([...base.wishes].map(([region, w]) => [region, { ...w, tags: { team: 'a' } }])) };
})();

const suspensions: readonly (readonly [
  name: string,
  status: Status | undefined,
  desired: Desired | undefined,
  told: string,
])[] = [
  ['nothing was known', undefined, wish(undefined), 'Unknown Suspended'],
  ['it was not ready', { conditions: stalled }, wish(undefined), 'False Rejected'],
  ['it was ready and no replica is on record', { conditions: ready }, wish(undefined), 'Unknown Suspended'],
  ['it was ready', { conditions: ready, replicas: known }, wish(undefined), 'True InSync'],
  ['it was ready and the spec is invalid now', { conditions: ready, replicas: known }, undefined, 'Unknown Suspended'],
  ['it was ready, routing included', { conditions: ready, replicas: known }, wish('Enabled'), 'True InSync'],
  [
    'it was ready with another routing',
    { conditions: ready, replicas: [entry('japaneast', { routing: 'Disabled' })] },
    wish('Enabled'),
    'Unknown Suspended',
  ],
  [
    'it was ready with one region of two',
    { conditions: ready, replicas: known },
    wish(undefined, [regionOf('japaneast'), regionOf('uksouth')]),
    'Unknown Suspended',
  ],
  [
    'it was ready, and the images have not arrived',
    { conditions: ready, replicas: [entry('japaneast', { status: 'Syncing' })] },
    wish(undefined),
    'Unknown Suspended',
  ],
  [
    'it was ready, and a replica is now outside the set',
    { conditions: ready, replicas: [...known, entry('uksouth')] },
    wish(undefined),
    'Unknown Suspended',
  ],
  [
    'it was ready, and an edit may have changed the tags, which status does not hold',
    { observedGeneration: 0, conditions: ready, replicas: known },
    tagged,
    'Unknown Suspended',
  ],
  [
    'it was ready, tags included, and nobody has edited it',
    { observedGeneration: 1, conditions: ready, replicas: known },
    tagged,
    'True InSync',
  ],
  [
    'it was ready, home on record',
    { conditions: ready, replicas: [entry('eastus', { managed: 'Home' }), ...known] },
    wish(undefined),
    'True InSync',
  ],
];

describe('a suspended object says of Ready, when', () => {
  for (const [name, status, wanted, told] of suspensions) {
    test(name, () => {
      const verdict = verdictFrom({ kind: 'suspended', desired: wanted }, status);
      expect(verdict).toMatchObject({ kind: 'suspended', phase: 'Suspended' });
      expect(`${verdict.ready} ${verdict.reason}`).toBe(told);
    });
  }
});
