import { describe, expect, test } from 'vitest';
import { clusterNameChecks, type Making, type Own, taggedReplicas } from '../../../../src/cli/doctor/cluster-names.ts';
import { featureChecks, featuresOf, type Places } from '../../../../src/cli/doctor/features.ts';
import { failing, warning } from '../../../../src/cli/doctor/finding.ts';
import { policyChecks, policyQuestion } from '../../../../src/cli/doctor/policy.ts';
import {
  addressChecks,
  connectionChecks,
  freeBySubnet,
  networkOf,
  subnetOf,
} from '../../../../src/cli/doctor/private-endpoints.ts';
import { placesOf, seenRegistry } from '../../../../src/cli/doctor/registry.ts';
import type { Key } from '../../../../src/domain/key.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import { ownerTag } from '../../../../src/domain/replication.ts';
import { actual, replica } from '../../../support/builders.ts';
import { told } from './told.ts';

const ref = { subscriptionId: 'sub', resourceGroup: 'registries', name: 'contoso' };
const id = '/subscriptions/sub/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso';
const places = (there: readonly string[], missing: readonly string[] = []): Places => ({
  there: there.map(regionOf),
  missing: missing.map(regionOf),
});

/** A registry as 2026-01-01-preview answers it, with these properties over what is off. */
const body = (properties: object = {}) => ({
  id,
  name: 'contoso',
  location: 'eastus',
  sku: { name: 'Premium' },
  properties: {
    loginServer: 'contoso-abc123.azurecr.io',
    policies: { softDeletePolicy: { status: 'disabled' }, trustPolicy: { status: 'disabled' } },
    dataEndpointEnabled: false,
    regionalEndpoints: 'Disabled',
    ...properties,
  },
});

describe('what a registry has switched on', () => {
  const check = (properties: object, at = places(['eastus', 'japaneast'], ['uksouth'])) =>
    featureChecks(featuresOf(body(properties)), ref, at);
  const policies = (soft: string, trust: string) => ({
    policies: { softDeletePolicy: { status: soft }, trustPolicy: { status: trust } },
  });

  test('is well where nothing excludes replicas', () => {
    expect(told(check({}))).toEqual(['ok: soft delete and content trust are off', 'ok: regional endpoints are off']);
  });

  test('soft delete excludes replicas, and does no harm to a registry that has none', () => {
    const cure = 'az acr config soft-delete update --registry contoso --subscription sub --status disabled';
    const soft = policies('enabled', 'disabled');
    expect(check(soft)[0]).toEqual(failing('soft delete is on: Azure gives such a registry no replicas', cure));
    expect(check(soft, places(['eastus']))[0]).toEqual(
      warning('soft delete is on: with it the registry cannot have replicas', cure),
    );
  });

  test('content trust excludes regional endpoints', () => {
    const cure = 'az acr config content-trust update --registry contoso --subscription sub --status disabled';
    const trust = policies('disabled', 'enabled');
    expect(check(trust)[0]).toEqual(
      warning('content trust is on: regional endpoints cannot be switched on beside it', cure),
    );
    expect(check({ ...trust, regionalEndpoints: 'Enabled' })[0]?.verdict).toBe('failing');
  });

  test('regional hosts have the first label of the login server, not the name of the registry', () => {
    expect(told(check({ regionalEndpoints: 'Enabled' }))[1]).toBe(
      'ok: regional endpoints are on: contoso-abc123.REGION.geo.azurecr.io, which no region stands in for when it fails',
    );
  });

  test('a data endpoint that is to come needs a firewall rule first', () => {
    const dataHosts = ['contoso-abc123.eastus.data.azurecr.io', 'contoso-abc123.japaneast.data.azurecr.io'];
    const on = { dataEndpointEnabled: true, dataEndpointHostNames: dataHosts };
    expect(check(on).at(-1)).toEqual(
      warning(
        'data endpoints to come, a firewall rule for each: contoso-abc123.uksouth.data.azurecr.io',
        'az acr show-endpoints --name contoso --resource-group registries --subscription sub',
      ),
    );
    expect(told(check(on, places(['eastus', 'japaneast']))).at(-1)).toBe(
      `ok: data endpoints, a firewall rule for each: ${dataHosts.join(', ')}`,
    );
  });

  test('of what the api-version does not have nothing is said', () => {
    const old = { policies: { trustPolicy: { status: 'disabled' } }, regionalEndpoints: undefined };
    expect(check(old)).toEqual([]);
  });

  test.each([
    ['nothing', undefined],
    ['no object', 'text'],
    ['properties of other types', { properties: { policies: 1, privateEndpointConnections: 'x' } }],
  ])('an answer with %s is no crash', (_, answer) => {
    expect(featuresOf(answer)).toMatchObject({ contentTrust: false, connections: [] });
  });
});

