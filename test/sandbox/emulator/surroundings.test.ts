import { describe, expect, test } from 'vitest';
import { errorOf, openAzure } from './open-azure.ts';
import { DEFAULTS } from './settings.ts';

/** What is around a registry: its switches, private endpoints and their networks, policies. */

const GROUP = `/subscriptions/${DEFAULTS.subscriptionId}/resourceGroups/registries`;
const hub = {
  name: 'hub',
  resourceGroup: 'network',
  subnets: [
    { name: 'endpoints', prefixLength: 28, taken: 2 },
    { name: 'others', prefixLength: 24, taken: 0 },
  ],
};
const NETWORK = `/subscriptions/${DEFAULTS.subscriptionId}/resourceGroups/network/providers/Microsoft.Network`;
const contoso = { ...DEFAULTS.registry, replicas: [{ location: 'japaneast' }] };
const endpoint = { name: 'contoso-pe', network: 'hub', subnet: 'endpoints' };

interface Shown {
  readonly properties: Readonly<Record<string, unknown>>;
}
const shown = (body: unknown) => (body as Shown).properties;

test('what a registry has switched on is in its body, the newest of it in previews only', async () => {
  const features = { softDelete: true, contentTrust: true, dataEndpoints: true, regionalEndpoints: true };
  const azure = await openAzure({ registries: [{ ...contoso, features }] });
  const path = azure.acr().split('?')[0];
  const stable = shown((await azure.call('GET', `${path}?api-version=2025-11-01`)).body);
  expect(stable).toMatchObject({
    dataEndpointEnabled: true,
    dataEndpointHostNames: ['contoso.eastus.data.azurecr.io', 'contoso.japaneast.data.azurecr.io'],
    policies: { trustPolicy: { status: 'enabled' } },
  });
  expect(stable['policies']).not.toHaveProperty('softDeletePolicy');
  expect(stable).not.toHaveProperty('regionalEndpoints');
  const preview = shown((await azure.call('GET', `${path}?api-version=2026-01-01-preview`)).body);
  expect(preview).toMatchObject({
    policies: { softDeletePolicy: { status: 'enabled' } },
    regionalEndpoints: 'Enabled',
    regionalEndpointHostNames: ['contoso.eastus.geo.azurecr.io', 'contoso.japaneast.geo.azurecr.io'],
  });
});

test('switches can be turned while it runs', async () => {
  const azure = await openAzure({ registries: [contoso] });
  const path = `${azure.acr().split('?')[0]}?api-version=2026-01-01-preview`;
  expect(shown((await azure.call('GET', path)).body)['regionalEndpoints']).toBe('Disabled');
  await azure.control.alterRegistry({ registry: 'contoso', features: { regionalEndpoints: true } });
  expect(shown((await azure.call('GET', path)).body)['regionalEndpoints']).toBe('Enabled');
});

