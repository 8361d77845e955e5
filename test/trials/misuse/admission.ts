import { Ajv } from 'ajv';
import { type FieldSchema, isObject, type Loose, specFields, specSchema, valuesAt } from './fields.ts';

/** What an API server that keeps to the CRD says of a spec: every objection, none when it takes it. */
export function objections(spec: Loose, stored: Loose | undefined): readonly string[] {
  const bySchema = valid(spec) ? [] : (valid.errors ?? []).map((e) => `spec${e.instancePath} ${e.message}`);
  if (bySchema.length > 0) return bySchema;
  return [...specFields].flatMap(([path, schema]) => {
    const last = stored === undefined ? undefined : valuesAt(stored, path)[0];
    return valuesAt(spec, path).flatMap((value) => [
      ...rulesOf(schema).flatMap(({ rule, holds }) => (holds(value, last) ? [] : [`${path}: ${rule}`])),
      ...(keysAreUnique(schema, value) ? [] : [`${path}: a key twice`]),
    ]);
  });
}

/** Checks a spec against the schema. As with kubectl, a member that nobody knows is refused, not dropped. */
const valid = new Ajv({ strict: false, allErrors: false }).compile(strict(specSchema));

function strict(schema: FieldSchema): object {
  const { properties, items } = schema;
  return {
    ...schema,
    ...(items === undefined ? {} : { items: strict(items) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, strict(child)])),
          additionalProperties: false,
        }),
  };
}

type Meaning = (value: unknown, last: unknown) => boolean;

const ascii = (text: string) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
const namesOf = (tags: unknown) => Object.keys(tags as object);
const unique = (values: readonly string[]) => new Set(values).size === values.length;

/** The rules of the CRD in their own language, and said once more in ours. */
const meanings: Readonly<Record<string, Meaning>> = {
  'self.name.lowerAscii() == oldSelf.name.lowerAscii() && self.resourceGroup.lowerAscii() == oldSelf.resourceGroup.lowerAscii() && (!has(self.subscriptionId) || !has(oldSelf.subscriptionId) || self.subscriptionId.lowerAscii() == oldSelf.subscriptionId.lowerAscii())':
    (value, last) => last === undefined || isSameRegistry(value as Named, last as Named),
  "self.all(r, r.location.matches('^[a-z0-9]+$')) || self.map(r, r.location.lowerAscii().replace(' ', '')).all(l, self.exists_one(r, r.location.lowerAscii().replace(' ', '') == l))":
    (value) => {
      const locations = (value as { location: string }[]).map((r) => r.location);
      // Regions that are all spelt so the list's key keeps apart.
      return (
        locations.every((location) => /^[a-z0-9]+$/.test(location)) ||
        unique(locations.map((location) => ascii(location).replaceAll(' ', '')))
      );
    },
  "self.all(a, !has(a.name) || self.exists_one(b, (has(b.name) ? b.name : b.location.replace(' ', '')).lowerAscii() == a.name.lowerAscii()))":
    (value) => {
      const wishes = value as readonly { readonly location: string; readonly name?: string }[];
      const names = wishes.map(({ location, name = location.replaceAll(' ', '') }) => ascii(name));
      return wishes.every(({ name }) => name === undefined || names.filter((n) => n === ascii(name)).length === 1);
    },
  "!self.exists(name, name.matches('(?i)^(azure|microsoft|windows)'))": (value) =>
    !namesOf(value).some((name) => /^(azure|microsoft|windows)/i.test(name)),
  "!self.exists(name, name.lowerAscii() in ['managed-by', 'acr-replication-owner'])": (value) =>
    !namesOf(value).some((name) => ['managed-by', 'acr-replication-owner'].includes(ascii(name))),
  "self.all(name, name.matches('^[^<>%&\\\\\\\\?/]{1,512}$'))": (value) =>
    namesOf(value).every((name) => /^[^<>%&\\?/]{1,512}$/u.test(name)),
  'self.all(a, self.exists_one(b, b.lowerAscii() == a.lowerAscii()))': (value) => unique(namesOf(value).map(ascii)),
  'has(self.name) != has(self.serviceAccountName)': (value) =>
    Object.hasOwn(value as object, 'name') !== Object.hasOwn(value as object, 'serviceAccountName'),
  'size(self) > 0': (value) => (value as readonly unknown[]).length > 0,
  "size(self) <= 20 && self.matches('^(0*[0-9]{1,6}[smh])+$') && duration(self) >= duration('30s') && duration(self) <= duration('24h')":
    (value) => {
      const text = String(value);
      const seconds = secondsOf(text);
      return text.length <= 20 && /^(0*[0-9]{1,6}[smh])+$/.test(text) && seconds >= 30 && seconds <= 24 * 3_600;
    },
};

interface Named {
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscriptionId?: string;
}

function isSameRegistry(value: Named, last: Named): boolean {
  const [a, b] = [value.subscriptionId, last.subscriptionId];
  return (
    ascii(value.name) === ascii(last.name) &&
    ascii(value.resourceGroup) === ascii(last.resourceGroup) &&
    (a === undefined || b === undefined || ascii(a) === ascii(b))
  );
}

/** The pattern that a rule demands of a text, if that is how the rule begins: CEL writes two backslashes for one. */
export function patternIn(rule: string): string | undefined {
  return demandIn(rule)?.pattern;
}

/** The same with the length that it allows. */
function demandIn(rule: string): { readonly pattern: string; readonly longest: number } | undefined {
  const [, longest, pattern] = /^(?:size\(self\) <= (\d+) && )?self\.matches\('([^']*)'\)/.exec(rule) ?? [];
  if (pattern === undefined) return undefined;
  return { pattern: pattern.replaceAll('\\\\', '\\'), longest: Number(longest ?? Infinity) };
}

function matching(rule: string): Meaning | undefined {
  const demand = demandIn(rule);
  if (demand === undefined || !rule.endsWith("')")) return undefined;
  const pattern = new RegExp(demand.pattern, 'u');
  return (value) => pattern.test(String(value)) && Array.from(String(value)).length <= demand.longest;
}

/** A rule that this test does not know would go untested: it fails instead. */
function rulesOf(schema: FieldSchema): readonly { readonly rule: string; readonly holds: Meaning }[] {
  return (schema['x-kubernetes-validations'] ?? []).map(({ rule }) => {
    const text = rule.replaceAll(/\s+/g, ' ');
    const holds = meanings[text] ?? matching(text);
    if (holds === undefined) throw new Error(`test/trials/misuse/admission.ts does not know the rule: ${text}`);
    return { rule: text, holds };
  });
}

function keysAreUnique(schema: FieldSchema, value: unknown): boolean {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (keys === undefined || !Array.isArray(value)) return true;
  return unique(value.map((item: Record<string, unknown>) => JSON.stringify(keys.map((key) => item[key]))));
}

/** The seconds of a duration that has the form of one; Go refuses what does not fit into 64 bits of nanoseconds. */
export function secondsOf(duration: string): number {
  const units: Readonly<Record<string, number>> = { h: 3_600, m: 60, s: 1 };
  return [...duration.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (units[unit ?? ''] ?? 0),
    0,
  );
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, member]) => [name, sorted(member)]);
}
