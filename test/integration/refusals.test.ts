import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiVersion, kind } from '../../src/api/registryreplication.ts';
import { controlPlane } from '../support/cluster.ts';
import { crdSchema, type Schema, schemas } from '../support/crd-schema.ts';

/**
 * What a person reads who writes something wrong: the API server's own words, without the sentence that it puts around them.
 * A part in brackets is Kubernetes' own, said beside ours.
 */
interface Row {
  readonly at: string;
  readonly is: unknown;
  readonly says: string;
}

const guid = '00000000-0000-0000-0000-000000000000';
const registryId = `/subscriptions/${guid}/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso`;
const region = (location: unknown) => [{ location }];
const tagsOf = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`tag${i}`, 'x']));
const rows = (at: string, says: string, values: readonly unknown[]): readonly Row[] =>
  values.map((is) => ({ at, is, says }));

const registryName = "a registry's name has 5 to 50 letters and digits, such as contoso";
const groupName = "a resource group's name has 1 to 90 letters, digits and - _ . ( ), and does not end in a period";
const subscription =
  "write the subscription's id, not its name: `az account show --query id` prints it in the form 00000000-0000-0000-0000-000000000000";
const plainRegion = 'a region is written as westeurope or "West Europe"';
const noRegion = `${plainRegion}: letters and digits, one space between words; \`az account list-locations --query [].name\` prints them`;
const replicaName = "a replica's name has 5 to 50 letters and digits, such as japaneast";
const drain = { location: 'japaneast', until: '2026-12-01T06:00:00Z', reason: 'drill' };
const drainedRegion = `${plainRegion}: letters and digits, one space between words`;
const drainReason = 'write the reason in one line of at most 200 characters: an incident, a ticket, a drill';
const interval = 'interval must be from 30s to 24h, in the units h, m and s: 5m, 1h30m; a day is 24h';
const credentials =
  "credentialsRef needs exactly one of name and serviceAccountName: the name of a Secret, or that of a ServiceAccount, in this object's own namespace";
const ownTags = "the tags managed-by and acr-replication-owner are the operator's own";
const reservedTags = "a tag's name may not begin with azure, microsoft or windows: Azure reserves these prefixes";
const tagName = "a tag's name has 1 to 512 characters, none of < > % & \\ ? /";
const twiceTag = "a tag is listed twice: case doesn't matter in its name";
const short = (at: string, least: number): string => `[${at} in body should be at least ${least} chars long]`;

