/**
 * The fields of the CRD against the Kubernetes API conventions; the sentences in quotation marks are theirs.
 * Source: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md
 */
import { expect, test } from 'vitest';
import { crdSchema, fields, type Schema, schemas } from '../../support/crd-schema.ts';

type Found = readonly [path: string, schema: Schema];

const parts = ['spec', 'status'] as const;
const all = parts.flatMap((part) => fields(crdSchema(part), part)).filter(([path]) => path.includes('.'));
/** The items of lists and the values of maps too. */
const nodes = parts.flatMap((part) => schemas(crdSchema(part), part));
const nodesOf = (type: string) => nodes.filter(([, schema]) => schema.type === type);
const nameOf = (path: string) => path.slice(path.lastIndexOf('.') + 1);
const wordsOf = (path: string) => nameOf(path).split(/(?=[A-Z])/);
const described = ({ description = '' }: Schema, what: RegExp) => what.test(description);
const isReference = ({ properties = {} }: Schema) =>
  Object.entries(properties).some(([name, s]) => /name$/i.test(name) && described(s, /^A (Secret|ServiceAccount)\b/));

/** Each finds the fields that break it. */
const rules: readonly (readonly [rule: string, broken: readonly Found[]])[] = [
  ['every field has a description', all.filter(([, s]) => !described(s, /.{10}/))],
  ['every description is of sentences, and ends with a period', all.filter(([, s]) => !described(s, /\.$/))],
  [
    'the description of an optional setting says its default or gives an example',
    all.filter(([path, s]) => isSetting(path, s) && !described(s, /Default: |Example: /)),
  ],
  [
    'the description of a field with constants says what each of them means',
    all.filter(([, s]) => s.enum?.some((value) => !described(s, new RegExp(`\\b${value}\\b`)))).filter(isSpec),
  ],
  [
    'every string is bounded',
    nodesOf('string').filter(([, s]) => s.maxLength === undefined && !s.enum && s.format !== 'date-time'),
  ],
  ['every list is bounded', nodesOf('array').filter(([, s]) => s.maxItems === undefined)],
  ['every map is bounded', nodes.filter(([, s]) => s.additionalProperties && s.maxProperties === undefined)],
  [
    '"All numeric fields should be bounds-checked", int64 "within the range of -(2^53) < x < (2^53)"',
    nodesOf('integer').filter(([, s]) => !Number.isSafeInteger(s.minimum) || !Number.isSafeInteger(s.maximum)),
  ],
  [
    '"All public integer fields MUST use the Go int32 or Go int64 types"',
    nodesOf('integer').filter(([, s]) => s.format !== 'int32' && s.format !== 'int64'),
  ],
  ['"Avoid floating-point values as much as possible, and never use them in spec"', nodesOf('number')],
  ['"Think twice about bool fields"', nodesOf('boolean')],
  [
    '"These values will be strings, and they will be in CamelCase, with an initial uppercase letter"',
    nodes.filter(([, s]) => s.enum && (s.type !== 'string' || s.enum.some((v) => !/^[A-Z][A-Za-z]*$/.test(v)))),
  ],
  [
    '"JSON field names must be camelCase. No underscores or dashes"',
    all.filter(([path]) => !/^[a-z][a-zA-Z]*$/.test(nameOf(path))),
  ],
  [
    '"All letters in the acronym should have the same case"',
    all.filter(([path]) => wordsOf(path).some((word) => /^(Id|Url|Uri|Arm|Acr|Api|Sku|Dns|Ip|Http|Tls)$/.test(word))),
  ],
  [
    '"Do not use abbreviations in the API, except where they are extremely commonly used"',
    all.filter(([path]) => wordsOf(path).some((w) => w.length < 4 && !/^(id|sku|tag|Id|Ref)$/.test(w))),
  ],
  [
    '"The name of a field expressing a boolean property called fooable should be called Fooable, not IsFooable"',
    all.filter(([path, s]) => s.type === 'boolean' && /^(is|has|should|enable)[A-Z]/.test(nameOf(path))),
  ],
  [
    '"a field that specifies the time at which something occurs should be called somethingTime"',
    nodes.filter(([path, s]) => s.format === 'date-time' && !/[a-z]Time$/.test(path)),
  ],
  [
    '"All dates should be serialized as RFC3339 strings"',
    all.filter(([path, s]) => path.endsWith('Time') && s.format !== 'date-time'),
  ],
  [
    '"Duration fields must be represented as integer fields with units"',
    nodes.filter(([, s]) => s['x-kubernetes-validations']?.some(({ rule }) => rule.includes('duration('))),
  ],
  [
    '"The name of the reference field should be of the format {field}Ref", and no reference leaves the namespace',
    all.filter(([path, s]) => isReference(s) && (!path.endsWith('Ref') || s.properties?.['namespace'])),
  ],
  [
    '"All fields in the set [of a union] should be Optional", and "Do not set a default value for that field"',
    nodes.filter(([path, s]) => /Ref(\.\w+)?$/.test(path) && (s.required || s.default !== undefined)),
  ],
  [
    '"There are no maps of subobjects in any API objects"',
    nodes.filter(([, s]) => s.additionalProperties && s.additionalProperties.type !== 'string'),
  ],
  ['every list says how it is merged', nodesOf('array').filter(([, s]) => !s['x-kubernetes-list-type'])],
  [
    'every list of objects is a map by keys that are required strings, but for the one that the operator replaces whole',
    nodesOf('array').filter(([path, s]) => s.items?.properties && !isKeyed(s) && path !== 'status.replicas'),
  ],
  ['every schema has one type, so that nothing is unstructured', nodes.filter(([, s]) => !('type' in s))],
  ['nothing is null', nodes.filter(([, s]) => s.nullable)],
  [
    'no field of the spec has a default: what is stored is what was applied',
    nodes.filter(([path, s]) => s.default !== undefined && path !== 'status'),
  ],
  [
    'every required field exists',
    nodes.filter(([, s]) => s.required?.some((name) => s.properties?.[name] === undefined)),
  ],
  [
    '"Words like should imply that the assertion is optional, and must be avoided": each rule says what is wrong without',
    nodes.filter(([, s]) => s['x-kubernetes-validations']?.some(({ message = 'should' }) => /should/.test(message))),
  ],
  [
    '"The pattern of using phase is deprecated. Newer API types should use conditions instead"',
    all.filter(([path]) => /phase$/i.test(path)),
  ],
];

