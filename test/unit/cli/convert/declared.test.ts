import { describe, expect, test } from 'vitest';
import { type Declared, type DeclaredReplica, type Given, registriesOf } from '../../../../src/cli/convert/declared.ts';

const subscriptionId = '00000000-0000-0000-0000-000000000000';
const nothing: Given = {
  registry: undefined,
  resourceGroup: undefined,
  subscriptionId: () => {
    throw new Error('no subscription');
  },
};
const replica = (location: string, changes: Partial<DeclaredReplica> = {}): DeclaredReplica => ({
  by: `replica ${location}`,
  location,
  name: undefined,
  routing: undefined,
  zoneRedundancy: undefined,
  tags: {},
  ...changes,
});
const declared = (changes: Partial<Declared> = {}): Declared => ({
  file: 'a.yaml',
  by: 'Registry contoso',
  name: 'contoso',
  resourceGroup: 'registries',
  subscriptionId,
  home: 'eastus',
  sku: 'Premium',
  replicas: [],
  holders: [],
  source: 'Terraform',
  ...changes,
});
const regionsIn = (...all: readonly Declared[]) =>
  registriesOf(all, nothing).map(({ ref, replicas }) => `${ref.name}: ${replicas.map(({ region }) => region).join()}`);

test('what several files say of a registry is put together, whatever the case of its place', () => {
  const one = declared({ replicas: [replica('uksouth')] });
  const other = declared({
    name: 'Contoso',
    resourceGroup: 'Registries',
    home: undefined,
    source: 'Azure Service Operator',
    replicas: [replica('japaneast')],
  });
  expect(regionsIn(one, other)).toEqual(['contoso: uksouth,japaneast']);
  expect(registriesOf([other, one], nothing)).toMatchObject([
    { home: 'eastus', sku: 'Premium', sources: ['Azure Service Operator', 'Terraform'] },
  ]);
});

test('registries are sorted by group and name', () => {
  const names = ['zulu1', 'alpha'].map((name) => declared({ name }));
  expect(regionsIn(...names, declared({ name: 'middle', resourceGroup: 'apps' }))).toEqual([
    'middle: ',
    'alpha: ',
    'zulu1: ',
  ]);
});

test('a region is the same in every spelling, and what is said twice counts once', () => {
  expect(regionsIn(declared({ replicas: [replica('UK South'), replica('uksouth')] }))).toEqual(['contoso: uksouth']);
});

test('what is said twice and differently is a problem', () => {
  const both = declared({
    replicas: [replica('uksouth', { by: 'a' }), replica('uksouth', { by: 'b', routing: 'Disabled' })],
  });
  expect(() => regionsIn(both)).toThrow('uksouth is declared twice, and not in the same way: a and b');
});

describe('where a file does not say where a registry is, the command line does', () => {
  const registry = { subscriptionId: 'given', resourceGroup: 'given', name: 'contoso' };
  const cases: readonly (readonly [string, Partial<Declared>, Partial<Given>, object])[] = [
    ['by --registry', { name: undefined, resourceGroup: undefined, subscriptionId: undefined }, { registry }, registry],
    [
      'by --registry, for the registry of that name',
      { resourceGroup: undefined, subscriptionId: undefined },
      { registry },
      registry,
    ],
    ['by -g', { resourceGroup: undefined }, { resourceGroup: 'other' }, { resourceGroup: 'other', subscriptionId }],
    [
      'by --subscription',
      { subscriptionId: undefined },
      { subscriptionId: () => 'other' },
      { resourceGroup: 'registries', subscriptionId: 'other' },
    ],
    [
      'but what it says counts',
      {},
      { registry, resourceGroup: 'other' },
      { resourceGroup: 'registries', subscriptionId },
    ],
  ];
  test.each(cases)('%s', (_, said, given, expected) => {
    expect(registriesOf([declared(said)], { ...nothing, ...given })).toMatchObject([{ ref: expected }]);
  });

  test('--registry is not for a registry of another name', () => {
    const other = declared({ name: 'fabrikam', resourceGroup: undefined });
    expect(() => registriesOf([other], { ...nothing, registry })).toThrow(
      'does not say in which resource group registry fabrikam is',
    );
  });

  test('--registry is not for two registries', () => {
    const nameless = ['a', 'b'].map((by) => declared({ by, name: undefined }));
    expect(() => registriesOf(nameless, { ...nothing, registry })).toThrow('--registry names only one');
  });

  test('a registry that nothing names is a problem', () => {
    expect(() => registriesOf([declared({ name: undefined })], nothing)).toThrow('Registry contoso is not in the file');
  });
});

test.each([
  ['West-Europe', undefined, 'which is no region'],
  ['', undefined, 'which is no region'],
  ['uksouth', 'uk-south', "a replica's name has letters and digits only"],
])('location %j with the name %s is a problem', (location, name, message) => {
  expect(() => regionsIn(declared({ replicas: [replica(location, { name })] }))).toThrow(message);
});