const table: readonly Row[] = [
  ...rows('spec.registry.name', "write the registry's name without the domain: contoso", [
    'contoso.azurecr.io',
    'https://contoso.azurecr.io',
    'contoso.azurecr.io/app',
    'contoso-dxbybpfq.azurecr.io', // as the host is with a domain name label
    'contoso.azurecr.cn',
  ]),
  ...rows('spec.registry.name', "write the registry's name without blanks: contoso", ['contoso ', ' contoso']),
  ...rows('spec.registry.name', "write the registry's name, not its resource id: contoso", [registryId]),
  ...rows('spec.registry.name', registryName, ['my-registry', 'a'.repeat(51), `/subscriptions/${guid}`]),
  ...rows('spec.registry.name', `${short('spec.registry.name', 5)}, ${registryName}`, ['', 'acr1']),

  ...rows('spec.registry.resourceGroup', "write the resource group's name, not a resource id: registries", [
    `/subscriptions/${guid}/resourceGroups/registries`,
    registryId,
  ]),
  ...rows('spec.registry.resourceGroup', "write the resource group's name without blanks around it: registries", [
    'registries ',
    ' registries',
  ]),
  ...rows('spec.registry.resourceGroup', groupName, ['my group', 'group.', 'a/b', 'a'.repeat(91)]),
  ...rows('spec.registry.resourceGroup', `${short('spec.registry.resourceGroup', 1)}, ${groupName}`, ['']),

  ...rows('spec.registry.subscriptionId', `write the subscription's id alone: ${guid}`, [
    `${guid} `,
    `{${guid}}`,
    `/subscriptions/${guid}`,
    registryId,
  ]),
  ...rows('spec.registry.subscriptionId', subscription, ['', '1234', 'contoso-production', guid.slice(1)]),

  ...rows('spec.regions[0].location', `${plainRegion}, without continent, dashes and further blanks: here westeurope`, [
    'west-europe',
    'West_Europe',
    '(Europe) West Europe',
    '(Europe)  west-europe',
    'West  Europe',
    ' West Europe',
    'westeurope ',
  ]),
  ...rows('spec.regions[0].location', 'one region per item of the list: - location: westeurope', [
    'westeurope,japaneast',
    'westeurope; japaneast',
  ]),
  ...rows('spec.regions[0].location', "write the region's name, not a resource id: westeurope", [
    `/subscriptions/${guid}/locations/westeurope`,
  ]),
  ...rows('spec.regions[0].location', noRegion, ['*', '../x', 'west.europe', '-', '(Europe)', 'a'.repeat(41)]),
  ...rows('spec.regions[0].location', `${short('spec.regions[0].location', 1)}, ${noRegion}`, ['']),
  ...rows('spec.regions[0].name', replicaName, ['to-kyo', 'tokyo ', 'a'.repeat(51)]),
  ...rows('spec.regions[0].name', `${short('spec.regions[0].name', 5)}, ${replicaName}`, ['', 'edo']),
  {
    at: 'spec.regions',
    is: [],
    says: "[spec.regions in body should have at least 1 items], list at least one region; to have no replica at all, list the registry's home region only",
  },
  {
    at: 'spec.regions',
    is: [...region('japaneast'), ...region('Japan East')],
    says: 'list japaneast once: a region is listed twice, and case and spaces don\'t matter ("Japan East" is japaneast)',
  },
  {
    at: 'spec.regions',
    is: [
      { location: 'japaneast', name: 'primary' },
      { location: 'uksouth', name: 'Primary' },
    ],
    says: "two replicas of a registry cannot have one name: case doesn't matter in it, and where no name is given it is the region's",
  },
  {
    at: 'spec.regions',
    is: Array.from({ length: 65 }, (_, i) => ({ location: `region${i}` })),
    says: '[Too many: 65: must have at most 64 items]',
  },

  ...rows('spec.drains[0].location', drainedRegion, ['west-europe', 'West Europe ', '*', 'a'.repeat(41)]),
  ...rows('spec.drains[0].location', `${short('spec.drains[0].location', 1)}, ${drainedRegion}`, ['']),
  ...rows('spec.drains[0].reason', drainReason, [' ', 'two\nlines', 'a\u0007', 'r'.repeat(201)]),
  ...rows('spec.drains[0].reason', `${short('spec.drains[0].reason', 1)}, ${drainReason}`, ['']),
  ...['tomorrow', '2026-12-01', '2026-12-01 06:00', '2026-12-01T06:00:00', '2026-13-01T06:00:00Z', '2h', ''].map(
    (is) => ({
      at: 'spec.drains[0].until',
      is,
      says: `[spec.drains[0].until in body must be of type date-time: "${is}"]`,
    }),
  ),
  {
    at: 'spec.drains',
    is: [drain, { ...drain, location: 'Japan East' }],
    says: 'a region is drained twice: spelling, case and spaces don\'t matter ("Japan East" is japaneast)',
  },
  {
    at: 'spec.drains',
    is: Array.from({ length: 9 }, (_, i) => ({ ...drain, location: `region${i}` })),
    says: '[Too many: 9: must have at most 8 items]',
  },

  ...rows('spec.interval', `${interval}. Write 24h`, ['1d', '1 D']),
  ...rows('spec.interval', `${interval}. Write 1h30m`, ['1h30m ', '1h 30m', '1H30M']),
  ...rows('spec.interval', `${interval}. Add the unit: 300s is in seconds, 300m in minutes`, ['300']),
  ...rows('spec.interval', interval, [
    '',
    '29s',
    '0s',
    '24h1s',
    '2d',
    '1.5h',
    '1h30',
    'P1D',
    'daily',
    '-5m',
    '500ms',
    '99999999999h',
    `${'0'.repeat(20)}5m`,
  ]),
  ...rows('spec.credentialsRef', credentials, [{}, { name: 'a', serviceAccountName: 'b' }]),
  ...(['name', 'serviceAccountName'] as const).flatMap((field) => {
    const at = `spec.credentialsRef.${field}`;
    const what = field === 'name' ? 'Secret' : 'ServiceAccount';
    const says = `write the name of a ${what} in this object's own namespace: small letters, digits, - and .`;
    return [
      ...rows(at, says, ['other/azure', 'Azure', 'azure_contoso', 'azure ']),
      ...rows(at, `${short(at, 1)}, ${says}`, ['']),
      ...rows(at, '[Too long: may not be more than 253 bytes]', ['a'.repeat(254)]),
    ];
  }),
  ...['spec.tags', 'spec.regions[0].tags'].flatMap((at) => [
    ...rows(at, ownTags, [{ 'Managed-By': 'me' }]),
    ...rows(at, reservedTags, [{ 'azure-team': 'x' }, { MICROSOFTx: 'x' }, { 'windows:os': 'x' }]),
    ...rows(at, tagName, [{ 'a/b': 'x' }, { 'a\\b': 'x' }, { '': 'x' }, { ['x'.repeat(513)]: 'x' }]),
    ...rows(at, twiceTag, [{ team: 'a', Team: 'b' }]),
    ...rows(at, '[Too many: 49: must have at most 48 items]', [tagsOf(49)]),
    ...rows(`${at}.team`, '[Too long: may not be more than 256 bytes]', ['x'.repeat(257)]),
    ...rows(`${at}.team`, `[${at}.team in body must be of type string: "integer"]`, [42]),
  ]),

  ...(
    [
      ['spec.prune', ['All', 'Owned', 'None'], 'Some'],
      ['spec.mode', ['Apply', 'Observe'], 'observe'],
      ['spec.deletionPolicy', ['Delete', 'Retain'], 'Orphan'],
      ['spec.readyWhen', ['Synced', 'Provisioned'], 'Later'],
      ['spec.regions[0].routing', ['Enabled', 'Disabled'], 'enabled'],
      ['spec.regions[0].zoneRedundancy', ['Enabled', 'Disabled'], 'Maybe'],
    ] as const
  ).map(([at, allowed, is]) => ({
    at,
    is,
    says: `[Unsupported value: "${is}": supported values: ${allowed.map((value) => `"${value}"`).join(', ')}]`,
  })),

  ...(
    [
      ['spec.registry', 'object', 'contoso', 'string'],
      ['spec.registry.name', 'string', 12345, 'integer'],
      ['spec.registry.resourceGroup', 'string', 12345, 'integer'],
      ['spec.registry.subscriptionId', 'string', 1, 'integer'],
      ['spec.regions', 'array', 'japaneast', 'string'],
      ['spec.regions[0].location', 'string', true, 'boolean'],
      ['spec.regions[0].name', 'string', 55555, 'integer'],
      ['spec.regions[0].tags', 'object', ['a'], 'array'],
      ['spec.tags', 'object', ['a'], 'array'],
      ['spec.credentialsRef', 'object', 'azure', 'string'],
      ['spec.credentialsRef.name', 'string', 1, 'integer'],
      ['spec.credentialsRef.serviceAccountName', 'string', 1, 'integer'],
      ['spec.suspend', 'boolean', 'true', 'string'],
      ['spec.interval', 'string', 300, 'integer'],
      ['spec.drains', 'array', 'japaneast', 'string'],
      ['spec.drains[0].location', 'string', 1, 'integer'],
      ['spec.drains[0].until', 'date-time', 1, 'int64'],
      ['spec.drains[0].reason', 'string', 4711, 'integer'],
    ] as const
  ).map(([at, wanted, is, found]) => ({ at, is, says: `[${at} in body must be of type ${wanted}: "${found}"]` })),
  {
    at: 'spec.regions',
    is: ['japaneast'],
    says: '[spec.regions[0] in body must be of type object: "string"], [must be an object for an array of list-type map]',
  },

  ...[
    'spec.registry',
    'spec.registry.name',
    'spec.registry.resourceGroup',
    'spec.regions',
    'spec.regions[0].location',
    'spec.drains[0].location',
    'spec.drains[0].until',
    'spec.drains[0].reason',
  ].map((at) => ({ at, is: undefined, says: '[Required value]' })),
];