/** Where a convention is not followed on purpose, and why; anywhere else the test fails. */
const departures: Readonly<Record<string, string>> = {
  'Think twice about bool / spec.suspend': 'so called, and a boolean, in CronJob, Job and all of Flux',
  'All letters in the acronym / spec.registry.subscriptionId': 'as Azure spells it in its API and its templates',
  'should be called somethingTime / spec.drains[].until':
    'so called where people speak of it: the end of a time, not when something occurred',
  'should be called somethingTime / status.replicas[].since': 'how long it has been so, not when something occurred',
  'should be called somethingTime / status.replicas[].notBefore':
    'so called in certificates: the start of a time, not when something occurred',
  'should be called somethingTime / status.replicas[].drained.until': 'as the field of the spec that it is from',
  'should be called somethingTime / status.replicas[].error.since':
    'how long it has been so, not when something occurred',
  'Do not use abbreviations / status.replicas[].notBefore': 'no abbreviation: not is a word',
  'Duration fields must be / spec.interval': 'as in Flux, cert-manager and the Gateway API; pattern and rule bound it',
  'using phase is deprecated / status.phase': 'one word for the table that people read; programs have the conditions',
};

test.each(rules)('%s', (rule, broken) => {
  const excused = Object.keys(departures).map((departure) => departure.split(' / '));
  const allowed = excused.filter(([words = '']) => rule.includes(words)).map(([, path]) => path);
  expect(broken.map(([path]) => path)).toEqual(allowed);
});

test.each(Object.entries(departures))('a departure belongs to a rule: %s', (departure, because) => {
  const [words = ''] = departure.split(' / ');
  expect(rules.filter(([rule]) => rule.includes(words))).toHaveLength(1);
  expect(because.length).toBeGreaterThan(20);
});

function isSpec([path]: Found): boolean {
  return path.startsWith('spec.');
}

function isSetting(path: string, { properties, items }: Schema): boolean {
  return path.startsWith('spec.') && properties === undefined && items === undefined;
}

function isKeyed(list: Schema): boolean {
  const { properties = {}, required = [] } = list.items ?? {};
  const keys = list['x-kubernetes-list-map-keys'] ?? [];
  const sound = keys.every((key) => properties[key]?.type === 'string' && required.includes(key));
  return list['x-kubernetes-list-type'] === 'map' && keys.length > 0 && sound;
}
