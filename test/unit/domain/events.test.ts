import { describe, expect, test } from 'vitest';
import type { ReplicaStatus, Status } from '../../../src/api/registryreplication.ts';
import type { Result } from '../../../src/domain/account.ts';
import { eventsOf } from '../../../src/domain/events.ts';
import type { Failure } from '../../../src/domain/failure.ts';
import { regionOf } from '../../../src/domain/region.ts';
import type { Replica } from '../../../src/domain/replication.ts';
import { statusOf } from '../../../src/domain/status.ts';
import { entry, judgedFinding, judgedPass, noon, replica, resource } from '../../support/builders.ts';
import { type MemoryWorld, memoryWorld } from '../../support/memory-world.ts';

const home = entry('eastus', { managed: 'Home' });
const tokyo = regionOf('japaneast');

interface Pass {
  readonly name: string;
  /** Default japaneast. */
  readonly want?: readonly string[];
  readonly spec?: object;
  /** Status before; undefined: seen for the first time. */
  readonly was: readonly ReplicaStatus[] | undefined;
  /** More of the status before. */
  readonly before?: Partial<Status>;
  /** What LIST shows. */
  readonly have: readonly Replica[];
  readonly results?: Readonly<Record<string, Result>>;
  readonly edited?: true;
  readonly deleting?: true;
  readonly then: readonly string[];
}

function told({ want = ['japaneast'], spec, was, before, have, results = {}, edited, deleting }: Pass): string[] {
  const status: Status | undefined = was && {
    observedGeneration: edited ? 0 : 1,
    phase: 'Ready',
    registry: { id: 'id', loginServer: 'contoso.azurecr.io', homeRegion: 'eastus', sku: 'Premium' },
    replicas: [home, ...was],
    conditions: [],
    ...before,
  };
  const stated = { routing: undefined, zoneRedundancy: undefined, tags: {}, ...spec };
  const metadata = deleting ? { deletionTimestamp: noon.toISOString() } : {};
  const judged = judgedPass({ want, have, results, spec, desired: spec, stated, status, metadata });
  return eventsOf(judged, statusOf(judged)).map(({ reason, note }) => `${reason} ${note}`);
}

const made = (region: string): Result => ({
  kind: 'created',
  replica: replica(region, { state: 'Creating', status: '' }),
});
const creating = entry('japaneast', { provisioningState: 'Creating', status: '' });
const syncing = entry('japaneast', { status: 'Syncing' });
const failed = entry('japaneast', { provisioningState: 'Failed', status: '', attempts: 1 });
const lost: ReplicaStatus = {
  location: 'japaneast',
  since: noon.toISOString(),
  attempts: 1,
  error: { code: 'Vanished', message: '' },
};
const deleting = entry('japaneast', { provisioningState: 'Deleting' });
const ready = entry('japaneast');
const refused: Failure = { kind: 'retryable', pace: 'slow', reason: 'Locked', code: 'ScopeLocked', message: 'Locked.' };
const down: Failure = { kind: 'retryable', pace: 'soon', reason: 'Retrying', code: '503', message: 'Down.' };
const busy: Failure = { kind: 'throttled', until: undefined, reason: 'Throttled', code: '429', message: 'Too many.' };