describe('private endpoints', () => {
  const open = (regionalEndpoints = false) =>
    openAzure({
      registries: [{ ...contoso, features: { regionalEndpoints, privateEndpoints: [endpoint] } }],
      networks: [hub],
    });

  test('are among the connections of the registry, with the id of the endpoint', async () => {
    const azure = await open();
    const { body } = await azure.call('GET', azure.acr());
    expect(shown(body)['privateEndpointConnections']).toMatchObject([
      {
        name: 'contoso-pe',
        properties: {
          privateEndpoint: { id: `${GROUP}/providers/Microsoft.Network/privateEndpoints/contoso-pe` },
          privateLinkServiceConnectionState: { status: 'Approved' },
        },
      },
    ]);
  });

  test('say in which subnet they are', async () => {
    const azure = await open();
    const path = `${GROUP}/providers/Microsoft.Network/privateEndpoints/contoso-pe?api-version=2024-05-01`;
    expect(shown((await azure.call('GET', path)).body)['subnet']).toEqual({
      id: `${NETWORK}/virtualNetworks/hub/subnets/endpoints`,
    });
    const missing = await azure.call('GET', path.replace('contoso-pe', 'other'));
    expect([missing.status, errorOf(missing).code]).toEqual([404, 'ResourceNotFound']);
  });

  test.each([
    [false, 'one for the registry and one for each region', 2 + 3],
    [true, 'with regional endpoints another one for each region', 2 + 5],
  ])('take addresses of their subnet (regional endpoints: %s): %s', async (isRegional, _, taken) => {
    const azure = await open(isRegional);
    const { body } = await azure.call('GET', `${NETWORK}/virtualNetworks/hub/usages?api-version=2024-05-01`);
    expect(body).toMatchObject({
      value: [
        { currentValue: taken, limit: 11, id: `${NETWORK}/virtualNetworks/hub/subnets/endpoints`, unit: 'Count' },
        { currentValue: 0, limit: 251 },
      ],
    });
  });

  test('need rights of their own', async () => {
    const azure = await open();
    const { roles } = await azure.control.state();
    await azure.control.setRoles(roles.map((role) => ({ ...role, actions: ['Microsoft.ContainerRegistry/*'] })));
    const one = await azure.call(
      'GET',
      `${GROUP}/providers/Microsoft.Network/privateEndpoints/contoso-pe?api-version=1`,
    );
    expect(errorOf(one).message).toContain("'Microsoft.Network/privateEndpoints/read'");
    const other = await azure.call('GET', `${NETWORK}/virtualNetworks/hub/usages?api-version=1`);
    expect(errorOf(other).message).toContain("'Microsoft.Network/virtualNetworks/usages/read'");
  });
});

describe('policies, before anything is made', () => {
  const ask = {
    resourceDetails: {
      resourceContent: { type: 'Microsoft.ContainerRegistry/registries/replications', tags: {} },
      apiVersion: '2025-11-01',
      scope: `${GROUP}/providers/Microsoft.ContainerRegistry/registries/contoso`,
    },
    pendingFields: [{ field: 'location', values: ['japaneast', 'westeurope'] }],
  };
  const path = `${GROUP}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions?api-version=2024-10-01`;
  const policyAssignmentId = `${GROUP}/providers/Microsoft.Authorization/policyAssignments/geo`;

  test('refuse nothing where there are none', async () => {
    const azure = await openAzure();
    expect((await azure.call('POST', path, ask)).body).toEqual({
      fieldRestrictions: [],
      contentEvaluationResult: { policyEvaluations: [] },
    });
  });

  test('refuse the value of a field that is not decided yet', async () => {
    const azure = await openAzure();
    await azure.control.addFault({
      match: { registry: 'contoso', region: 'westeurope' },
      effect: { kind: 'policy', assignment: 'geo' },
    });
    expect((await azure.call('POST', path, ask)).body).toMatchObject({
      fieldRestrictions: [
        {
          field: 'location',
          restrictions: [
            { result: 'Deny', values: ['westeurope'], policyEffect: 'Deny', policy: { policyAssignmentId } },
          ],
        },
      ],
      contentEvaluationResult: { policyEvaluations: [] },
    });
  });

  test('refuse the content as it is', async () => {
    const azure = await openAzure();
    await azure.control.addFault({ match: { registry: 'contoso' }, effect: { kind: 'policy', assignment: 'geo' } });
    expect((await azure.call('POST', path, ask)).body).toMatchObject({
      fieldRestrictions: [],
      contentEvaluationResult: {
        policyEvaluations: [
          {
            policyInfo: { policyAssignmentId },
            evaluationResult: 'NonCompliant',
            effectDetails: { policyEffect: 'Deny' },
          },
        ],
      },
    });
  });

  test('are asked with a right to read, and with a resource', async () => {
    const azure = await openAzure();
    const refused = await azure.call('POST', path, {});
    expect([refused.status, errorOf(refused).code]).toEqual([400, 'InvalidRequestContent']);
    const { roles } = await azure.control.state();
    await azure.control.setRoles(roles.map((role) => ({ ...role, actions: ['*/read'] })));
    expect((await azure.call('POST', path, ask)).status).toBe(200);
    await azure.control.setRoles([]);
    expect(errorOf(await azure.call('POST', path, ask)).message).toContain(
      "'Microsoft.PolicyInsights/checkPolicyRestrictions/read'",
    );
  });
});
