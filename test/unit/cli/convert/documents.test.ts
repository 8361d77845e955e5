import { describe, expect, test } from 'vitest';
import { parametersIn, readFile } from '../../../../src/cli/convert/documents.ts';

const input = {
  place: { subscriptionId: 's', resourceGroup: 'registries' },
  parameters: new Map(),
  given: new Map(),
};
const read = (file: string, text: string) => readFile(file, text, input);

const replica = `apiVersion: containerregistry.azure.com/v20251101
kind: RegistryReplication
metadata: { name: uksouth }
spec:
  location: uksouth
  owner:
    armId: /subscriptions/s/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso
`;
const template = JSON.stringify({
  $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
  parameters: { name: { type: 'string', defaultValue: 'contoso' } },
  resources: [
    {
      type: 'Microsoft.ContainerRegistry/registries/replications',
      name: "[concat(parameters('name'), '/japaneast')]",
      location: 'japaneast',
    },
  ],
});
const state = JSON.stringify({
  format_version: '1.0',
  values: {
    root_module: {
      resources: [
        {
          address: 'azurerm_container_registry.main',
          mode: 'managed',
          type: 'azurerm_container_registry',
          values: { name: 'contoso', resource_group_name: 'registries', georeplications: [{ location: 'westeurope' }] },
        },
      ],
    },
  },
});

const regionsIn = (file: string, text: string) =>
  read(file, text).registries.flatMap(({ replicas }) => replicas.map(({ location }) => location));

test('each notation is known by its form, whatever the file is called', () => {
  expect(regionsIn('a', replica)).toEqual(['uksouth']);
  expect(regionsIn('a', template)).toEqual(['japaneast']);
  expect(regionsIn('a', state)).toEqual(['westeurope']);
});

test('several documents, a List, JSON with tabs, and templates in YAML are read', () => {
  const list = `apiVersion: v1\nkind: List\nitems:\n${replica.replace(/^/gm, '    ').replace('    ', '  - ')}`;
  expect(regionsIn('a', `${replica}---\n---\n${template}`)).toEqual(['japaneast', 'uksouth']);
  expect(regionsIn('a', list)).toEqual(['uksouth']);
  expect(regionsIn('a', JSON.stringify(JSON.parse(template), undefined, '\t'))).toEqual(['japaneast']);
});

test('the names of a template’s parameters are told', () => {
  expect(read('a', template).parameters).toEqual(['name']);
});

test('what says nothing about replicas is counted', () => {
  const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n---\n';
  expect(read('a', other + replica).notes).toEqual(['an object of a says nothing about replicas to convert.']);
  expect(read('a', other + other + replica).notes).toEqual(['2 objects of a say nothing about replicas to convert.']);
});

describe('a file that cannot be read tells how to get one that can', () => {
  const cases: readonly (readonly [string, string, RegExp, string])[] = [
    [
      'main.bicep',
      "param x string = 'a'",
      /is not what convert reads/,
      'az bicep build --file main.bicep --stdout | kubectl acr-replication convert -f -',
    ],
    [
      'main.tf',
      'resource "a" "b" {}',
      /is not what convert reads/,
      'terraform show -json | kubectl acr-replication convert -f -',
    ],
    [
      'out.tfplan',
      'PK',
      /is not what convert reads/,
      'terraform show -json out.tfplan | kubectl acr-replication convert -f -',
    ],
    [
      'terraform.tfstate',
      '{"version": 4, "terraform_version": "1.13.4", "resources": []}',
      /own state file/,
      'terraform show -json | kubectl acr-replication convert -f -',
    ],
    [
      'main.parameters.json',
      '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#", "parameters": {}}',
      /has parameters, and no template/,
      '-f TEMPLATE --parameters main.parameters.json',
    ],
    ['a.yaml', 'a: [', /is no YAML/, 'mend a.yaml'],
  ];
  test.each(cases)('%s', (file, text, message, cure) => {
    expect(() => read(file, text)).toThrow(expect.objectContaining({ message: expect.stringMatching(message), cure }));
  });
});

describe('a file of parameters', () => {
  test('gives values by their names; a secret of a Key Vault is none', () => {
    const text = '{"parameters": {"acrName": {"value": "contoso"}, "key": {"reference": {"keyVault": {}}}}}';
    expect([...parametersIn('p.json', text)]).toEqual([['acrname', { value: 'contoso' }]]);
  });

  test.each([
    ['p.json', '{}', 'write {"parameters": {"name": {"value": …}}}'],
    [
      'p.bicepparam',
      "using './main.bicep'",
      'az bicep build-params --file p.bicepparam --outfile parameters.json; then --parameters parameters.json',
    ],
  ])('%s without any is a problem', (file, text, cure) => {
    expect(() => parametersIn(file, text)).toThrow(expect.objectContaining({ cure }));
  });
});
