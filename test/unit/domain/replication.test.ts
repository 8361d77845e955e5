import { describe, expect, test } from 'vitest';
import { registryKey } from '../../../src/domain/desired.ts';
import { type Observed, type Result, replicasAfter } from '../../../src/domain/pass.ts';
import { regionOf } from '../../../src/domain/region.ts';
import { bareReplica, isProvisioned, nameOf, type ReplicaState } from '../../../src/domain/replication.ts';
import { actual, desired, replica } from '../../support/builders.ts';

const tokyo = regionOf('japaneast');

test('a replica of which no more is known has nothing that anybody could take for knowledge', () => {
  expect(bareReplica(tokyo, 'tokyo', 'Unknown')).toEqual({
    region: 'japaneast',
    name: 'tokyo',
    state: 'Unknown',
    status: '',
    message: '',
    changedAt: '',
    tags: {},
    routing: 'Enabled',
    zoneRedundancy: 'Disabled',
  });
});

test('credentials are named for people', () => {
  expect(nameOf({ kind: 'secret', namespace: 'a', name: 'b' })).toBe('Secret b in namespace a');
  expect(nameOf({ kind: 'service-account', namespace: 'a', name: 'b' })).toBe('ServiceAccount b in namespace a');
});

test('a replica serves when it is provisioned, and while a setting of it is changed', () => {
  const all: ReplicaState[] = ['Creating', 'Updating', 'Deleting', 'Succeeded', 'Failed', 'Canceled', 'Unknown'];
  expect(all.filter((state) => isProvisioned({ state }))).toEqual(['Updating', 'Succeeded']);
  expect(isProvisioned(undefined)).toBe(false);
});

test('a registry has one key in all its spellings, and no two share one', () => {
  const ref = { subscriptionId: 'S', resourceGroup: 'Registries', name: 'Contoso' };
  expect(registryKey(ref)).toBe('s/registries/contoso');
});

const failure = { kind: 'terminal', reason: 'Rejected', code: 'x', message: 'x' } as const;
const rows: readonly (readonly [name: string, listed: boolean, result: Result, state: string | undefined])[] = [
  [
    'a creation shows what Azure answered',
    false,
    { kind: 'created', replica: replica('japaneast', { state: 'Creating' }), attempt: 0 },
    'Creating',
  ],
  [
    'a change shows what Azure answered',
    true,
    { kind: 'updated', replica: replica('japaneast', { state: 'Updating' }) },
    'Updating',
  ],
  ['a deletion shows as such', true, { kind: 'deleting', attempt: 0 }, 'Deleting'],
  ['a deletion of what LIST did not show shows nothing', false, { kind: 'deleting', attempt: 0 }, undefined],
  [
    'a GET is believed more than LIST',
    true,
    { kind: 'found', replica: replica('japaneast', { state: 'Failed' }) },
    'Failed',
  ],
  ['a GET is believed when it finds nothing', true, { kind: 'found', replica: undefined }, undefined],
  ['a failure shows what LIST showed', true, { kind: 'failed', failure }, 'Succeeded'],
  ['a failure shows nothing where LIST did not', false, { kind: 'failed', failure }, undefined],
];

describe('after a pass', () => {
  for (const [name, listed, result, state] of rows) {
    test(name, () => {
      const finding: Observed = {
        kind: 'observed',
        desired: desired(['japaneast']),
        actual: actual(...(listed ? [replica('japaneast')] : [])),
        decisions: [],
        results: new Map([[tokyo, result]]),
      };
      const after = replicasAfter(finding);
      expect(after.get(tokyo)?.state).toBe(state);
      expect(after.has(tokyo)).toBe(state !== undefined);
    });
  }
});
