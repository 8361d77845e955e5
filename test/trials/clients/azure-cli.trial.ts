import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { command } from '../../sandbox/command.ts';
import { type Emulator, startEmulator } from '../../sandbox/emulator/emulator.ts';
import { blocksOf } from '../../support/pages.ts';
import { type Az, environment, newAz, signedInAz } from './az.ts';

let azure: Emulator;
let az: Az;
const tidies: (() => Promise<void>)[] = [];

beforeAll(async () => {
  azure = await startEmulator({
    operationMs: 1_000,
    syncMs: 0,
    homeDelayMs: 300,
    retryAfterSeconds: 1, // without it az polls every 30 s
    registries: [
      { name: 'contoso', resourceGroup: 'registries', location: 'eastus' },
      { name: 'basic', resourceGroup: 'registries', location: 'eastus', sku: 'Basic' },
    ],
  });
  tidies.push(() => azure.stop());
  az = await signedInAz(azure, (tidy) => tidies.push(tidy));
});
afterAll(async () => {
  for (const tidy of tidies) await tidy();
});

/** A registry with replicas for one test alone. */
async function registryWith(...locations: readonly string[]): Promise<string> {
  const name = `registry${String((await azure.control.state()).registries.length)}`;
  const replicas = locations.map((location) => ({ location }));
  await azure.control.putRegistry({ name, resourceGroup: 'registries', location: 'eastus', replicas });
  return name;
}

describe('the Azure CLI', () => {
  test('learns the whole cloud from the address of its resource manager', async ({ onTestFinished }) => {
    const fresh = await newAz(azure, onTestFinished);
    await fresh.text(`cloud register --name Emulated --endpoint-resource-manager ${azure.url}`);
    expect(await fresh.json('cloud show --name Emulated')).toMatchObject({
      endpoints: { activeDirectory: azure.url, resourceManager: azure.url },
      suffixes: { acrLoginServerEndpoint: '.azurecr.io' },
    });
  });

  test('signs in as a service principal and sees its subscription', async () => {
    expect(await az.json('account list')).toMatchObject([
      { id: azure.subscriptionId, tenantId: azure.credentials.tenantId, state: 'Enabled', isDefault: true },
    ]);
  });

  test('is told what is wrong with a wrong secret', async ({ onTestFinished }) => {
    const fresh = await newAz(azure, onTestFinished);
    await fresh.text(`cloud register --name Emulated --endpoint-resource-manager ${azure.url}`);
    await fresh.text('cloud set --name Emulated');
    const { clientId, tenantId } = azure.credentials;
    expect(
      await fresh.error(`login --service-principal --username ${clientId} --password wrong --tenant ${tenantId}`),
    ).toContain('AADSTS7000215');
  });

  test('finds registries and their usage', async () => {
    const name = await registryWith('japaneast');
    expect(await az.text('acr list --output table')).toMatch(
      /^NAME +RESOURCE GROUP +LOCATION +SKU +LOGIN SERVER .*\n.*\ncontoso +registries +eastus +Premium +contoso\.azurecr\.io /,
    );
    expect(await az.json(`acr show-usage --name ${name}`)).toMatchObject({
      value: expect.arrayContaining([
        expect.objectContaining({ name: 'Geo-replications', currentValue: 2 }),
      ]) as unknown,
    });
  });
});

describe('the commands of docs/emulator.md', () => {
  test('lead to the emulated Azure, and back', async ({ onTestFinished }) => {
    const home = await mkdtemp(join(tmpdir(), 'azure-cli-page-'));
    onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
    const blocks = blocksOf('docs/emulator.md').filter(({ heading }) => heading === 'With the Azure CLI, and back');
    const script = [
      'set -e',
      `az() { '${inject('python')}' -m azure.cli "$@"; }`,
      `EMULATOR=${azure.url} CA=${azure.caFile}`,
      ...blocks.map(({ text }) => text),
      'env | grep AZURE_CONFIG_DIR || echo nothing is left',
      'az cloud list --query "[?isActive].name" --output tsv',
    ].join('\n');
    const env = { ...environment(azure, home), PATH: process.env['PATH'] };
    const { end, stdout, stderr } = await command('bash', ['-c', script], {
      env,
      signal: AbortSignal.timeout(110_000),
    });
    expect(end, stderr).toBe('0');
    expect(stdout).toMatch(/"cloudName": "Emulated"[^]*nothing is left\nAzureCloud\n$/);
    expect((await azure.control.counters())['LIST replications']).toBeGreaterThan(0);
  });
});

