import { describe, expect, test } from 'vitest';
import { type Missing, resolved, type Scope, Unresolved } from '../../../../../src/cli/convert/arm/evaluate.ts';

const known: Readonly<Record<string, unknown>> = {
  name: 'contoso',
  regions: ['japaneast', 'uksouth'],
  replica: { Location: 'uksouth', tags: { team: 'a' }, nothing: null },
};

function scope(changes: Partial<Scope> = {}): Scope {
  return {
    place: { subscriptionId: 's', resourceGroup: 'registries' },
    given: new Map(),
    parameter: (name) => {
      if (name in known) return known[name];
      throw new Unresolved({ kind: 'parameter', name });
    },
    variable: (name) => `the variable ${name}`,
    ownFunction: (name) =>
      name === '__bicep.twice' ? { parameters: ['x'], value: "[concat(parameters('x'), parameters('x'))]" } : undefined,
    copies: new Map([
      ['', 2],
      ['loop', 1],
    ]),
    lambdas: new Map(),
    onHash: () => {},
    ...changes,
  };
}

const cases: readonly (readonly [string, unknown])[] = [
  ["parameters('name')", 'contoso'],
  ["variables('v')", 'the variable v'],
  ["concat(parameters('name'), '/', 'uksouth')", 'contoso/uksouth'],
  ["concat(parameters('regions'), createArray('eastus'))", ['japaneast', 'uksouth', 'eastus']],
  ["format('{0}-{1}-{{x}}-{0}', parameters('name'), 7)", 'contoso-7-{x}-contoso'],
  ["format('{0}', true())", 'True'],
  ["parameters('replica').location", 'uksouth'],
  ["parameters('replica')['tags'].team", 'a'],
  ["parameters('regions')[1]", 'uksouth'],
  ["tryGet(parameters('replica'), 'tags', 'none')", null],
  ["tryGet(parameters('replica'), 'tags', 'team')", 'a'],
  ["coalesce(null(), tryGet(parameters('replica'), 'x'), 'found')", 'found'],
  ["coalesce('found', reference('never asked'))", 'found'],
  ["if(equals(parameters('name'), 'contoso'), 'yes', reference('never asked').x)", 'yes'],
  ["and(false(), reference('never asked'))", false],
  ["or(not(empty(createArray())), contains(parameters('regions'), 'uksouth'))", true],
  ["empty(parameters('regions'))", false],
  ['empty(null())', true],
  ['string(7)', '7'],
  ['copyIndex()', 2],
  ['copyIndex(10)', 12],
  ["copyIndex('loop')", 1],
  ["copyIndex('loop', 10)", 11],
  ["toLower('West Europe')", 'west europe'],
  ["replace(toLower('West Europe'), ' ', '')", 'westeurope'],
  ["split('a,b;c', createArray(',', ';'))", ['a', 'b', 'c']],
  ["join(parameters('regions'), '+')", 'japaneast+uksouth'],
  ["substring('westeurope', 0, 4)", 'west'],
  ["take('abc', 9)", 'abc'],
  ["skip(parameters('regions'), 1)", ['uksouth']],
  ["first(parameters('regions'))", 'japaneast'],
  ["last(split('a/b', '/'))", 'b'],
  ["length(parameters('regions'))", 2],
  ["union(createArray('uksouth'), parameters('regions'))", ['uksouth', 'japaneast']],
  ["union(parameters('replica').tags, createObject('env', 'prod'))", { team: 'a', env: 'prod' }],
  ["intersection(parameters('regions'), createArray('uksouth', 'eastus'))", ['uksouth']],
  ['range(3, 2)', [3, 4]],
  ['json(\'{"a": [1]}\').a[0]', 1],
  [
    "items(createObject('b', 1, 'a', 2))",
    [
      { key: 'a', value: 2 },
      { key: 'b', value: 1 },
    ],
  ],
  [
    "map(parameters('regions'), lambda('r', createObject('location', lambdaVariables('r'))))",
    [{ location: 'japaneast' }, { location: 'uksouth' }],
  ],
  ["filter(parameters('regions'), lambda('r', not(equals(lambdaVariables('r'), 'uksouth'))))", ['japaneast']],
  ["reduce(range(1, 4), 0, lambda('sum', 'n', add(lambdaVariables('sum'), lambdaVariables('n'))))", 10],
  ["sort(createArray(3, 1, 2), lambda('a', 'b', less(lambdaVariables('a'), lambdaVariables('b'))))", [1, 2, 3]],
  ["toObject(parameters('regions'), lambda('r', lambdaVariables('r')), lambda('r', 1))", { japaneast: 1, uksouth: 1 }],
  ["__bicep.twice('ab')", 'abab'],
  ['resourceGroup().name', 'registries'],
  ['resourceGroup().id', '/subscriptions/s/resourceGroups/registries'],
  ['subscription().subscriptionId', 's'],
  [
    "resourceId('Microsoft.ContainerRegistry/registries/replications', 'contoso', 'uksouth')",
    '/subscriptions/s/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso/replications/uksouth',
  ],
  ["last(split(resourceId('other', 'Microsoft.ContainerRegistry/registries', 'contoso'), '/'))", 'contoso'],
  ['mod(add(mul(2, 3), 1), 4)', 3],
];
test.each(cases)('%s is worked out', (text, value) => expect(resolved(`[${text}]`, scope())).toEqual(value));