const cluster = controlPlane();
let namespace: string;
beforeAll(async () => {
  namespace = await cluster.kube.createNamespace('refusals');
});
afterAll(() => cluster.close());

describe('the API server says', () => {
  test.each(table.map((row) => [row.at, shown(row.is), row.says, row] as const))(
    'of %s: %s -> %s',
    async (_at, _is, _says, { at, is, says }) => {
      expect(readable(await answer(specWith(at, is)))).toBe(says);
    },
  );

  test('of a name that leaves no place in the owner tag: what the name is part of', async () => {
    const said = readable(await answer(specWith('spec.suspend', false), 'n'.repeat(129)));
    expect(said).toBe(
      'metadata.name is longer than 128 characters: it is part of a tag on each replica, and Azure allows 256 in all',
    );
  });

  test('of a field that there is not: its name', async () => {
    expect(await answer(specWith('spec.suspended', true))).toMatch(/unknown field "spec\.suspended"$/);
  });
});

/**
 * Why these may speak without words of ours: CEL rules are not run on what breaks them, and Kubernetes' words name the field
 * and what it takes.
 */
const bare = {
  type: 'says which type it must have',
  required: 'says which field is missing',
  format: 'says that it must be a moment',
  enum: 'lists all that is allowed',
  maxItems: 'says how many there are, and how many may be',
  maxProperties: 'says how many there are, and how many may be',
} as const;
/** Longer than anything that one writes by mistake: names of Kubernetes objects, and the values of tags. */
const bareLengths = [
  'spec.credentialsRef.name',
  'spec.credentialsRef.serviceAccountName',
  'spec.regions[].tags{}',
  'spec.tags{}',
];