describe('private endpoints', () => {
  const subnetId = '/subscriptions/sub/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub/subnets/ends';
  const connection = (name: string, status = 'Approved') => ({
    id: `${id}/c/${name}`,
    endpointId: `/x/${name}`,
    name,
    status,
  });
  const usage = (currentValue: number, limit: number) => ({ id: subnetId, currentValue, limit });
  const one = [{ connection: connection('pe'), subnetId }];
  const check = (free: number | undefined, at: Places, isRegional = false, placed = one) =>
    addressChecks(placed, new Map(free === undefined ? [] : [[subnetId.toLowerCase(), free]]), at, isRegional);

  test.each([
    ['one for the registry and one for each region', ['eastus'], ['uksouth'], false, 3, 1],
    ['with regional endpoints two for each region', ['eastus', 'japaneast'], ['uksouth'], true, 7, 2],
    ['none more when all regions are there', ['eastus', 'japaneast'], [], false, 3, 0],
  ] as const)('take %s', (_, there, missing, isRegional, all, more) => {
    expect(told(check(more, places(there, missing), isRegional))).toEqual([
      `ok: private endpoint pe: ${all} addresses in subnet hub/ends, ${more} of them still to come, ${more} free`,
    ]);
  });

  test('that have too few addresses left must be helped', () => {
    expect(check(1, places(['eastus'], ['uksouth', 'japaneast']))).toEqual([
      failing(
        'private endpoint pe: 4 addresses in subnet hub/ends, 2 of them still to come, and only 1 free: Azure would take back the replica',
        `az network vnet subnet update --ids ${subnetId} --address-prefixes A-WIDER-PREFIX`,
      ),
    ]);
  });

  test('of one subnet share its addresses, whatever the case of its id', () => {
    const two = [...one, { connection: connection('other'), subnetId: subnetId.toUpperCase() }];
    const [shared] = check(1, places(['eastus'], ['uksouth']), false, two);
    expect(shared?.verdict).toBe('failing');
    expect(shared?.says).toMatch(
      /^private endpoints other, pe: 6 addresses .* 2 of them still to come, and only 1 free/,
    );
  });

  test('whose subnet may not be looked into are told as far as they are known', () => {
    expect(told(check(undefined, places(['eastus'], ['uksouth'])))).toEqual([
      'warning: private endpoint pe: 3 addresses in subnet hub/ends, 1 of them still to come; how many are free is not known',
    ]);
    expect(check(undefined, places(['eastus']))[0]?.verdict).toBe('ok');
  });

  test('that wait for approval are told with the command that gives it', () => {
    expect(connectionChecks([connection('pe'), connection('late', 'Pending'), connection('old', 'Rejected')])).toEqual([
      warning(
        'private endpoint late waits for approval',
        `az network private-endpoint-connection approve --id ${id}/c/late`,
      ),
      warning('private endpoint old is Rejected'),
    ]);
  });

  test('are read from what Azure answers', () => {
    expect(subnetOf({ properties: { subnet: { id: subnetId } } })).toBe(subnetId);
    expect(subnetOf({})).toBeUndefined();
    expect(networkOf(subnetId)).toBe(subnetId.replace('/subnets/ends', ''));
    // https://learn.microsoft.com/rest/api/virtualnetwork/virtual-networks/list-usage: -1 for a gateway's subnet
    expect(freeBySubnet([usage(3, 11), { ...usage(-1, 11), id: 'gateway' }, {}])).toEqual(
      new Map([[subnetId.toLowerCase(), 8]]),
    );
  });
});

