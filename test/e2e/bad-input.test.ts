import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Spec } from '../../src/api/registryreplication.ts';
import { type OperatorWorld, operatorWorld } from '../support/operator-world.ts';
import { condition, said, unreadForMinutes } from '../support/registry-scene.ts';

const registries = [
  { name: 'contoso', resourceGroup: 'registries', location: 'eastus' },
  { name: 'fabrikam', resourceGroup: 'registries', location: 'eastus' },
  { name: 'cheapone', resourceGroup: 'registries', location: 'eastus', sku: 'Basic' as const },
];

interface Case {
  readonly name: string;
  readonly spec: Pick<Spec, 'regions'> & Partial<Spec>;
  readonly reason: string;
  /** For five minutes it may pass by itself. */
  readonly settles?: true;
  /** What the message tells a tired person: which region, why, what to do. */
  readonly says: readonly RegExp[];
}

const stalled: readonly Case[] = [
  {
    name: 'a region that Azure does not have',
    spec: { regions: [{ location: 'japaneest' }, { location: 'uksouth' }] },
    reason: 'RegionUnavailable',
    says: [/^japaneest: /, /did you mean japaneast\?/i, /spec\.regions/],
  },
  {
    name: 'a registry that does not exist',
    spec: { registry: { name: 'nowhere', resourceGroup: 'registries' }, regions: [{ location: 'uksouth' }] },
    reason: 'RegistryNotFound',
    settles: true,
    says: [/nowhere/, /spec\.registry/],
  },
  {
    name: 'a resource group that does not exist',
    spec: { registry: { name: 'contoso', resourceGroup: 'elsewhere' }, regions: [{ location: 'uksouth' }] },
    reason: 'RegistryNotFound',
    settles: true,
    says: [/elsewhere/],
  },
  {
    name: 'a Basic registry',
    spec: { registry: { name: 'cheapone', resourceGroup: 'registries' }, regions: [{ location: 'uksouth' }] },
    reason: 'SkuNotPremium',
    says: [/Basic/, /az acr update/],
  },
  {
    name: 'a subscription the operator has no access to',
    spec: {
      registry: {
        name: 'contoso',
        resourceGroup: 'registries',
        subscriptionId: '99999999-0000-0000-0000-000000000000',
      },
      regions: [{ location: 'uksouth' }],
    },
    reason: 'RegistryNotFound',
    settles: true,
    says: [/99999999/],
  },
];

/** A good object beside the bad one, which must not notice it. */
async function neighbour(world: OperatorWorld): Promise<void> {
  await world.apply('neighbour', {
    registry: { name: 'fabrikam', resourceGroup: 'registries' },
    regions: [{ location: 'westeurope' }],
  });
  await world.untilReady('neighbour');
}

describe('bad input is Stalled with a message that says what to do, and disturbs nobody', () => {
  for (const { name, spec, reason, settles, says } of stalled) {
    test(name, async (t) => {
      const world = await operatorWorld(t, { registries });
      await world.start();
      await world.apply('bad', spec);
      if (settles) await unreadForMinutes(world, 'bad');
      const object = await world.until('bad', `Stalled ${reason}`, (o) => condition(o, 'Stalled')?.reason === reason);
      const message = said(object, 'Stalled');
      for (const text of says) expect(message).toMatch(text);
      expect(message).not.toMatch(/undefined|\bat .*\.js|[0-9a-f]{8}-[0-9a-f]{4}-4/); // no stack, no id of one request
      expect(object.status?.phase).toBe('Failed');
      await neighbour(world);
    });
  }

  test('the good regions beside a bad one are made, and correcting it is enough', async (t) => {
    const world = await operatorWorld(t, { registries });
    await world.start();
    await world.apply('bad', { regions: [{ location: 'japaneest' }, { location: 'uksouth' }] });
    await t.expect.poll(() => world.locations(), { timeout: 30_000 }).toContain('uksouth');
    await world.apply('bad', { regions: [{ location: 'japaneast' }, { location: 'uksouth' }] });
    await world.untilReady('bad');
  });

  test('a registry that appears later is found without anybody touching the object', async (t) => {
    const world = await operatorWorld(t, { registries });
    await world.start();
    const registry = { name: 'nowhere', resourceGroup: 'registries' };
    await world.apply('early', { registry, regions: [{ location: 'uksouth' }], interval: '30s' });
    const looked = await world.until('early', 'Retrying', (o) => condition(o, 'Ready')?.reason === 'Retrying');
    expect(condition(looked, 'Reconciling')?.message).toContain('There is no registry nowhere');
    await unreadForMinutes(world, 'early');
    await world.until('early', 'Stalled', (o) => condition(o, 'Stalled') !== undefined);
    await world.azure.control.putRegistry({ ...registry, location: 'eastus' });
    await world.untilReady('early');
  });
});

describe('credentials and permissions', () => {
  test('a wrong client secret is AuthenticationFailed, names the cause, and shows no secret', async (t) => {
    const world = await operatorWorld(t, { registries });
    const operator = await world.start({ AZURE_FEDERATED_TOKEN_FILE: undefined, AZURE_CLIENT_SECRET: 'wrong-s3cret' });
    await world.apply('contoso', { regions: [{ location: 'uksouth' }] });
    await unreadForMinutes(world, 'contoso');
    const object = await world.until(
      'contoso',
      'Stalled',
      (o) => condition(o, 'Stalled')?.reason === 'AuthenticationFailed',
    );
    expect(condition(object, 'Stalled')?.message).toMatch(/secret/i);
    expect(JSON.stringify(object) + operator.output()).not.toContain('wrong-s3cret');
    const ready = await fetch(`${operator.healthUrl}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toMatch(/not ok azure-token: .+/);
  });

  test('a role without write, which may be on its way for five minutes, names the missing action, and heals once granted', async (t) => {
    const world = await operatorWorld(t, { registries });
    const { clientId } = world.azure.credentials;
    const scope = `/subscriptions/${world.azure.subscriptionId}`;
    const grant = (...actions: readonly string[]) => world.azure.control.setRoles([{ clientId, scope, actions }]);
    await grant(
      'Microsoft.ContainerRegistry/registries/read',
      'Microsoft.ContainerRegistry/registries/replications/read',
    );
    await world.start();
    await world.apply('contoso', { regions: [{ location: 'uksouth' }], interval: '30s' });
    const object = await world.until('contoso', 'Retrying', (o) => condition(o, 'Ready')?.reason === 'Retrying');
    expect(condition(object, 'Ready')?.message).toMatch(
      /^uksouth: .*Microsoft\.ContainerRegistry\/registries\/replications\/write/s,
    );
    await grant('*');
    await world.untilReady('contoso');
  });

  test('the role that docs/install.md makes is enough for the whole job', async (t) => {
    const world = await operatorWorld(t, { registries });
    const role = /^cat > role.json <<END\n(.*?)^END$/ms.exec(readFileSync('docs/install.md', 'utf8'))?.[1] ?? '';
    const { Actions: actions } = JSON.parse(role) as { readonly Actions: readonly string[] };
    expect(actions).toHaveLength(4);
    await world.azure.control.setRoles([
      { clientId: world.azure.credentials.clientId, scope: `/subscriptions/${world.azure.subscriptionId}`, actions },
    ]);
    await world.start();
    await world.apply('contoso', { regions: [{ location: 'uksouth' }] });
    await world.untilReady('contoso');
    await world.cluster.kube.delete(world.path('contoso'));
    await world.cluster.kube.waitForGone(world.path('contoso'));
  });
});
