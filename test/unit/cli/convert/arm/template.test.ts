import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readTemplate, type TemplateInput } from '../../../../../src/cli/convert/arm/template.ts';
import type { Reading } from '../../../../../src/cli/convert/declared.ts';

const place = { subscriptionId: '00000000-0000-0000-0000-000000000000', resourceGroup: 'my-rg' };
const unknownPlace = { subscriptionId: undefined, resourceGroup: undefined };

function input(typed: Readonly<Record<string, string>> = {}, changes: Partial<TemplateInput> = {}): TemplateInput {
  const parameters = new Map(Object.entries(typed).map(([name, value]) => [name.toLowerCase(), { typed: value }]));
  return { place, parameters, given: new Map(), ...changes };
}

function sample(name: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(new URL(`../samples/${name}.json`, import.meta.url), 'utf8'));
}

const template = (resources: unknown, more: object = {}) => ({
  $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
  contentVersion: '1.0.0.0',
  resources,
  ...more,
});

const registry = {
  type: 'Microsoft.ContainerRegistry/registries',
  apiVersion: '2025-11-01',
  name: 'contoso',
  location: 'eastus',
  sku: { name: 'Premium' },
};
const replication = {
  type: 'Microsoft.ContainerRegistry/registries/replications',
  apiVersion: '2025-11-01',
  name: 'contoso/uksouth',
  location: 'uksouth',
  properties: {},
};

/** Each replica as `registry: location name routing zones`. */
function replicasIn({ registries }: Reading): readonly string[] {
  return registries.flatMap(({ name, replicas }) =>
    replicas.map((one) =>
      [`${name}:`, one.location, one.name, one.routing, one.zoneRedundancy]
        .filter((text) => text !== undefined)
        .join(' '),
    ),
  );
}

const read = (resources: unknown, more?: object, given = input()) =>
  readTemplate('main.json', template(resources, more), given);

describe('real templates', () => {
  test("the quickstart's, with the parameter that has no default", () => {
    const reading = readTemplate(
      'main.json',
      sample('quickstart-geo-replication'),
      input({ acrreplicalocation: 'westeurope' }),
    );
    expect(replicasIn(reading)).toEqual(['acrbmg7c6xu4tw46: westeurope westeurope']);
    expect(reading.registries[0]).toMatchObject({
      name: 'acrbmg7c6xu4tw46',
      home: undefined,
      sku: 'Premium',
      resourceGroup: 'my-rg',
    });
    expect(reading.notes).toEqual([expect.stringContaining('makes names with uniqueString()')]);
  });

  test('Azure Verified Modules: a module in a loop, whose parameters of null leave the default', () => {
    const replications = JSON.stringify([
      { name: 'uksouth', location: 'uksouth' },
      {
        name: 'jpe01',
        location: 'japaneast',
        regionEndpointEnabled: false,
        zoneRedundancy: 'Enabled',
        tags: { team: 'a' },
      },
    ]);
    const reading = readTemplate(
      'main.json',
      sample('avm-registry'),
      input({ name: 'contoso', location: 'eastus', replications, tags: '{"env":"prod"}' }),
    );
    expect(replicasIn(reading)).toEqual([
      'contoso: uksouth uksouth Enabled Disabled',
      'contoso: japaneast jpe01 Disabled Enabled',
    ]);
    expect(reading.registries.flatMap(({ replicas }) => replicas.map(({ tags }) => tags))).toEqual([
      { env: 'prod' },
      { team: 'a' },
    ]);
    expect(reading.notes).toEqual([]);
  });

  test('Azure Verified Modules: without replications there are none', () => {
    expect(replicasIn(readTemplate('main.json', sample('avm-registry'), input({ name: 'contoso' })))).toEqual([]);
  });
});