describe('Azure Policy', () => {
  const regions = ['japaneast', 'westeurope'].map(regionOf);
  const assignment = '/subscriptions/sub/providers/Microsoft.Authorization/policyAssignments/geo';
  const policy = { policyAssignmentId: assignment };
  const cure = `az policy exemption create --name acr-replication --policy-assignment ${assignment} --exemption-category Waiver --scope ${id}`;
  const field = (result: string, values: readonly string[], name = 'location') => ({
    fieldRestrictions: [{ field: name, restrictions: [{ result, values, policy }] }],
  });
  const content = (policyEffect?: string) => ({
    contentEvaluationResult: {
      policyEvaluations: [
        {
          policyInfo: policy,
          evaluationResult: 'NonCompliant',
          ...(policyEffect === undefined ? {} : { effectDetails: { policyEffect } }),
        },
      ],
    },
  });
  const check = (answer: unknown, missing = regions) => policyChecks(answer, id, regions, { missing });

  test('is asked about a replica in any of the regions', () => {
    expect(policyQuestion(id, regions, { team: 'a' })).toMatchObject({
      resourceDetails: {
        resourceContent: { type: 'Microsoft.ContainerRegistry/registries/replications', tags: { team: 'a' } },
        scope: id,
      },
      pendingFields: [{ field: 'location', values: ['japaneast', 'westeurope'] }],
    });
  });

  test.each([
    ['denies a region, however it is spelled', field('Deny', ['West Europe']), 'westeurope'],
    ['requires another region', field('Required', ['japaneast']), 'westeurope'],
    ['denies every region', field('Deny', []), 'japaneast, westeurope'],
    ['denies the replica as it is', content('Deny'), 'japaneast, westeurope'],
    ['denies it without a word on the effect (before 2023-03-01)', content(), 'japaneast, westeurope'],
  ])('that %s stops a replica', (_, answer, where) => {
    expect(check(answer)).toEqual([failing(`policy geo refuses a replica in ${where}`, cure)]);
  });

  test.each([
    ['nothing', {}],
    ['an audit', content('Audit')],
    ['another field', field('Deny', ['x'], 'tags.team')],
    ['another region', field('Deny', ['uksouth'])],
    ['a region that is required and wanted', field('Required', ['japaneast', 'westeurope'])],
    ['no object', 'text'],
  ])('with %s refuses nothing', (_, answer) => {
    expect(told(check(answer))).toEqual(['ok: no policy refuses a replica']);
  });

  test('that refuses what is there already is no obstacle yet', () => {
    expect(check(field('Deny', ['westeurope']), [regionOf('japaneast')])).toEqual([
      warning('policy geo refuses changes of the replica in westeurope', cure),
    ]);
  });
});

