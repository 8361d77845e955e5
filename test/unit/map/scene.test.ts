import { describe, expect, test } from 'vitest';
import type { RegistryReplication, ReplicaStatus } from '../../../src/api/registryreplication.ts';
import { sceneOf } from '../../../src/map/scene.ts';
import type { State } from '../../../src/map/wire.ts';
import { entry, resource } from '../../support/builders.ts';

interface Case {
  readonly name: string;
  readonly entry?: Partial<ReplicaStatus> | undefined;
  readonly plan?: string;
  readonly spec?: Partial<RegistryReplication['spec']>;
  readonly reason?: string;
  /** What the condition Stalled says. */
  readonly stalled?: string;
  readonly state: State;
}

/** In place of a field that status does not have. */
const absent = '';

const until = '2026-12-01T06:00:00Z';
const drained = { until, before: 'Enabled' } as const;

/** The region is uksouth; no `entry`: status does not have it. */
const cases: readonly Case[] = [
  { name: 'ready', entry: {}, state: 'ready' },
  { name: 'ready, and out of routing', entry: { routing: 'Disabled' }, state: 'routingOff' },
  { name: 'out of routing by a drain', entry: { routing: 'Disabled', drained }, state: 'drained' },
  { name: 'to be drained, and in routing until that is done', entry: { drained }, state: 'ready' },
  {
    name: 'drained, and its images arrive',
    entry: { status: 'Syncing', routing: 'Disabled', drained },
    state: 'syncing',
  },
  {
    name: 'drained, and given up by Azure',
    entry: { provisioningState: 'Failed', routing: 'Disabled', drained },
    state: 'failed',
  },
  {
    name: 'to be drained, and only told of',
    entry: {},
    spec: { mode: 'Observe' },
    plan: '~uksouth drain',
    state: 'held',
  },
  { name: 'its images arrive', entry: { status: 'Syncing' }, state: 'syncing' },
  {
    name: 'its images arrive, which is enough',
    entry: { status: 'Syncing' },
    spec: { readyWhen: 'Provisioned' },
    state: 'ready',
  },
  {
    name: 'out of routing, and its images arrive',
    entry: { status: 'Syncing', routing: 'Disabled' },
    state: 'syncing',
  },
  { name: 'being created', entry: { provisioningState: 'Creating' }, state: 'creating' },
  { name: 'being changed', entry: { provisioningState: 'Updating' }, state: 'updating' },
  { name: 'being deleted', entry: { provisioningState: 'Deleting' }, state: 'deleting' },
  { name: 'given up by Azure', entry: { provisioningState: 'Failed' }, state: 'failed' },
  { name: 'canceled', entry: { provisioningState: 'Canceled' }, state: 'failed' },
  {
    name: 'failed, and unlisted',
    entry: { provisioningState: 'Failed', managed: 'Unlisted' },
    spec: { regions: [] },
    state: 'failed',
  },
  { name: 'in a state of tomorrow', entry: { provisioningState: 'Moving' }, state: 'unknown' },
  { name: 'wanted, and not there', state: 'missing' },
  { name: 'refused', entry: refused('PolicyDenied'), state: 'held' },
  { name: 'refused for now', entry: refused('Throttled'), state: 'held' },
  {
    name: 'a change of it refused',
    entry: { error: { reason: 'Locked', code: 'ScopeLocked', message: 'locked' } },
    state: 'held',
  },
  { name: 'wanted, while the object is suspended', spec: { suspend: true }, state: 'held' },
  { name: 'wanted, and only told of', spec: { mode: 'Observe' }, plan: '+uksouth', state: 'held' },
  { name: 'wanted, and another object has the registry', reason: 'RegistryClaimed', state: 'held' },
  {
    name: 'to be changed, and only told of',
    entry: {},
    spec: { mode: 'Observe' },
    plan: '~uksouth routing',
    state: 'held',
  },
  { name: 'to be changed soon', entry: {}, plan: '~uksouth routing', state: 'ready' },
  {
    name: 'unlisted, and kept',
    entry: { managed: 'Unlisted' },
    spec: { regions: [], prune: 'None' },
    state: 'unlisted',
  },
  {
    name: 'unlisted, with notice',
    entry: { managed: 'Unlisted', notBefore: '2026-09-10T12:05:00Z' },
    spec: { regions: [] },
    plan: '-uksouth',
    state: 'held',
  },
  { name: 'another region is to go', entry: {}, plan: '-uksouth2', state: 'ready' },
];

