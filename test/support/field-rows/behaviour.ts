import type { Row, Stage } from '../field-steps.ts';
import { age, ownReplica } from '../registry-scene.ts';
import { all, finalizers, inJapan, inUk, japan, made, uk } from './common.ts';

export const behaviourRows: Readonly<Record<string, Row>> = {
  'spec.interval': {
    set: [{ spec: { ...inJapan, interval: '24h' }, azure: { japaneast: {} }, writes: ['PUT japaneast'] }],
    changed: [
      {
        spec: { ...inJapan, interval: '30s' },
        async finally({ world: at, it, expect }) {
          await age(at, await it.untilReady());
          await at.azure.control.deleteReplica({ registry: it.name, region: 'japaneast' });
          await expect.poll(() => it.locations(), { timeout: 45_000 }).toContain('japaneast');
          await it.untilReady();
        },
      },
    ],
    removed: [{ spec: inJapan }],
    invalid: [
      { spec: { ...inJapan, interval: '29s' }, refused: /spec\.interval: .*interval must be from 30s to 24h/ },
      { spec: { ...inJapan, interval: '24h1s' }, refused: /interval must be from 30s to 24h/ },
      { spec: { ...inJapan, interval: '1d' }, refused: /spec\.interval: .*in the units h, m and s: .*; a day is 24h/ },
    ],
    backToValid: [{ spec: { ...inJapan, interval: '1h30m' } }],
  },

  'spec.prune': {
    registry: { replicas: [{ location: 'brazilsouth' }] },
    set: [
      {
        spec: { regions: [japan, uk], prune: 'None' },
        azure: all('brazilsouth', 'japaneast', 'uksouth'),
        writes: ['PUT japaneast', 'PUT uksouth'],
      },
      { spec: { ...inJapan, prune: 'None' }, azure: all('brazilsouth', 'japaneast', 'uksouth') },
    ],
    changed: [
      { spec: { ...inJapan, prune: 'Owned' }, azure: all('brazilsouth', 'japaneast'), writes: ['DELETE uksouth'] },
    ],
    // All, and somebody else made it: it is given notice.
    removed: [
      { spec: inJapan, reason: 'Deleting', says: /^brazilsouth: was made by somebody else; it will be deleted/ },
    ],
    invalid: [
      { spec: { ...inUk, prune: 'Some' }, refused: /spec\.prune: Unsupported value: "Some": .*"All", "Owned", "None"/ },
    ],
    backToValid: [
      { spec: { ...inUk, prune: 'None' }, azure: all('brazilsouth', 'japaneast', 'uksouth'), writes: ['PUT uksouth'] },
    ],
  },

  'spec.mode': {
    before: ({ world: at, it }) =>
      at.azure.control.createReplica({ registry: it.name, ...ownReplica(at, it.name, 'uksouth') }),
    set: [
      {
        spec: { ...inJapan, mode: 'Observe' },
        reason: 'PlanPending',
        shows: { status: { phase: 'Pending', plan: ['+japaneast', '-uksouth'], conditions: [{ type: 'Ready' }] } },
        without: 'finalizers',
        azure: all('uksouth'),
      },
    ],
    changed: [
      {
        spec: { ...inJapan, mode: 'Apply' },
        shows: { metadata: { finalizers } },
        azure: all('japaneast'),
        writes: ['DELETE uksouth', 'PUT japaneast'],
      },
    ],
    removed: [
      {
        spec: { ...inUk, mode: 'Observe' },
        reason: 'PlanPending',
        shows: { status: { plan: ['+uksouth', '-japaneast'] } },
      },
      { spec: inUk, azure: all('uksouth'), writes: ['DELETE japaneast', 'PUT uksouth'] },
    ],
    invalid: [
      {
        spec: { ...inJapan, mode: 'DryRun' },
        refused: /spec\.mode: Unsupported value: "DryRun": .*"Apply", "Observe"/,
      },
    ],
    backToValid: [
      { spec: { ...inUk, mode: 'Observe' } },
      {
        spec: { ...inJapan, mode: 'Observe' },
        reason: 'PlanPending',
        async finally({ it, expect, world: at }) {
          await at.cluster.kube.delete(at.path(it.name));
          await it.untilGone();
          expect(await it.locations()).toEqual(['eastus', 'uksouth']);
        },
      },
    ],
  },

  'spec.deletionPolicy': {
    set: [{ ...made, spec: { ...inJapan, deletionPolicy: 'Retain' }, without: 'finalizers' }],
    changed: [{ spec: { ...inJapan, deletionPolicy: 'Delete' }, shows: { metadata: { finalizers } } }],
    removed: [{ spec: inJapan, shows: { metadata: { finalizers } } }],
    invalid: [
      {
        spec: { ...inJapan, deletionPolicy: 'Orphan' },
        refused: /spec\.deletionPolicy: Unsupported value: "Orphan": .*"Delete", "Retain"/,
      },
    ],
    backToValid: [
      { spec: { ...inJapan, deletionPolicy: 'Retain' }, finally: (stage) => deleted(stage, 'eastus', 'japaneast') },
      { spec: inJapan, finally: (stage) => deleted(stage, 'eastus') },
    ],
  },

  'spec.readyWhen': {
    before: ({ it }) => it.fault({ kind: 'stuckSyncing' }),
    set: [
      {
        ...made,
        spec: { ...inJapan, readyWhen: 'Provisioned' },
        shows: { status: { summary: '1/1', replicas: [{}, { status: 'Syncing' }] } },
      },
    ],
    changed: [{ spec: { ...inJapan, readyWhen: 'Synced' }, reason: 'Syncing', shows: { status: { summary: '0/1' } } }],
    removed: [
      { spec: { ...inJapan, readyWhen: 'Provisioned' } },
      { spec: inJapan, reason: 'Syncing', shows: { status: { summary: '0/1' } } },
    ],
    invalid: [
      {
        spec: { ...inJapan, readyWhen: 'Later' },
        refused: /spec\.readyWhen: Unsupported value: "Later": .*"Synced", "Provisioned"/,
      },
    ],
    backToValid: [{ spec: { ...inJapan, readyWhen: 'Provisioned' } }],
  },

  'spec.suspend': {
    set: [
      {
        spec: { ...inJapan, suspend: true },
        reason: 'Suspended',
        shows: { status: { phase: 'Suspended', conditions: [{ type: 'Ready', status: 'Unknown' }] } },
        finally: async ({ it, expect }) => expect(await it.calls()).toEqual([]),
      },
    ],
    changed: [{ ...made, spec: { ...inJapan, suspend: false } }],
    removed: [
      { spec: { ...inJapan, suspend: true }, shows: { status: { phase: 'Suspended' } } }, // Ready as last known
      { spec: { ...inUk, suspend: true }, reason: 'Suspended' }, // which another set contradicts
      { spec: inUk, azure: all('uksouth'), writes: ['DELETE japaneast', 'PUT uksouth'] },
    ],
    invalid: [{ spec: { ...inUk, suspend: 'yes' }, refused: /spec\.suspend: .*must be of type boolean/ }],
    backToValid: [{ spec: { ...inUk, suspend: false } }],
  },
};

async function deleted({ world, it, expect }: Stage, ...left: readonly string[]) {
  await world.cluster.kube.delete(world.path(it.name));
  await it.untilGone();
  expect(await it.locations()).toEqual(left);
}
