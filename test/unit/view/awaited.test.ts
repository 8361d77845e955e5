import { expect, test } from 'vitest';
import type { ReplicaStatus, Spec, Status } from '../../../src/api/registryreplication.ts';
import { awaitedBy } from '../../../src/view/awaited.ts';
import { rowsOf } from '../../../src/view/replicas.ts';
import { minutesAfter, resource } from '../../support/builders.ts';

const now = minutesAfter(0);
const ago = (minutes: number) => minutesAfter(-minutes).toISOString();

interface Case {
  readonly name: string;
  readonly entry?: Partial<ReplicaStatus>;
  readonly status?: Partial<Status>;
  readonly spec?: Partial<Spec>;
  readonly deleted?: true;
  readonly then: ReturnType<typeof awaitedBy>;
}

const ready = { provisioningState: 'Succeeded', status: 'Ready' };
const fiveMinutes = 300_000;

const cases: readonly Case[] = [
  { name: 'nothing, when it is as it should be', entry: ready, then: { withinMs: fiveMinutes } },
  {
    name: 'the end of what Azure does, at a pace that slows down',
    entry: { provisioningState: 'Creating', since: ago(10) },
    then: { what: 'Azure to finish creating it', withinMs: 15_000 },
  },
  {
    name: 'its images',
    entry: { provisioningState: 'Succeeded', status: 'Syncing', since: ago(0) },
    then: { what: 'its images to arrive', withinMs: 2_000 },
  },
  { name: 'its creation', entry: {}, then: { what: 'its creation', withinMs: fiveMinutes } },
  {
    name: 'its own pace after a refusal',
    entry: { error: { code: 'X', message: 'No.' }, notBefore: ago(-3) },
    then: { what: 'its creation, which Azure refused', notBefore: '2026-09-10T12:03:00Z', withinMs: fiveMinutes },
  },
  {
    name: 'its next repair, after its pause',
    entry: { provisioningState: 'Failed', attempts: 2, since: ago(1) },
    then: { what: 'its repair, number 3 of 3', notBefore: '2026-09-10T12:04:00Z', withinMs: fiveMinutes },
  },
  {
    name: 'a person, once repairs are exhausted',
    entry: { provisioningState: 'Failed', attempts: 3, since: ago(1) },
    then: { what: 'a person: it was repaired three times in vain', withinMs: fiveMinutes },
  },
  {
    name: 'a setting',
    entry: ready,
    status: { plan: ['~japaneast routing tags'] },
    then: { what: 'a change of routing and tags', withinMs: fiveMinutes },
  },
  {
    name: 'a drain',
    entry: ready,
    status: { plan: ['~japaneast drain'] },
    then: { what: 'its drain', withinMs: fiveMinutes },
  },
  {
    name: 'nobody who changes anything, in mode Observe',
    entry: {},
    spec: { mode: 'Observe' },
    then: { what: 'its creation; mode Observe leaves it undone', withinMs: fiveMinutes },
  },
  {
    name: 'the end of a suspension',
    entry: {},
    spec: { suspend: true },
    then: { what: 'somebody to resume it: spec.suspend is true' },
  },
  {
    name: 'its interval, as the operator has it',
    entry: ready,
    status: { interval: '1h30m' },
    then: { withinMs: 5_400_000 },
  },
  {
    name: 'its deletion with the object',
    entry: { ...ready, managed: 'Created' },
    deleted: true,
    then: { what: 'its deletion', withinMs: fiveMinutes },
  },
  {
    name: 'to be let go with the object',
    entry: { ...ready, managed: 'Created' },
    spec: { deletionPolicy: 'Retain' },
    deleted: true,
    then: { what: 'the object to let go of it; it stays in Azure', withinMs: fiveMinutes },
  },
  {
    name: 'notice of its deletion',
    entry: { ...ready, managed: 'Unlisted', notBefore: ago(-4) },
    status: { plan: ['-japaneast'] },
    spec: { regions: [{ location: 'uksouth' }] },
    then: { what: 'its deletion, of which notice is given', notBefore: '2026-09-10T12:04:00Z', withinMs: fiveMinutes },
  },
  {
    name: 'to be let go with the object in mode Observe, too',
    entry: { ...ready, managed: 'Adopted' },
    spec: { mode: 'Observe' },
    deleted: true,
    then: { what: 'the object to let go of it; it stays in Azure', withinMs: fiveMinutes },
  },
  {
    name: 'its next repair, when it vanished while it was being created',
    entry: { attempts: 1, since: ago(0), notBefore: ago(-1), error: { code: 'Vanished', message: 'Gone.' } },
    then: { what: 'its repair, number 2 of 3', notBefore: '2026-09-10T12:01:00Z', withinMs: fiveMinutes },
  },
  {
    name: 'a person, when it vanished each time',
    entry: { attempts: 3, since: ago(0), error: { code: 'Vanished', message: 'Gone.' } },
    then: { what: 'a person: it was repaired three times in vain', withinMs: fiveMinutes },
  },
  {
    name: 'its deletion, once all else is ready',
    entry: { ...ready, managed: 'Created' },
    status: { plan: ['-japaneast'] },
    spec: { regions: [{ location: 'uksouth' }] },
    then: { what: 'its deletion, once every wanted region is ready', withinMs: fiveMinutes },
  },
  {
    name: 'a deletion that Azure refuses',
    entry: {
      ...ready,
      managed: 'Created',
      error: { code: 'ScopeLocked', reason: 'Locked', message: 'It is locked.' },
      notBefore: ago(-4),
    },
    status: { plan: ['-japaneast'] },
    spec: { regions: [{ location: 'uksouth' }] },
    then: { what: 'its deletion, which Azure refused', notBefore: '2026-09-10T12:04:00Z', withinMs: fiveMinutes },
  },
  {
    name: 'a person, where it belongs to another owner',
    entry: { ...ready, managed: 'Unlisted' },
    status: {
      plan: ['-japaneast'],
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'Conflict',
          message: 'brazilsouth, japaneast: belongs to other/platform/contoso, so it is not deleted.',
          lastTransitionTime: ago(1),
        },
      ],
    },
    spec: { regions: [{ location: 'uksouth' }] },
    then: { what: 'a person: it belongs to another owner, so it is not deleted', withinMs: fiveMinutes },
  },
  {
    name: 'nothing, where prune keeps it',
    entry: { ...ready, managed: 'Unlisted' },
    spec: { regions: [{ location: 'uksouth' }], prune: 'None' },
    then: { withinMs: fiveMinutes },
  },
];

for (const { name, entry, status, spec = {}, deleted, then } of cases) {
  test(`a region awaits ${name}`, () => {
    const registry = { id: '/r', homeRegion: 'eastus' };
    const replicas = [{ location: 'japaneast', ...entry }];
    const object = resource(['japaneast'], {
      spec,
      status: { observedGeneration: 1, registry, replicas, ...status },
      metadata: deleted === true ? { deletionTimestamp: ago(1) } : {},
    });
    const row = rowsOf(object).find(({ location }) => location === 'japaneast');
    expect(row && awaitedBy(row, { object, now })).toEqual(then);
  });
}
