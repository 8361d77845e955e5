import { describe, expect, test } from 'vitest';
import { pageIn } from '../../../../src/azure/graph/shared-answer.ts';
import { parseReplicaOnWire } from '../../../../src/azure/parse.ts';
import { ownerTags } from '../../../../src/domain/replication.ts';
import { registryId, replicaBody } from '../../../support/arm-stub.ts';

describe('a row says of a replica all that a plan is made from, as its LIST does', () => {
  const replicas: Readonly<Record<string, object>> = {
    'as it mostly is': replicaBody('japaneast'),
    'with tags': replicaBody('japaneast', {}, { tags: { ...ownerTags('production/platform/contoso'), team: '東京' } }),
    'without tags': replicaBody('japaneast', {}, { tags: null }),
    'under another name': replicaBody('japaneast', {}, { name: 'tokyo' }),
    'in a region with spaces': replicaBody('japaneast', {}, { location: 'Japan East' }),
    'without routing': replicaBody('japaneast', { regionEndpointEnabled: false }),
    'with zones': replicaBody('japaneast', { zoneRedundancy: 'Enabled' }),
    'with a message': replicaBody('japaneast', { status: { displayStatus: 'Syncing', message: 'Slow.' } }),
    'without a status': replicaBody('japaneast', { status: null }),
    'without a state': replicaBody('japaneast', { provisioningState: null }),
    ...Object.fromEntries(
      ['Creating', 'Updating', 'Deleting', 'Failed', 'Canceled', 'Repainting'].map((state) => [
        state,
        replicaBody('japaneast', { provisioningState: state }),
      ]),
    ),
    'without properties': replicaBody('japaneast', {}, { properties: undefined }),
    'without a name': replicaBody('japaneast', {}, { name: undefined }),
  };
  for (const [name, replica] of Object.entries(replicas)) {
    test(name, () => {
      const page = pageIn({ data: [{ registry: registryId.toLowerCase(), replicas: [replica] }] });
      const [held] = JSON.parse(page?.rows.get('rg1/clireg000002') ?? '[]') as readonly unknown[];
      const listed = parseReplicaOnWire(replica);
      // Nothing but the entry of a replica that status does not know yet is made from the time.
      expect(parseReplicaOnWire(held)).toEqual(listed && { ...listed, changedAt: '' });
    });
  }
});

describe('a page without sense is not believed', () => {
  const row = { registry: registryId, replicas: [replicaBody('japaneast')] };
  const pages: Readonly<Record<string, unknown>> = {
    nothing: undefined,
    'no object': [],
    'no rows': {},
    'a table': { data: { columns: [], rows: [] } },
    'a row that is none': { data: [row, null] },
    'a row without a registry': { data: [row, { replicas: [] }] },
    'a row of something else': { data: [row, { ...row, registry: `${registryId}/webhooks/x` }] },
    'a row without replicas': { data: [row, { registry: registryId, replicas: null }] },
  };
  for (const [name, body] of Object.entries(pages)) {
    test(name, () => expect(pageIn(body)).toBeUndefined());
  }

  test('and an empty one is: nobody has replicas there', () => {
    expect(pageIn({ totalRecords: 0, count: 0, data: [], facets: [], resultTruncated: 'false' })).toEqual({
      rows: new Map(),
      skipToken: undefined,
      total: 0,
    });
  });
});
