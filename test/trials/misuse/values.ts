import { regionsOf } from '../../sandbox/emulator/versions.ts';
import { secondsOf } from './admission.ts';
import { type FieldSchema, isObject } from './fields.ts';

/** The registry of a lane: what its object must name to reach it. */
export interface Place {
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscriptionId: string;
  readonly home: string;
}

/** Regions in which sensible people have replicas. They are few, so that edits meet. */
export const usualRegions = [
  'japaneast',
  'japanwest',
  'uksouth',
  'westeurope',
  'brazilsouth',
  'australiaeast',
] as const;
/** All regions that Azure has. */
export const realRegions: ReadonlySet<string> = new Set(regionsOf('AzurePublic').map((region) => region.name));

/** Names of credentials that are there and granted to the operator. */
export const goodSecret = 'azure-contoso';
export const goodServiceAccount = 'contoso-replication';

/**
 * The values that people write into a field, by its path; a field without an entry takes its values from the schema
 * alone.
 */
const pools: Readonly<Record<string, (place: Place) => readonly unknown[]>> = {
  'spec.registry.name': ({ name }) => [name, name.toUpperCase(), 'fabrikam'],
  'spec.registry.resourceGroup': ({ resourceGroup }) => [resourceGroup, resourceGroup.toUpperCase(), 'elsewhere'],
  'spec.registry.subscriptionId': ({ subscriptionId }) => [subscriptionId, '99999999-9999-4999-8999-999999999999'],
  'spec.registry': ({ name, resourceGroup, subscriptionId }) => [
    { name, resourceGroup, subscriptionId },
    { name: 'fabrikam', resourceGroup, subscriptionId },
  ],
  'spec.regions': ({ home }) => [
    ...usualRegions.map((location) => [{ location }]),
    ...usualRegions.map((location, i) => [{ location }, { location: usualRegions[(i + 1) % usualRegions.length] }]),
    usualRegions.map((location) => ({ location })),
    [{ location: home }],
    [
      { location: home, routing: 'Disabled' },
      { location: 'uksouth', tags: { env: 'prod' } },
    ],
    [{ location: 'Japan East' }, { location: 'UK South', routing: 'Disabled' }],
    [{ location: 'westeurope' }, { location: 'westeurop' }],
  ],
  'spec.regions[].location': ({ home }) => [
    ...usualRegions,
    'Japan East',
    'JAPANEAST',
    'japan WEST',
    'UK South',
    'West Europe',
    home,
    'East US',
    'westeurop',
    'atlantis',
  ],
  'spec.regions[].name': () => ['tokyo', 'japaneast', 'Replica1', 'London1'],
  'spec.regions[].tags': () => tags,
  'spec.tags': () => tags,
  'spec.credentialsRef': () => [
    { name: goodSecret },
    { serviceAccountName: goodServiceAccount },
    { name: 'azure-missing' },
    { serviceAccountName: 'missing-replication' },
  ],
  'spec.credentialsRef.name': () => [goodSecret, 'azure-missing'],
  'spec.credentialsRef.serviceAccountName': () => [goodServiceAccount, 'missing-replication'],
  'spec.interval': () => ['5m', '1h30m', '90s', '1h', '45s'],
};

const tags: readonly Readonly<Record<string, string>>[] = [
  { team: 'platform' },
  { team: 'payments', env: 'prod' },
  { Team: 'shop', 'cost-center': '42' },
  { ENV: 'test', empty: '' },
  { 'Größe é ✓': 'weiß 🚀', "it's": '"quoted"' },
  { constructor: 'a', toString: 'b' },
  Object.fromEntries([['__proto__', 'a']]),
];

/** The values that a user who knows the field would write. */
export function sensible(path: string, schema: FieldSchema, place: Place): readonly unknown[] {
  return pools[path]?.(place) ?? schema.enum ?? (schema.type === 'boolean' ? [true, false] : atBounds(path, schema));
}

/** The smallest and the largest values that the schema allows. */
export function atBounds(path: string, schema: FieldSchema): readonly unknown[] {
  if (schema.enum !== undefined) return [schema.enum[0], schema.enum.at(-1)];
  switch (schema.type) {
    case 'string':
      return [
        ...textsOf(schema, schema.minLength ?? 1),
        ...textsOf(schema, schema.maxLength ?? 100),
        ...limitsInRules(schema),
      ];
    case 'array':
      return [listOf(schema.minItems ?? 0), listOf(schema.maxItems ?? 100), notThere(schema.maxItems ?? 100)];
    case 'boolean':
      return [true, false];
    default:
      return isMap(schema) ? mapsAtBounds(schema) : [leastOf(path)].filter((value) => value !== undefined);
  }
}