/** Azure has no replica, because it refused one. */
function refused(reason: string): Partial<ReplicaStatus> {
  return { provisioningState: absent, error: { reason, code: 'RequestDisallowedByPolicy', message: 'no' } };
}

function entryOf(changes: Partial<ReplicaStatus>): ReplicaStatus {
  const { provisioningState, ...others } = entry('uksouth', changes);
  return provisioningState === absent ? others : { ...others, provisioningState: provisioningState ?? '' };
}

function objectOf({
  entry: changes,
  plan,
  spec = {},
  reason = 'InSync',
  stalled,
}: Omit<Case, 'name' | 'state'>): RegistryReplication {
  const base = resource(['uksouth']);
  const condition = {
    type: 'Ready',
    status: 'False',
    reason,
    message: '',
    lastTransitionTime: '2026-09-10T12:00:00Z',
  } as const;
  return {
    ...base,
    spec: { ...base.spec, ...spec },
    status: {
      observedGeneration: base.metadata.generation,
      phase: 'Syncing',
      summary: '0/1',
      registry: { id: '/r', homeRegion: 'eastus', loginServer: 'contoso.azurecr.io', sku: 'Premium' },
      replicas: [entry('eastus', { managed: 'Home' }), ...(changes === undefined ? [] : [entryOf(changes)])],
      ...(plan === undefined ? {} : { plan: [plan] }),
      conditions: [
        condition,
        ...(stalled === undefined
          ? []
          : [{ ...condition, type: 'Stalled', status: 'True', message: stalled } as const]),
      ],
    },
  };
}

