import { expect, test } from 'vitest';
import { registryKey } from '../../../src/domain/desired.ts';
import { regionOf } from '../../../src/domain/region.ts';
import { bareReplica, credentialsName, isProvisioned, replicaStates } from '../../../src/domain/replication.ts';

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
  expect(credentialsName({ kind: 'secret', namespace: 'a', name: 'b' })).toBe('Secret b in namespace a');
  expect(credentialsName({ kind: 'service-account', namespace: 'a', name: 'b' })).toBe(
    'ServiceAccount b in namespace a',
  );
});

test('a replica serves when it is provisioned, and while a setting of it is changed', () => {
  expect(replicaStates.filter(isProvisioned)).toEqual(['Updating', 'Succeeded']);
  expect(isProvisioned(undefined)).toBe(false);
});

test('a registry has one key in all its spellings, and no two share one', () => {
  const ref = { subscriptionId: 'S', resourceGroup: 'Registries', name: 'Contoso' };
  expect(registryKey(ref)).toBe('s/registries/contoso');
});
