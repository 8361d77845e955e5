import { expect, test } from 'vitest';
import { cloudAmong } from '../../../../src/cli/map/cloud.ts';
import { resource } from '../../../support/builders.ts';

const at = (loginServer: string) => resource([], { status: { registry: { loginServer } } });

test.each([
  ['of no object, and nothing said', [], undefined, 'AzurePublic'],
  ['of registries in China', [resource([]), at('contoso.azurecr.cn')], undefined, 'AzureChinaCloud'],
  ['of registries of the US government', [at('contoso.azurecr.us')], 'AzurePublicCloud', 'AzureUSGovernment'],
  ['that the environment names', [resource([])], 'azurechinacloud', 'AzureChinaCloud'],
  ['of the public', [at('contoso.azurecr.io')], 'AzureChinaCloud', 'AzurePublic'],
] as const)('the cloud %s', (_, objects, named, cloud) => {
  expect(cloudAmong(objects, named === undefined ? {} : { AZURE_ENVIRONMENT: named })).toBe(cloud);
});
