import { expect, test } from 'vitest';
import { clouds } from '../../../src/azure/cloud.ts';
import { cloudOf } from '../../../src/cli/cloud.ts';

const stack = {
  AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://arm.local/',
  AZURE_AUTHORITY_HOST: 'https://adfs.local/adfs/',
};

test.each([
  ['is the public one by default', {}, clouds.AzurePublicCloud],
  ['is the public one where the variables are empty', { AZURE_ENVIRONMENT: '' }, clouds.AzurePublicCloud],
  ["is that of the operator's names", { AZURE_ENVIRONMENT: 'AzureUSGovernmentCloud' }, clouds.AzureUSGovernment],
  ["is that of the Azure CLI's names", { AZURE_ENVIRONMENT: 'azureusgovernment' }, clouds.AzureUSGovernment],
  ['is that of its issuer', { AZURE_AUTHORITY_HOST: 'https://login.chinacloudapi.cn/' }, clouds.AzureChinaCloud],
  [
    'is any at two addresses',
    stack,
    {
      resourceManagerEndpoint: 'https://arm.local',
      authorityHost: 'https://adfs.local/adfs',
      tokenScope: 'https://arm.local/.default',
    },
  ],
])('the cloud %s', (_, env, cloud) => expect(cloudOf(env)).toEqual(cloud));

test.each([
  [{ AZURE_ENVIRONMENT: 'AzureChina' }, 'AZURE_ENVIRONMENT is AzureChina'],
  [
    { AZURE_RESOURCE_MANAGER_ENDPOINT: 'arm.local' },
    'AZURE_RESOURCE_MANAGER_ENDPOINT is arm.local, and must be an https',
  ],
  [{ AZURE_AUTHORITY_HOST: 'http://x.local' }, 'AZURE_AUTHORITY_HOST is http://x.local, and must be an https'],
])('%o is no cloud, and nobody is signed in to another one', (env, message) => {
  expect(() => cloudOf(env)).toThrow(message);
});