/** Values that the schema or a rule of it forbids. */
export function beyond(schema: FieldSchema): readonly unknown[] {
  const wrongTypes = [schema.type === 'string' ? 7 : 'seven'];
  if (schema.enum !== undefined) return [...wrongTypes, '', schema.enum[0]?.toLowerCase(), `${schema.enum[0]}s`];
  switch (schema.type) {
    case 'string': {
      const { minLength = 0, maxLength = 100 } = schema;
      const odd = ['../x', '%2f', 'a/b', ' a', 'a\n', 'ü?', '-'].filter((text) => !matches(schema, text));
      const short = minLength > 0 ? ['a'.repeat(minLength - 1)] : [];
      return [...wrongTypes, ...odd, ...short, 'a'.repeat(maxLength + 1), ...beyondRules(schema)];
    }
    case 'array':
      return [
        ...wrongTypes,
        listOf((schema.minItems ?? 1) - 1),
        listOf((schema.maxItems ?? 100) + 1),
        [{ location: 'japaneast' }, { location: 'japaneast' }],
        [{ location: 'Japan East' }, { location: 'japaneast' }],
        [{}],
        [{ location: 'uksouth', zone: 1 }],
        ['uksouth'],
        [null],
      ];
    case 'boolean':
      return [...wrongTypes, 'true', 1];
    default:
      return isMap(schema) ? [...wrongTypes, ...mapsBeyond(schema)] : [...wrongTypes, {}, { unknown: 'member' }];
  }
}

function matches({ pattern = '', minLength = 0, maxLength = 1e6 }: FieldSchema, text: string): boolean {
  const length = Array.from(text).length;
  return length >= minLength && length <= maxLength && new RegExp(pattern, 'u').test(text);
}

/** Texts of a length that match the pattern, made of one character, with another at either end. */
function textsOf(schema: FieldSchema, length: number): readonly string[] {
  const same = ['a', 'Z', '7', 'é', '('].map((c) => c.repeat(length));
  const guids = ['0', 'F'].map((c) => [8, 4, 4, 4, 12].map((n) => c.repeat(n)).join('-'));
  const spaced = length > 2 ? [`a${' b'.repeat((length - 1) / 2)}`.padEnd(length, 'c')] : [];
  const durations = length > 3 ? ['30s'.padStart(length, '0')] : [];
  return [...same, ...spaced, ...guids, ...durations].filter(
    (text) => matches(schema, text) && allowedByRules(schema, text),
  );
}

const durationRule = /duration\('(\w+)'\)/g;

function durationsIn(schema: FieldSchema): readonly string[] {
  const rules = (schema['x-kubernetes-validations'] ?? []).map(({ rule }) => rule).join(' ');
  return [...rules.matchAll(durationRule)].map(([, text]) => text ?? '');
}

function limitsInRules(schema: FieldSchema): readonly string[] {
  return durationsIn(schema).flatMap((text) => [text, `${secondsOf(text)}s`]);
}

function allowedByRules(schema: FieldSchema, text: string): boolean {
  const [least, most] = durationsIn(schema).map(secondsOf);
  if (least === undefined || most === undefined) return true;
  return secondsOf(text) >= least && secondsOf(text) <= most;
}

function beyondRules(schema: FieldSchema): readonly string[] {
  const [least, most] = durationsIn(schema).map(secondsOf);
  if (least === undefined || most === undefined) return [];
  return [`${least - 1}s`, `${most + 1}s`, `${most / 3_600}h1s`, '0s', '99999999999h'];
}

/** So many regions, real ones first. */
function listOf(length: number): readonly object[] {
  const names = [
    ...realRegions,
    ...Array.from({ length: Math.max(0, length - realRegions.size) }, (_, i) => `nowhere${i}`),
  ];
  return names.slice(0, length).map((location) => ({ location }));
}

function notThere(length: number): readonly object[] {
  return Array.from({ length }, (_, i) => ({ location: `utopia${i}` }));
}

function isMap({ additionalProperties }: FieldSchema): boolean {
  return isObject(additionalProperties);
}

function mapsAtBounds({ maxProperties = 100, additionalProperties }: FieldSchema): readonly object[] {
  const { maxLength = 100 } = additionalProperties as FieldSchema;
  return [
    {},
    Object.fromEntries(Array.from({ length: maxProperties }, (_, i) => [`tag${i}`, String(i)])),
    { long: 'v'.repeat(maxLength), wide: '🚀'.repeat(maxLength) },
    { ['n'.repeat(512)]: 'x' },
    { team: null },
  ];
}

function mapsBeyond({ maxProperties = 100, additionalProperties }: FieldSchema): readonly object[] {
  const { maxLength = 100 } = additionalProperties as FieldSchema;
  return [
    Object.fromEntries(Array.from({ length: maxProperties + 1 }, (_, i) => [`tag${i}`, String(i)])),
    { long: 'v'.repeat(maxLength + 1) },
    { ['n'.repeat(513)]: 'x' },
    { '': 'x' },
    { 'a/b': 'x' },
    { 'a\\b': 'x' },
    { 'Managed-By': 'me' },
    { 'acr-replication-owner': 'me' },
    { team: 'a', Team: 'b' },
    { team: 7 },
  ];
}

/** Objects of members have no bounds but their fewest members. */
function leastOf(path: string): object | undefined {
  if (path === 'spec.credentialsRef') return { name: 'a' };
  return undefined;
}
