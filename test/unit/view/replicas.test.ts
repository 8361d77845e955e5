import { expect, test } from 'vitest';
import type { RegistryReplication, Spec, Status } from '../../../src/api/registryreplication.ts';
import { rowsOf } from '../../../src/view/replicas.ts';
import { resource } from '../../support/builders.ts';

const registry = { id: '/x', homeRegion: 'eastus', sku: 'Premium', loginServer: 'contoso.azurecr.io' };

interface Case {
  readonly name: string;
  readonly spec?: Partial<Spec>;
  readonly status?: Status;
  /** location, provisioningState, standing */
  readonly then: readonly string[];
}

function objectOf({ spec = {}, status }: Pick<Case, 'spec' | 'status'>): RegistryReplication {
  return resource(['Japan East'], { spec, ...(status === undefined ? {} : { status }) });
}

const cases: readonly Case[] = [
  { name: 'what nobody has looked at yet is unknown', then: ['japaneast unknown missing'] },
  {
    name: 'while the registry cannot be read, nothing is known to be missing',
    status: { phase: 'Failed', observedGeneration: 1 },
    then: ['japaneast unknown missing'],
  },
  {
    name: 'a wanted region without a replica is missing',
    status: { registry, replicas: [{ location: 'eastus', managed: 'Home', provisioningState: 'Succeeded' }] },
    then: ['eastus Succeeded ready', 'japaneast missing missing'],
  },
  {
    name: 'one that was refused is bad',
    status: { registry, replicas: [{ location: 'japaneast', error: { code: 'Denied', message: 'No.' } }] },
    then: ['japaneast missing bad'],
  },
  {
    name: 'one whose refusal passes by itself is only missing',
    status: {
      registry,
      replicas: [{ location: 'japaneast', error: { code: 'Denied', reason: 'Retrying', message: 'No.' } }],
    },
    then: ['japaneast missing missing'],
  },
  {
    name: 'home counts as there where Azure lists no replica of it',
    spec: { regions: [{ location: 'eastus' }] },
    status: { registry, replicas: [] },
    then: ['eastus home ready'],
  },
  {
    name: 'a sync is under way',
    status: { registry, replicas: [{ location: 'japaneast', provisioningState: 'Succeeded', status: 'Syncing' }] },
    then: ['japaneast Succeeded busy'],
  },
  {
    name: 'a sync does not count where provisioned is enough',
    spec: { readyWhen: 'Provisioned' },
    status: { registry, replicas: [{ location: 'japaneast', provisioningState: 'Succeeded', status: 'Syncing' }] },
    then: ['japaneast Succeeded ready'],
  },
  {
    name: 'what the spec does not ask for is unlisted',
    status: { registry, replicas: [{ location: 'uksouth', provisioningState: 'Succeeded', status: 'Ready' }] },
    then: ['japaneast missing missing', 'uksouth Succeeded unlisted'],
  },
];

for (const each of cases) {
  test(each.name, () => {
    const rows = rowsOf(objectOf(each));
    expect(rows.map((row) => [row.location, row.provisioningState, row.standing].join(' '))).toEqual(each.then);
  });
}

test('one that a drain keeps out of routing says until when and why, where nothing is worse', () => {
  const drained = { until: '2026-09-11T06:00:00Z', before: 'Enabled' } as const;
  const entryOf = (changes: object) => ({ registry, replicas: [{ location: 'japaneast', drained, ...changes }] });
  const spec = { drains: [{ location: 'Japan East', until: '2026-09-11T06:00:00Z', reason: 'INC-4711' }] };
  const rowIn = (changes: object) => rowsOf(objectOf({ spec, status: entryOf(changes) }))[0];
  expect(rowIn({ routing: 'Disabled' })).toMatchObject({
    drained: { until: '2026-09-11T06:00:00Z', reason: 'INC-4711' },
    message: 'drained until 2026-09-11T06:00:00Z: INC-4711',
  });
  expect(rowIn({ routing: 'Disabled', error: { code: 'Denied', message: 'No.' } })).toMatchObject({ message: 'No.' });
  expect(rowIn({ routing: 'Enabled' })).not.toHaveProperty('drained');
});

test('what Azure says cannot steer the terminal', () => {
  const replicas = [{ location: 'japaneast', provisioningState: 'Failed', message: 'a\u001b[2Jb\nc' }];
  expect(rowsOf(objectOf({ status: { registry, replicas } }))[0]?.message).toBe('a [2Jb c');
});