describe('the places of a replication', () => {
  const child = { ...replication, name: 'uksouth', type: 'replications' };
  const cases: readonly (readonly [string, unknown])[] = [
    ['beside its registry', [registry, replication]],
    ['inside of its registry', [{ ...registry, resources: [child] }]],
    [
      'inside of its registry, with its whole type',
      [{ ...registry, resources: [{ ...child, type: replication.type }] }],
    ],
    ['under a symbolic name', { acr: registry, replica: replication }],
    ['beside a registry that exists', { acr: { ...registry, existing: true }, replica: replication }],
    ['in a template that has only it', [replication]],
    [
      'with types in another case',
      [
        { ...registry, type: registry.type.toUpperCase() },
        { ...replication, type: replication.type.toLowerCase() },
      ],
    ],
  ];
  test.each(cases)('%s', (_, resources) => expect(replicasIn(read(resources))).toEqual(['contoso: uksouth uksouth']));

  test('other resources are not looked at', () => {
    const other = {
      type: 'Microsoft.Network/virtualNetworks',
      name: "[reference('x').y]",
      condition: "[reference('x').z]",
    };
    expect(replicasIn(read([other, replication]))).toHaveLength(1);
  });
});

describe('loops and conditions', () => {
  test('a loop over an array of a parameter', () => {
    const looped = {
      ...replication,
      copy: { name: 'replicas', count: "[length(parameters('regions'))]" },
      name: "[format('{0}/{1}', 'contoso', parameters('regions')[copyIndex()])]",
      location: "[parameters('regions')[copyIndex('replicas')]]",
    };
    const parameters = { regions: { type: 'array', defaultValue: ['uksouth', 'japaneast'] } };
    expect(replicasIn(read([registry, looped], { parameters }))).toEqual([
      'contoso: uksouth uksouth',
      'contoso: japaneast japaneast',
    ]);
    expect(replicasIn(read([registry, looped], { parameters }, input({ regions: '["westeurope"]' })))).toEqual([
      'contoso: westeurope westeurope',
    ]);
  });

  test('a loop of variables, as Bicep compiles a for over an array', () => {
    const variables = { copy: [{ name: 'names', count: 2, input: "[format('region{0}', copyIndex('names'))]" }] };
    const looped = {
      ...replication,
      copy: { name: 'r', count: 2 },
      name: "[concat('contoso/', variables('names')[copyIndex()])]",
    };
    expect(replicasIn(read([looped], { variables }))).toEqual(['contoso: uksouth region0', 'contoso: uksouth region1']);
  });

  test('what is conditional counts when its condition is true', () => {
    const parameters = { isProduction: { type: 'bool', defaultValue: false } };
    const only = { ...replication, condition: "[parameters('isProduction')]" };
    expect(replicasIn(read([only], { parameters }))).toEqual([]);
    expect(replicasIn(read([only], { parameters }, input({ isproduction: 'true' })))).toHaveLength(1);
  });

  test('the condition of a loop may leave home out', () => {
    const looped = {
      ...replication,
      copy: { name: 'r', count: "[length(variables('all'))]" },
      condition: "[not(equals(variables('all')[copyIndex()], 'eastus'))]",
      name: "[format('contoso/{0}', variables('all')[copyIndex()])]",
      location: "[variables('all')[copyIndex()]]",
    };
    expect(replicasIn(read([looped], { variables: { all: ['eastus', 'uksouth'] } }))).toEqual([
      'contoso: uksouth uksouth',
    ]);
  });
});