describe('a CLUSTER_NAME that two clusters have', () => {
  const own: Own = {
    clusterName: 'prod',
    key: 'platform/contoso' as Key,
    since: '2026-06-01T00:00:00Z',
    hasObject: (namespace) => namespace === 'platform',
    rename: 'rename it',
  };
  const tagged = (region: string, tag: string) => replica(region, { tags: { [ownerTag]: tag } });
  const made = (...rows: readonly (readonly [string, string, string])[]) =>
    new Map(rows.map(([region, by, at]): [ReturnType<typeof regionOf>, Making] => [regionOf(region), { by, at }]));
  const check = (replicas: Parameters<typeof taggedReplicas>[0], making = made(), about = own) =>
    clusterNameChecks(taggedReplicas(replicas, about), making, about);
  const later = '2026-06-02T00:00:00Z';

  test('leaves no sign where all tags are of objects that are here', () => {
    const replicas = [tagged('japaneast', 'prod/platform/contoso'), tagged('uksouth', 'prod/platform/other')];
    expect(check(replicas, made(['japaneast', 'a', later]))).toEqual([]);
  });

  test('shows by the tag of an object that is not here', () => {
    expect(check([tagged('uksouth', 'prod/shop/web')])).toEqual([
      warning(
        'made by an object that is not here: uksouth (prod/shop/web); it was deleted, or another cluster has the CLUSTER_NAME prod too',
        'rename it',
      ),
    ]);
  });

  test('is no matter of objects that one may not list, nor of a name that is not known', () => {
    const replicas = [tagged('uksouth', 'prod/shop/web')];
    expect(check(replicas, made(), { ...own, hasObject: () => undefined })).toEqual([]);
    expect(check(replicas, made(), { ...own, clusterName: undefined })).toEqual([]);
  });

  test('shows by a replica that is older than the object it is tagged with', () => {
    const making = made(['japaneast', 'a', '2026-05-01T00:00:00.0000000+00:00'], ['uksouth', 'a', later]);
    const replicas = [tagged('japaneast', 'prod/platform/contoso'), tagged('uksouth', 'prod/platform/contoso')];
    expect(told(check(replicas, making))).toEqual([
      'warning: older than this object and tagged as its own: japaneast; an earlier object of this name made it, or another cluster has the CLUSTER_NAME prod too',
    ]);
  });

  test('does not show by a replica that differs in age by no more than clocks do', () => {
    const making = made(['japaneast', 'a', '2026-05-31T23:59:30Z']);
    expect(check([tagged('japaneast', 'prod/platform/contoso')], making)).toEqual([]);
  });

  test('shows by replicas of one tag that several identities made', () => {
    const making = made(['japaneast', 'b', later], ['uksouth', 'a', later]);
    const replicas = [tagged('japaneast', 'prod/platform/contoso'), tagged('uksouth', 'prod/platform/contoso')];
    expect(told(check(replicas, making))).toEqual([
      "warning: tagged as this object's and made by 2 identities (a, b): the operator's has changed, or another cluster has the CLUSTER_NAME prod too",
    ]);
  });

  test('tells the replicas of others apart', () => {
    const replicas = [
      tagged('uksouth', 'test/platform/contoso'),
      tagged('ukwest', 'prod/platform/other'),
      tagged('japaneast', 'prod/platform/contoso'),
      tagged('japanwest', 'prod/shop/web'),
      replica('eastus'),
    ];
    const { absent, others, own: ours } = taggedReplicas(replicas, own);
    expect([absent, others, ours].map((group) => group.map(({ region }) => region))).toEqual([
      ['japanwest'],
      ['uksouth', 'ukwest'],
      ['japaneast'],
    ]);
  });
});

describe('a registry on the wire', () => {
  const entry = {
    name: 'japaneast',
    location: 'Japan East',
    tags: { a: 'b' },
    systemData: { createdBy: 'someone', createdAt: later() },
    properties: { provisioningState: 'Succeeded' },
  };
  function later() {
    return '2026-06-02T00:00:00Z';
  }

  test('is read with its replicas and who made them', () => {
    const seen = seenRegistry(body(), [entry]);
    expect(seen?.actual.registry).toEqual({
      id,
      home: 'eastus',
      sku: 'Premium',
      loginServer: 'contoso-abc123.azurecr.io',
    });
    expect([...(seen?.actual.replicas.keys() ?? [])]).toEqual(['japaneast']);
    expect(seen?.making.get(regionOf('japaneast'))).toEqual({ by: 'someone', at: later() });
  });

  test('is not believed when a part of it makes no sense', () => {
    expect(seenRegistry({ ...body(), location: '' }, [])).toBeUndefined();
    expect(seenRegistry(body(), [{ ...entry, location: undefined }])).toBeUndefined();
  });

  test('has its home among its places', () => {
    expect(placesOf(actual(replica('japaneast')), ['Japan East', 'UK South', 'eastus'])).toEqual(
      places(['eastus', 'japaneast'], ['uksouth']),
    );
  });
});
