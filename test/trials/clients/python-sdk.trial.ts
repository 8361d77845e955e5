import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { command } from '../../sandbox/command.ts';
import { startEmulator } from '../../sandbox/emulator/emulator.ts';
import { environment } from './az.ts';

test("Azure's SDK for Python leads a replica through its life, page by page, and gets Azure's error codes", async (t) => {
  const azure = await startEmulator({
    operationMs: 1_000,
    syncMs: 0,
    homeDelayMs: 300,
    retryAfterSeconds: 1,
    pageSize: 1,
    registries: [
      { name: 'contoso', resourceGroup: 'registries', location: 'eastus' },
      { name: 'basic', resourceGroup: 'registries', location: 'eastus', sku: 'Basic' },
    ],
  });
  t.onTestFinished(() => azure.stop());
  const env = {
    ...environment(azure, join(azure.caFile, '..')),
    AZURE_URL: azure.url,
    AZURE_TENANT_ID: azure.credentials.tenantId,
    AZURE_CLIENT_ID: azure.credentials.clientId,
    AZURE_CLIENT_SECRET: azure.credentials.clientSecret,
    AZURE_SUBSCRIPTION_ID: azure.subscriptionId,
  };
  const signal = AbortSignal.timeout(110_000);
  const script = join(import.meta.dirname, 'replications.py');
  const { end, stdout, stderr } = await command(inject('python'), [script], { env, signal });
  expect(end, stderr).toBe('0');
  expect(JSON.parse(stdout)).toEqual({
    created: ['japaneast', 'japaneast', 'Succeeded', 'Ready'],
    listed: ['eastus', 'japaneast'],
    updated: { team: 'web' },
    got: [{ team: 'web' }, true],
    left: ['eastus'],
    home: 'none', // Azure takes it and does nothing
    basic: [400, 'ReplicationNotSupported'],
    atlantis: [400, 'LocationNotAvailableForResourceType'],
    registry: [404, 'ParentResourceNotFound'],
  });
});