const passes: readonly Pass[] = [
  {
    name: 'creates of one pass are one event',
    want: ['westeurope', 'japaneast'],
    was: undefined,
    have: [],
    results: { westeurope: made('westeurope'), japaneast: made('japaneast') },
    then: ['ReplicaCreating japaneast, westeurope: being created.'],
  },
  {
    name: 'a create whose answer was lost is told when LIST shows it',
    was: [{ location: 'japaneast' }],
    have: [replica('japaneast', { state: 'Creating', status: '' })],
    then: ['ReplicaCreating japaneast: being created.'],
  },
  {
    name: 'a create that goes on is nothing new',
    was: [creating],
    have: [replica('japaneast', { state: 'Creating', status: '' })],
    then: [],
  },
  { name: 'provisioned is not ready', was: [creating], have: [replica('japaneast', { status: 'Syncing' })], then: [] },
  {
    name: 'provisioned is ready when the spec says so',
    spec: { readyWhen: 'Provisioned' },
    was: [creating],
    have: [replica('japaneast', { status: 'Syncing' })],
    then: ['ReplicaReady japaneast: ready.'],
  },
  { name: 'synced is ready', was: [syncing], have: [replica('japaneast')], then: ['ReplicaReady japaneast: ready.'] },
  {
    name: 'an adopted replica is ready at first sight',
    was: undefined,
    have: [replica('japaneast')],
    then: ['ReplicaReady japaneast: ready.'],
  },
  {
    name: 'a ready replica that syncs again is no event',
    was: [ready],
    have: [replica('japaneast', { status: 'Syncing' })],
    then: [],
  },
  {
    name: 'a delete after an edit',
    want: ['eastus'],
    edited: true,
    was: [ready],
    have: [replica('japaneast')],
    results: { japaneast: { kind: 'deleting' } },
    then: ['ReplicaDeleting japaneast: being deleted.'],
  },
  {
    name: 'a delete that goes on is nothing new',
    want: ['eastus'],
    was: [deleting],
    have: [replica('japaneast', { state: 'Deleting' })],
    then: [],
  },
  {
    name: 'gone after a delete',
    want: ['eastus'],
    was: [deleting],
    have: [],
    then: ['ReplicaDeleted japaneast: deleted.'],
  },
  {
    name: 'gone before it could be deleted',
    want: ['eastus'],
    was: [ready],
    have: [],
    results: { japaneast: { kind: 'found', replica: undefined } },
    then: ['ReplicaDeleted japaneast: deleted.'],
  },
  {
    name: 'LIST leaves out what may stay, and no GET is made',
    want: ['eastus'],
    spec: { mode: 'Observe', prune: 'None' },
    was: [ready],
    have: [],
    then: [],
  },
  {
    name: 'LIST leaves out what is to go, and the GET fails',
    want: ['eastus'],
    was: [ready],
    have: [],
    results: { japaneast: { kind: 'failed', failure: down } },
    then: [],
  },
  {
    name: 'LIST shows what is to go, and a GET does not',
    want: ['eastus'],
    was: [ready],
    have: [replica('japaneast')],
    results: { japaneast: { kind: 'found', replica: undefined } },
    then: [],
  },
  {
    name: 'LIST calls a replica Failed, and the GET fails',
    was: [ready],
    have: [replica('japaneast', { state: 'Failed', status: '' })],
    results: { japaneast: { kind: 'failed', failure: down } },
    then: [],
  },
  {
    name: 'gone with the object',
    deleting: true,
    was: [deleting],
    have: [],
    then: ['ReplicaDeleted japaneast: deleted.'],
  },
  {
    name: 'a wanted replica that somebody deleted',
    was: [ready],
    have: [],
    results: { japaneast: made('japaneast') },
    then: ['DriftDetected japaneast: deleted outside the operator.', 'ReplicaCreating japaneast: being created.'],
  },
  {
    name: 'a wanted replica that somebody is deleting',
    was: [ready],
    have: [replica('japaneast', { state: 'Deleting' })],
    then: ['DriftDetected japaneast: deleted outside the operator.'],
  },
  {
    name: 'and no second time when it is gone',
    was: [deleting],
    have: [],
    results: { japaneast: made('japaneast') },
    then: ['ReplicaCreating japaneast: being created.'],
  },
  {
    name: 'a LIST that was wrong is no drift',
    was: [ready],
    have: [],
    results: { japaneast: { kind: 'found', replica: replica('japaneast') } },
    then: [],
  },
  {
    name: 'a replica that somebody added',
    was: [ready],
    have: [replica('japaneast'), replica('uksouth')],
    then: [
      'DriftDetected uksouth: added outside the operator.',
      'ReplicaNoticed uksouth: was made by somebody else; it will be deleted, at the earliest five minutes after it was first seen to be unwanted. To keep it: list it, or set prune: Owned, or mode: Observe.',
    ],
  },
  {
    name: 'a replica that somebody else made, and that is unwanted only now',
    was: [ready, entry('uksouth', { managed: 'Unlisted' })],
    have: [replica('japaneast'), replica('uksouth')],
    then: [
      'ReplicaNoticed uksouth: was made by somebody else; it will be deleted, at the earliest five minutes after it was first seen to be unwanted. To keep it: list it, or set prune: Owned, or mode: Observe.',
    ],
  },
  {
    name: 'one that prune None leaves alone is no drift',
    spec: { prune: 'None' },
    was: [ready],
    have: [replica('japaneast'), replica('uksouth')],
    then: [],
  },
  {
    name: 'what an object finds when it takes over was there before',
    was: [ready],
    before: {
      conditions: [
        {
          type: 'Stalled',
          status: 'True',
          reason: 'RegistryClaimed',
          message: '',
          lastTransitionTime: noon.toISOString(),
        },
      ],
    },
    have: [replica('japaneast'), replica('uksouth')],
    then: [
      'ReplicaNoticed uksouth: was made by somebody else; it will be deleted, at the earliest five minutes after it was first seen to be unwanted. To keep it: list it, or set prune: Owned, or mode: Observe.',
      'Recovered no longer RegistryClaimed: uksouth: was made by somebody else; it will be deleted, at the earliest five minutes after it was first seen to be unwanted. To keep it: list it, or set prune: Owned, or mode: Observe.',
    ],
  },
  {
    name: 'routing that somebody changed',
    spec: { routing: 'Enabled' },
    was: [ready],
    have: [replica('japaneast', { routing: 'Disabled' })],
    results: { japaneast: { kind: 'updated', replica: replica('japaneast', { state: 'Updating' }) } },
    then: ['DriftDetected japaneast: routing changed outside the operator.', 'ReplicaUpdated japaneast: routing set.'],
  },
  {
    name: 'routing that the spec changed is no drift',
    spec: { routing: 'Enabled' },
    edited: true,
    was: [ready],
    have: [replica('japaneast', { routing: 'Disabled' })],
    results: { japaneast: { kind: 'updated', replica: replica('japaneast', { state: 'Updating' }) } },
    then: ['ReplicaUpdated japaneast: routing set.'],
  },
  {
    name: 'nor is an update that was refused before',
    spec: { routing: 'Enabled' },
    was: [ready],
    before: { plan: ['~japaneast routing'] },
    have: [replica('japaneast', { routing: 'Disabled' })],
    results: { japaneast: { kind: 'updated', replica: replica('japaneast', { state: 'Updating' }) } },
    then: ['ReplicaUpdated japaneast: routing set.'],
  },
  {
    name: 'a failed creation',
    was: [creating],
    have: [replica('japaneast', { state: 'Failed', status: '' })],
    then: ['ReplicaFailed japaneast: failed in Azure.'],
  },
  {
    name: 'a repair after its pause does not tell the failure again',
    was: [{ ...failed, since: '2026-09-10T11:00:00Z' }],
    have: [replica('japaneast', { state: 'Failed', status: '' })],
    results: { japaneast: { kind: 'deleting' } },
    then: ['ReplicaRepairing japaneast: being deleted, to be created again.'],
  },
  {
    name: 'a repair that waits is nothing new',
    was: [failed],
    have: [replica('japaneast', { state: 'Failed', status: '' })],
    then: [],
  },
  {
    name: 'a replica that was canceled',
    was: [creating],
    have: [replica('japaneast', { state: 'Canceled', status: '' })],
    results: { japaneast: { kind: 'found', replica: replica('japaneast', { state: 'Canceled', status: '' }) } },
    then: ['ReplicaFailed japaneast: its creation was canceled.'],
  },
  {
    name: 'a replica that vanished while it was being created',
    was: [creating],
    have: [],
    results: { japaneast: { kind: 'found', replica: undefined } },
    then: ['ReplicaFailed japaneast: vanished while it was being created.'],
  },
  {
    name: 'whose repair goes on waiting',
    was: [lost],
    have: [],
    then: [],
  },
  {
    name: 'until its turn comes',
    was: [{ ...lost, since: '2026-09-10T11:00:00Z' }],
    have: [],
    results: { japaneast: made('japaneast') },
    then: ['ReplicaRepairing japaneast: being created again.'],
  },
  {
    name: 'settings are not final while they are being updated',
    spec: { routing: 'Enabled' },
    was: [entry('japaneast', { provisioningState: 'Updating' })],
    have: [replica('japaneast', { state: 'Updating', routing: 'Disabled' })],
    then: [],
  },
  {
    name: 'the home region has no events of its own',
    want: ['eastus'],
    was: undefined,
    have: [replica('eastus')],
    then: [],
  },
];

