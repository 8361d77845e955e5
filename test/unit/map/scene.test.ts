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
  readonly state: State;
}

/** In place of a field that status does not have. */
const absent = '';

/** The region is uksouth; no `entry`: status does not have it. */
const cases: readonly Case[] = [
  { name: 'ready', entry: {}, state: 'ready' },
  { name: 'ready, and out of routing', entry: { routing: 'Disabled' }, state: 'routingOff' },
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
      conditions: [condition],
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