describe('az acr replication', () => {
  // One life, step after step.
  test('create makes a replica that is named after its region', async () => {
    expect(await az.json('acr replication create --registry contoso --location japaneast')).toMatchObject({
      name: 'japaneast',
      location: 'japaneast',
      provisioningState: 'Succeeded',
      regionEndpointEnabled: true,
      resourceGroup: 'registries',
      status: { displayStatus: 'Ready' },
      zoneRedundancy: 'Disabled',
    });
  });

  test('list --output table prints every replica, home too, under the five columns of az', async () => {
    const [header, rule, ...rows] = (await az.text('acr replication list --registry contoso --output table'))
      .trimEnd()
      .split('\n');
    expect(header).toBe('NAME       LOCATION    PROVISIONING STATE    STATUS    REGION ENDPOINT ENABLED');
    expect(rule).toBe('---------  ----------  --------------------  --------  -------------------------');
    expect(rows.toSorted()).toEqual([
      'eastus     eastus      Succeeded             Ready     True',
      'japaneast  japaneast   Succeeded             Ready     True',
    ]);
  });

  test('show reads one', async () => {
    expect(await az.json('acr replication show --registry contoso --name japaneast')).toMatchObject({
      name: 'japaneast',
      tags: {},
      type: 'Microsoft.ContainerRegistry/registries/replications',
    });
  });

  test('update sets tags and routing, and keeps what it is not told', async () => {
    const update = 'acr replication update --registry contoso --name japaneast';
    expect(await az.json(`${update} --tags team=web --global-endpoint-routing false`)).toMatchObject({
      tags: { team: 'web' },
      regionEndpointEnabled: false,
      provisioningState: 'Succeeded',
    });
    expect(await az.json(`${update} --global-endpoint-routing true`)).toMatchObject({
      tags: { team: 'web' },
      regionEndpointEnabled: true,
    });
  });

  test('delete waits until it is gone', async () => {
    expect(await az.text('acr replication delete --registry contoso --name japaneast')).toBe('');
    expect((await azure.control.replicas('contoso')).map((r) => r.name)).toEqual(['eastus']);
    expect(await az.error('acr replication show --registry contoso --name japaneast')).toMatch(/\(ResourceNotFound\)/);
  });

  test('create takes a display name, a name, tags and zone redundancy', async () => {
    const registry = await registryWith();
    const create = `acr replication create --registry ${registry} --name london --zone-redundancy Enabled --tags a=b c=`;
    expect(await az.json(create, '--location', 'UK South')).toMatchObject({
      name: 'london',
      location: 'uksouth',
      tags: { a: 'b', c: '' },
      zoneRedundancy: 'Enabled',
    });
  });

  test('list shows a replica that is being created, which has no status yet', async () => {
    const registry = await registryWith();
    const fault = await azure.control.addFault({ match: { registry }, effect: { kind: 'stuckCreating' } });
    const created = az.json(`acr replication create --registry ${registry} --location japaneast`);
    await vi.waitFor(async () => expect(await azure.control.replicas(registry)).not.toEqual([]), { timeout: 20_000 });
    const table = await az.text(`acr replication list --registry ${registry} --output table`);
    expect(table).toMatch(/^japaneast +japaneast +Creating +True$/m);
    await azure.control.clearFaults(fault);
    expect(await created).toMatchObject({ provisioningState: 'Succeeded' });
  });
});

describe('az is told by Azure', () => {
  test('which regions there are', async () => {
    const said = await az.error('acr replication create --registry contoso --location atlantis');
    expect(said).toMatch(/^ERROR: \(LocationNotAvailableForResourceType\) The provided location 'atlantis' is not /);
    expect(said).toContain(',japaneast,');
  });

  test('that a region is taken under another name', async () => {
    const registry = await registryWith('japaneast');
    expect(await az.error(`acr replication create --registry ${registry} --location japaneast --name tokyo`)).toMatch(
      /already has a replication 'japaneast'/,
    );
  });

  test('that the home replica stays as long as others', async () => {
    const registry = await registryWith('japaneast');
    expect(await az.error(`acr replication delete --registry ${registry} --name eastus`)).toMatch(
      /\(HomeReplicationCannotBeDeleted\)/,
    );
  });

  test('of a lock', async () => {
    const registry = await registryWith('japaneast');
    await azure.control.addFault({ match: { registry }, effect: { kind: 'lock' } });
    expect(await az.error(`acr replication delete --registry ${registry} --name japaneast`)).toMatch(
      /^ERROR: \(ScopeLocked\) .*locks?/,
    );
  });

  test('which action its role lacks', async () => {
    const registry = await registryWith();
    const action = 'Microsoft.ContainerRegistry/registries/replications/write';
    await azure.control.addFault({ match: { registry }, effect: { kind: 'deny', action } });
    const said = await az.error(`acr replication create --registry ${registry} --location japaneast`);
    expect(said).toContain(`(AuthorizationFailed) The client '${azure.credentials.clientId}'`);
    expect(said).toContain(`perform action '${action}'`);
  });

  test('why an accepted operation failed', async () => {
    const registry = await registryWith();
    const effect = { kind: 'operationFails', code: 'QuotaReached', message: 'No room in Japan East.' } as const;
    await azure.control.addFault({ match: { registry }, effect });
    expect(await az.error(`acr replication create --registry ${registry} --location japaneast`)).toBe(
      'ERROR: (QuotaReached) No room in Japan East.',
    );
  });

  test('to come back later, which it does', async () => {
    const registry = await registryWith();
    await azure.control.addFault({
      match: { registry, verb: 'PUT' },
      times: 2,
      effect: { kind: 'throttle', retryAfterSeconds: 1 },
    });
    const created = await az.json(`acr replication create --registry ${registry} --location japaneast`);
    expect(created).toMatchObject({ provisioningState: 'Succeeded' });
    const puts = (await azure.control.journal()).filter((e) => e.registry === registry && e.method === 'PUT');
    expect(puts.map((e) => e.status)).toEqual([429, 429, 201]);
  });
});

/** What az refuses by itself, after a look at the registry. */
describe('az itself refuses', () => {
  test.for([
    ['a replica in the home region', '--registry contoso --location eastus', /same location as the registry/],
    ['a replica of a Basic registry', '--registry basic --location japaneast', /only supported for .*Premium SKU/],
    ['a registry that is not there', '--registry nosuch --location japaneast', /'nosuch' .*could not be found/],
  ] as const)('%s', async ([, args, message]) => {
    expect(await az.error(`acr replication create ${args}`)).toMatch(message);
    const puts = (await azure.control.journal()).filter((e) => e.method === 'PUT');
    expect(puts.filter((e) => /\/(basic|nosuch)\/|\/eastus$/.test(e.path))).toEqual([]);
  });
});