describe('nested deployments', () => {
  const nested = (inner: object, more: object = {}) => ({
    type: 'Microsoft.Resources/deployments',
    apiVersion: '2025-04-01',
    name: "[format('acr-{0}', uniqueString(deployment().name))]",
    properties: { mode: 'Incremental', template: inner, ...more },
  });
  const inner = template([{ ...replication, name: "[format('{0}/uksouth', parameters('name'))]" }], {
    parameters: { name: { type: 'string' } },
  });
  const outer = { parameters: { name: { type: 'string', defaultValue: 'outside' } } };

  test('a module has its own parameters', () => {
    const options = { expressionEvaluationOptions: { scope: 'inner' } };
    const module = nested(inner, { ...options, parameters: { name: { value: "[concat('in', 'side')]" } } });
    expect(replicasIn(read([module], outer))).toEqual(['inside: uksouth uksouth']);
  });

  test('a module whose parameter is an expression as a whole', () => {
    const options = { expressionEvaluationOptions: { scope: 'inner' } };
    const module = nested(inner, { ...options, parameters: { name: "[createObject('value', 'inside')]" } });
    expect(replicasIn(read([module], outer))).toEqual(['inside: uksouth uksouth']);
  });

  test('without a scope of its own a deployment sees those around it', () => {
    expect(replicasIn(read([nested(inner)], outer))).toEqual(['outside: uksouth uksouth']);
  });

  test('goes to the resource group that it names', () => {
    const module = {
      ...nested(template([replication])),
      resourceGroup: "[concat('rg-', 'acr')]",
      subscriptionId: 'other',
    };
    const { registries } = read([module], {}, input({}, { place: unknownPlace }));
    expect(registries[0]).toMatchObject({ resourceGroup: 'rg-acr', subscriptionId: 'other' });
  });

  test('one without a registry may depend on anything', () => {
    const module = { ...nested(template([])), condition: "[reference('x').y]", resourceGroup: "[reference('x').z]" };
    expect(replicasIn(read([module, replication]))).toHaveLength(1);
  });

  test('one in another file is told', () => {
    const linked = {
      ...nested({}),
      properties: { mode: 'Incremental', templateLink: { uri: 'https://contoso/acr.json' } },
    };
    expect(read([linked, replication]).notes).toEqual([expect.stringMatching(/^deployment .*templateLink/)]);
  });
});

describe('what is missing is a Problem that says what to give', () => {
  const cases: readonly (readonly [string, () => unknown, RegExp, string])[] = [
    [
      'a parameter',
      () => readTemplate('main.json', sample('quickstart-geo-replication'), input()),
      /^main\.json: parameter acrReplicaLocation has no value$/,
      'kubectl acr-replication convert -f main.json --set acrReplicaLocation=VALUE, or --parameters FILE',
    ],
    [
      'what only Azure knows',
      () => read([{ ...replication, location: '[resourceGroup().location]' }]),
      /^main\.json: only Azure knows resourceGroup\(\)\.location$/,
      'kubectl acr-replication convert -f main.json --set "resourceGroup().location=VALUE"',
    ],
    [
      'the subscription',
      () => readTemplate('main.json', sample('quickstart-geo-replication'), input({}, { place: unknownPlace })),
      /depends on the subscription/,
      'kubectl acr-replication convert -f main.json --subscription "$(az account show --query id --output tsv)"',
    ],
    [
      'the resource group',
      () =>
        read(
          [{ ...replication, name: "[concat(resourceGroup().name, '/uksouth')]" }],
          {},
          input({}, { place: unknownPlace }),
        ),
      /depends on the resource group/,
      'kubectl acr-replication convert -f main.json -g GROUP',
    ],
    [
      'sense',
      () =>
        read([{ ...replication, location: "[parameters('a')]" }], {
          parameters: {
            a: { type: 'string', defaultValue: "[parameters('b')]" },
            b: { type: 'string', defaultValue: "[parameters('a')]" },
          },
        }),
      /it refers to itself$/,
      'import what Azure has instead: kubectl acr-replication import --help',
    ],
    [
      'a location',
      () => read([{ ...replication, location: undefined }]),
      /the location of replication contoso\/uksouth is no text/,
      'import what Azure has instead: kubectl acr-replication import --help',
    ],
  ];
  test.each(cases)('%s', (_, reading, message, cure) => {
    expect(reading).toThrow(expect.objectContaining({ message: expect.stringMatching(message), cure }));
  });

  test('an endless expression is told by its beginning', () => {
    const endless = `[${'concat('.repeat(500)}]`;
    expect(() => read([{ ...replication, name: endless }])).toThrow(/^main\.json: \[.{199}… cannot be worked out: /);
  });

  test('but not the location and the SKU of a registry', () => {
    const { registries } = read([
      { ...registry, location: '[resourceGroup().location]', sku: { name: "[parameters('sku')]" } },
      replication,
    ]);
    expect(registries[0]).toMatchObject({ home: undefined, sku: undefined });
  });
});