describe('a region', () => {
  test.each(cases)('that is $name: $state', ({ state, ...scene }) => {
    const { replicas, worst } = sceneOf(objectOf(scene));
    expect(replicas.map((one) => [one.region, one.state])).toEqual([
      ['eastus', 'ready'],
      ['uksouth', state],
    ]);
    expect(worst).toBe(state);
  });

  test('is out of routing whatever its state', () => {
    const [, replica] = sceneOf(objectOf({ entry: { status: 'Syncing', routing: 'Disabled' } })).replicas;
    expect(replica).toMatchObject({ state: 'syncing', routingOff: true, wanted: true, home: false, status: 'Syncing' });
  });

  const drains = [{ location: 'UK South', until, reason: 'INC-4711' }];
  const drainOf = (of: Omit<Case, 'name' | 'state'>) => {
    const [, replica] = sceneOf(objectOf(of)).replicas;
    return replica?.drain;
  };
  const out = { routing: 'Disabled', drained } as const;

  test('that is drained tells until when, why, what routing was, and what it becomes', () => {
    const drain = { until, reason: 'INC-4711', out: true, before: 'Enabled', after: 'Enabled' };
    expect(drainOf({ entry: out, spec: { drains } })).toEqual(drain);
    const stated: Partial<RegistryReplication['spec']> = {
      drains,
      regions: [{ location: 'uksouth', routing: 'Disabled' }],
    };
    expect(drainOf({ entry: out, spec: stated })).toEqual({ ...drain, after: 'Disabled' });
  });

  test('whose drain was taken out of the spec is drained without a reason until routing is put back', () => {
    expect(drainOf({ entry: out })).toEqual({ until, out: true, before: 'Enabled', after: 'Enabled' });
    expect(drainOf({ entry: {} })).toBeUndefined();
  });

  const waiting: readonly (readonly [string, Omit<Case, 'name' | 'state'>, string | undefined])[] = [
    [
      'no other region would be in routing',
      {
        entry: {
          note: 'its drain waits: no other region of the set that serves, with all images, is in routing. And more.',
        },
      },
      'no other region of the set that serves, with all images, is in routing.',
    ],
    [
      'the object is suspended',
      { entry: {}, spec: { suspend: true } },
      expect.stringMatching(/suspended: no drain begins/),
    ],
    ['the object is only observed', { entry: {}, spec: { mode: 'Observe' } }, expect.stringMatching(/^mode: Observe/)],
    ['Azure refuses it', { entry: { error: { reason: 'Locked', code: 'ScopeLocked', message: 'locked' } } }, 'locked'],
    ['the registry is not Premium', { entry: {}, stalled: 'Only Premium.' }, 'Only Premium.'],
    ['there is no replica', {}, 'there is no replica yet to be taken out of routing.'],
    ['nobody has looked since', { entry: { routing: 'Enabled' } }, undefined],
  ];
  for (const [why, of, waits] of waiting)
    test(`whose drain waits says that ${why}`, () => {
      expect(drainOf({ ...of, spec: { drains, ...of.spec } })).toEqual({
        until,
        reason: 'INC-4711',
        out: false,
        ...(waits === undefined ? {} : { waits }),
      });
    });

  test('says what its drain tells in no other place again, and what Azure refuses nevertheless', () => {
    const messageOf = (entry: Partial<ReplicaStatus>) =>
      sceneOf(objectOf({ entry, spec: { drains } })).replicas[1]?.message;
    expect(messageOf(out)).toBeUndefined();
    expect(
      messageOf({ note: 'its drain waits: no other region of the set that serves, with all images, is in routing.' }),
    ).toBeUndefined();
    expect(messageOf({ ...out, error: { reason: 'Locked', code: 'ScopeLocked', message: 'locked' } })).toBe('locked');
    expect(messageOf({ message: 'It is slow.' })).toBe('It is slow.');
  });

  test('of an object that is being deleted is drained no more', () => {
    const object = objectOf({ entry: {}, spec: { drains } });
    const metadata = { ...object.metadata, deletionTimestamp: '2026-09-10T12:00:00Z' };
    expect(sceneOf({ ...object, metadata }).replicas[1]?.drain).toBeUndefined();
  });

  test('has its regional host', () => {
    const endpoint = 'contoso.uksouth.geo.azurecr.io';
    expect(sceneOf(objectOf({ entry: { endpoint } })).replicas[1]).toMatchObject({ endpoint });
  });

  test('has the beginning of its message, in one line', () => {
    const message = `it ${'is '.repeat(200)}\n so`;
    const [, replica] = sceneOf(objectOf({ entry: { message } })).replicas;
    expect(replica?.message).toHaveLength(300);
    expect(replica?.message).toMatch(/^it is is .*…$/);
  });
});

describe('an object', () => {
  test('that nobody looked at is pending, and all of it unknown', () => {
    const { status: _, ...bare } = resource(['japaneast', 'uksouth']);
    expect(sceneOf(bare)).toMatchObject({
      phase: 'Pending',
      reason: '',
      summary: '0/2',
      worst: 'unknown',
      replicas: [{ state: 'unknown', managed: '' }, { state: 'unknown' }],
    });
  });

  test('that is claimed by another is held, though nothing is known', () => {
    const { status = {}, ...object } = objectOf({ reason: 'RegistryClaimed' });
    const { registry: _, replicas: __, ...known } = status;
    expect(sceneOf({ ...object, status: known }).replicas.map(({ state }) => state)).toEqual(['held']);
  });

  test('tells its version, its home and where it is pulled from', () => {
    const object = objectOf({ entry: {} });
    expect(sceneOf(object)).toMatchObject({
      key: `${object.metadata.namespace}/${object.metadata.name}`,
      version: object.metadata.resourceVersion,
      home: 'eastus',
      loginServer: 'contoso.azurecr.io',
      phase: 'Syncing',
      reason: 'InSync',
    });
  });

  test('that is being deleted says so', () => {
    const object = objectOf({ entry: {}, spec: { suspend: true } });
    const metadata = { ...object.metadata, deletionTimestamp: '2026-09-10T12:00:00Z' };
    expect(sceneOf({ ...object, metadata })).toMatchObject({ phase: 'Deleting', deleting: true, worst: 'ready' });
  });
});