test('a value is worked out in depth, names and loops included', () => {
  const value = {
    "[parameters('name')]": ["[copyIndex('loop')]", { plain: '[[x]' }],
    copy: [
      {
        name: 'regions',
        count: "[length(parameters('regions'))]",
        input: "[parameters('regions')[copyIndex('regions')]]",
      },
    ],
  };
  expect(resolved(value, scope())).toEqual({ contoso: [1, { plain: '[x]' }], regions: ['japaneast', 'uksouth'] });
});

function missingOf(text: string, changes: Partial<Scope> = {}): Missing | undefined {
  try {
    resolved(text, scope(changes));
    return undefined;
  } catch (error) {
    if (error instanceof Unresolved) return error.missing;
    throw error;
  }
}

describe('what is not known is told', () => {
  const nowhere = { place: { subscriptionId: undefined, resourceGroup: undefined } };
  const missing: readonly (readonly [string, Partial<Scope>, Missing])[] = [
    ["[parameters('other')]", {}, { kind: 'parameter', name: 'other' }],
    ['[resourceGroup().location]', {}, { kind: 'value', text: 'resourceGroup().location' }],
    [
      "[toLower(reference('acr', '2025-11-01').loginServer)]",
      {},
      { kind: 'value', text: "reference('acr', '2025-11-01').loginServer" },
    ],
    ["[reference('acr').a.b[0]]", {}, { kind: 'value', text: "reference('acr').a.b[0]" }],
    ['[newGuid()]', {}, { kind: 'value', text: 'newGuid()' }],
    ["[constructor('a')]", {}, { kind: 'value', text: "constructor('a')" }],
    ['[toString()]', {}, { kind: 'value', text: 'toString()' }],
    ['[resourceGroup().name]', nowhere, { kind: 'resource group' }],
    ['[subscription().id]', nowhere, { kind: 'subscription' }],
  ];
  test.each(missing)('%s', (text, changes, expected) => expect(missingOf(text, changes)).toEqual(expected));

  test.each([
    ["[parameters('replica').nowhere]", /there is no nowhere/],
    ['[length(1)]', /1 is no array/],
    ["[format('{1}', 'a')]", /\{1\} is not understood/],
    ["[concat('a'", undefined],
    ["[concat('a' 'b')]", /'b' is not expected/],
    ["[copyIndex('nowhere')]", /outside of its loop/],
    ["[lambdaVariables('x')]", /there is no x/],
    ["[map(parameters('regions'), 'x')]", /a lambda is missing/],
    ["[int('x')]", /no whole number/],
    ['[div(1, 0)]', /divided by 0/],
    ['[string(true())]', /spelling/],
    ['[length(range(0, 1000000000))]', /more than 10000/],
    ["[padLeft('a', 1000000000)]", /more than 10000/],
  ])('nonsense: %s', (text, why) => {
    const missing = missingOf(text);
    if (why === undefined)
      expect(missing).toBeUndefined(); // it does not end with a bracket: a plain string
    else expect(missing).toMatchObject({ kind: 'sense', why: expect.stringMatching(why) });
  });

  test('a loop of a size that ARM refuses is not run', () => {
    const value = { copy: [{ name: 'x', count: 801, input: 1 }] };
    expect(() => resolved(value, scope())).toThrow(Unresolved);
  });
});

test('what only Azure knows can be given, as far as the template reads it', () => {
  const given = new Map<string, unknown>([
    ['resourceGroup().location', 'westeurope'],
    ["reference('acr').loginServer", 'contoso.azurecr.io'],
  ]);
  expect(resolved("[concat(resourceGroup().location, ' ', reference('acr').loginServer)]", scope({ given }))).toBe(
    'westeurope contoso.azurecr.io',
  );
});