describe('a pass tells', () => {
  for (const pass of passes) test(pass.name, () => expect(told(pass)).toEqual(pass.then));

  test('that it is stalled, once per reason', () => {
    const results = { japaneast: { kind: 'failed', failure: refused } } as const;
    const pass = { name: '', was: [], have: [], results, then: [] };
    const note = 'japaneast: Locked. Remove the lock in Azure; the operator tries again by itself.';
    expect(told(pass)).toEqual([`Stalled Locked: ${note}`]);
    const condition = { type: 'Stalled', status: 'True', message: '', lastTransitionTime: '' } as const;
    expect(told({ ...pass, before: { conditions: [{ ...condition, reason: 'Locked' }] } })).toEqual([]);
    expect(told({ ...pass, before: { conditions: [{ ...condition, reason: 'Forbidden' }] } })).toHaveLength(1);
  });

  describe('that nobody is needed any more', () => {
    const forbidden: Failure = { ...refused, reason: 'Forbidden', code: 'AuthorizationFailed', message: 'No.' };
    const gone: Failure = { kind: 'retryable', pace: 'soon', reason: 'Retrying', code: '503', message: 'Down.' };
    const wait = (world: MemoryWorld) => world.advance(10 * 60_000);
    const unlisted = (failure: Failure) => (world: MemoryWorld) => world.azure.faults.push({ failure, lost: false });
    const unmade = (failure: Failure) => (world: MemoryWorld) => {
      wait(world); // as long as a refused change is left alone
      world.azure.faults.push(undefined, undefined, { failure, lost: false });
    };
    const look = () => {};
    const edit = (spec: object) => (world: MemoryWorld) => world.apply(resource(['japaneast'], { spec }));
    const stalled = 'Stalled Forbidden';
    const rows: readonly (readonly [
      name: string,
      steps: readonly ((world: MemoryWorld) => unknown)[],
      then: readonly string[],
    ])[] = [
      ['when Azure can be read again', [unlisted(forbidden), look], [stalled, 'Recovered no longer Forbidden']],
      ['when Azure takes the change', [unmade(forbidden), wait, look], [stalled, 'Recovered no longer Forbidden']],
      ['not when it cannot be read for another reason', [unlisted(forbidden), unlisted(gone)], [stalled]],
      ['not when the change fails for another reason', [unmade(forbidden), unmade(gone)], [stalled]],
      ['not while a change waits that failed for another reason', [unmade(forbidden), unmade(gone), look], [stalled]],
      ['not when it is suspended', [unlisted(forbidden), edit({ suspend: true })], [stalled]],
      ['not when it is deleted', [unmade(forbidden), (world) => world.delete()], [stalled]],
      [
        'when it goes on after it was suspended',
        [unlisted(forbidden), edit({ suspend: true }), edit({ suspend: false })],
        [stalled, 'Recovered no longer Forbidden'],
      ],
      [
        'not that somebody is needed, when that goes on after it was suspended',
        [
          unlisted(forbidden),
          edit({ suspend: true }),
          (world) => [edit({ suspend: false })(world), unlisted(forbidden)(world)],
        ],
        [stalled],
      ],
    ];
    for (const [name, steps, then] of rows) {
      test(name, async () => {
        const world = memoryWorld([resource(['japaneast'])]);
        for (const step of steps) {
          step(world);
          await world.pass();
        }
        const texts = world.events.filter((text) => /^(Stalled|Recovered)/.test(text));
        expect(texts.map((text) => text.split(':')[0])).toEqual(then);
      });
    }
  });

  test('that it is throttled, once', () => {
    const results = { japaneast: { kind: 'failed', failure: busy } } as const;
    const pass = { name: '', was: [], have: [], results, then: [] };
    expect(told(pass)).toEqual([
      'Throttled japaneast: Too many. The operator waits as long as Azure asks; nothing to do.',
    ]);
    const condition = { type: 'Reconciling', status: 'True', message: '', lastTransitionTime: '' } as const;
    expect(told({ ...pass, before: { conditions: [{ ...condition, reason: 'Throttled' }] } })).toEqual([]);
  });

  test('the same whatever the order of regions', () => {
    const regions = ['japaneast', 'westeurope', 'brazilsouth', 'uksouth'];
    const of = (order: readonly string[]) =>
      told({
        name: '',
        want: order,
        was: order.map((region) => entry(region, { status: 'Syncing' })),
        have: order.map((region) => replica(region)),
        then: [],
      });
    expect(of(regions)).toEqual(['ReplicaReady brazilsouth, japaneast, uksouth, westeurope: ready.']);
    expect(of(regions.toReversed())).toEqual(of(regions));
  });

  test('nothing when status does not change', () => {
    expect(eventsOf(judgedFinding({ kind: 'suspended', desired: undefined }), undefined)).toEqual([]);
  });
});