describe('every rule of the spec', () => {
  const constrained = schemas(crdSchema('spec'), 'spec');
  const worded = constrained.filter(([, schema]) => (schema['x-kubernetes-validations'] ?? []).length > 0);
  const own = new Map(worded);

  test('that Kubernetes has bare words for has our own beside it, or a reason', () => {
    const others = new Set([
      'type',
      'description',
      'properties',
      'items',
      'additionalProperties',
      ...Object.keys(bare),
    ]);
    const missing = constrained.flatMap(([path, schema]) =>
      Object.keys(schema)
        .filter((key) => !others.has(key) && !key.startsWith('x-kubernetes-') && !own.has(path))
        .map((key) => `${path} ${key}`),
    );
    expect(missing).toEqual(bareLengths.filter((path) => !own.has(path)).map((path) => `${path} maxLength`));
  });

  test('is broken by a row of the table, and so is every branch of its message', () => {
    const said = table.map(({ says }) => says).join('\n');
    const silent = worded.flatMap(([path, schema]) =>
      textsOf(schema)
        .filter((text) => !said.includes(text))
        .map((text) => `${path}: ${text}`),
    );
    expect(silent).toEqual([]);
  });

  test('of every kind is broken somewhere in the table for each field that has it', () => {
    const tried = new Set(table.map(({ at }) => at.replaceAll('[0]', '[]').replace(/tags\.team$/, 'tags{}')));
    const fields = constrained
      .map(([path]) => path)
      .filter((path) => path !== 'spec' && !/^spec\.(regions|drains)\[\]$/.test(path));
    expect(fields.filter((path) => !tried.has(path))).toEqual([]);
  });
});

/** The texts of ours that a person can get to read: of a message with branches, each literal that is a sentence. */
function textsOf(schema: Schema): readonly string[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  return rules.flatMap(({ rule, message = '', messageExpression }) => {
    if (rule.includes('oldSelf')) return []; // of changes: admission.test.ts
    if (messageExpression === undefined) return [message];
    const literals = [...messageExpression.matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/g)];
    return literals.map(([, double, single]) => (double ?? single ?? '').replaceAll("\\'", "'")).filter(isSentence);
  });
}

function isSentence(text: string): boolean {
  return /[a-z]{2,} [a-z]/.test(text) && !text.includes('(?') && !text.startsWith('^');
}

/** A good spec with one thing otherwise; undefined leaves the thing out. */
function specWith(at: string, is: unknown): object {
  const drains = at.startsWith('spec.drains[0]') ? { drains: [{ ...drain }] } : {};
  const spec = { registry: { name: 'contoso', resourceGroup: 'registries' }, regions: region('japaneast'), ...drains };
  const steps = at
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .slice(1);
  const last = steps.pop() ?? '';
  let place = spec as unknown as Record<string, unknown>;
  for (const step of steps) {
    place[step] ??= {};
    place = place[step] as Record<string, unknown>;
  }
  if (is === undefined) delete place[last];
  else place[last] = is;
  return spec;
}

/** The API server's answer, without storing anything when it accepts. */
async function answer(spec: object, name = 'bad'): Promise<string> {
  const path = `/apis/${apiVersion}/namespaces/${namespace}/registryreplications`;
  const object = { apiVersion, kind, metadata: { name, namespace }, spec };
  try {
    await cluster.kube.request('POST', path, object, { query: { dryRun: 'All', fieldValidation: 'Strict' } });
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
}

/** The messages alone, without the field, which each names, and the value; those of Kubernetes in brackets. */
function readable(said: string): string {
  const [, causes = said] = / is invalid: (.*)$/s.exec(said) ?? [];
  return causes
    .replace(/^\[(.*)\]$/s, '$1')
    .replace(/, <nil>: Invalid value: null: some validation rules were not checked .*$/s, '')
    .split(/, (?=(?:spec[\w.[\]]*|<nil>): )/)
    .map((cause) => cause.replace(/^(?:spec\S*|<nil>): (?:Invalid value: )?(?:(?:"(?:[^"\\]|\\.)*"|\d+): )?/, ''))
    .map((message) => (ofKubernetes.test(message) ? `[${message}]` : message))
    .join(', ');
}
const ofKubernetes = /^(spec\S* in body |Too (long|many)|Unsupported value|Required value|must be an object)/;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'left out';
  return text.length <= 80 ? text : `${text.slice(0, 70)}… (${text.length})`;
}