describe('over a whole life', () => {
  test('each change is told once, in the order in which it happened', async () => {
    const world = memoryWorld([resource(['japaneast', 'westeurope'])]);
    const settle = () => world.passUntil(() => world.get()?.status?.phase === 'Ready');
    let seen = 0;
    const since = () => {
      const fresh = world.events.slice(seen);
      seen = world.events.length;
      return fresh;
    };

    await settle();
    expect(since()).toEqual([
      'ReplicaCreating japaneast, westeurope: being created.',
      'ReplicaReady japaneast, westeurope: ready.',
    ]);

    world.apply(resource(['japaneast', 'uksouth']));
    await settle();
    expect(since()).toEqual([
      'ReplicaCreating uksouth: being created.',
      'ReplicaDeleting westeurope: being deleted.',
      'ReplicaReady uksouth: ready.',
      'ReplicaDeleted westeurope: deleted.',
    ]);

    world.azure.drop(tokyo);
    world.azure.fates.set(tokyo, ['Failed']);
    await settle();
    expect(since()).toEqual([
      'DriftDetected japaneast: deleted outside the operator.',
      'ReplicaCreating japaneast: being created.',
      'ReplicaFailed japaneast: failed in Azure.',
      'ReplicaRepairing japaneast: being deleted, to be created again.',
      'ReplicaCreating japaneast: being created.',
      'ReplicaReady japaneast: ready.',
    ]);

    world.delete();
    await world.passUntil(() => world.get() === undefined);
    expect(since()).toEqual([
      'ReplicaDeleting japaneast, uksouth: being deleted.',
      'ReplicaDeleted japaneast, uksouth: deleted.',
    ]);
  });

  test('what LIST leaves out while no GET is answered is told when a GET has shown what became of it', async () => {
    const world = memoryWorld([resource(['japaneast'])]);
    await world.passUntil(() => world.get()?.status?.phase === 'Ready');
    const told = world.events.length;
    world.azure.hidden.set(tokyo, world.now().getTime() + 1_000);
    world.azure.faults.push(undefined, { failure: down, lost: false });
    await world.pass();
    await world.passUntil(() => world.get()?.status?.phase === 'Ready');
    expect(world.events.slice(told)).toEqual([]);

    world.azure.drop(tokyo);
    world.azure.faults.push(undefined, { failure: down, lost: false });
    await world.pass();
    expect(world.events.slice(told)).toEqual([]);
    await world.pass();
    expect(world.events.slice(told)).toEqual([
      'DriftDetected japaneast: deleted outside the operator.',
      'ReplicaCreating japaneast: being created.',
    ]);
  });

  test('an hour in which nothing changes tells nothing', async () => {
    const world = memoryWorld([resource(['japaneast'])]);
    await world.passUntil(() => world.get()?.status?.phase === 'Ready');
    const before = world.events.length;
    for (let minutes = 0; minutes < 60; minutes += 5) await world.pass();
    expect(world.events.length).toBe(before);
  });
});
