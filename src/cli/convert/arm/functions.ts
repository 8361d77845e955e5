/** A function that was given what it does not take; ARM would refuse the template. */
export class Unsuitable extends Error {}

type Json = unknown;
type Texts = readonly string[];

/** A member of an object, whatever the case of its name, or of an array; undefined when there is none. */
export function memberOf(value: Json, key: Json): Json {
  if (Array.isArray(value)) return typeof key === 'number' ? value[key] : undefined;
  if (!isObject(value) || typeof key !== 'string') return undefined;
  if (Object.hasOwn(value, key)) return value[key];
  return Object.entries(value).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

export function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text as string interpolation writes it. */
function text(value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False'; // as .NET writes them
  if (value === null || value === undefined) return '';
  return JSON.stringify(value);
}

function string(value: Json): string {
  if (typeof value === 'string') return value;
  throw new Unsuitable(`${JSON.stringify(value)} is no text`);
}

function number(value: Json): number {
  if (typeof value === 'number') return value;
  throw new Unsuitable(`${JSON.stringify(value)} is no number`);
}

function array(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value;
  throw new Unsuitable(`${JSON.stringify(value)} is no array`);
}

function object(value: Json): Readonly<Record<string, Json>> {
  if (isObject(value)) return value;
  throw new Unsuitable(`${JSON.stringify(value)} is no object`);
}

function boolean(value: Json): boolean {
  if (typeof value === 'boolean') return value;
  throw new Unsuitable(`${JSON.stringify(value)} is neither true nor false`);
}

const same = (a: Json, b: Json): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

/** The value with the members of its objects in order. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const names = Object.keys(value).toSorted();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]));
}

function format(pattern: Json, ...values: readonly Json[]): string {
  return string(pattern).replace(/\{\{|\}\}|\{([^{}]*)\}/g, (whole, hole: string | undefined) => {
    if (hole === undefined) return whole.charAt(0);
    if (!/^\d+$/.test(hole) || Number(hole) >= values.length) throw new Unsuitable(`{${hole}} is not understood`);
    return text(values[Number(hole)]);
  });
}

function concat(...values: readonly Json[]): Json {
  return values.some(Array.isArray) ? values.flatMap(array) : values.map(text).join('');
}

function union(...values: readonly Json[]): Json {
  if (!values.some(Array.isArray)) return values.map(object).reduce(merged, {});
  const all = values.flatMap(array);
  return all.filter((one, i) => all.findIndex((other) => same(one, other)) === i);
}

function merged(a: Readonly<Record<string, Json>>, b: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  const result: Record<string, Json> = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const before = result[name];
    result[name] = isObject(before) && isObject(value) ? merged(before, value) : value;
  }
  return result;
}

function intersection(...values: readonly Json[]): Json {
  const [first, ...others] = values;
  if (Array.isArray(first)) return first.filter((one) => others.every((o) => array(o).some((x) => same(x, one))));
  const names = Object.entries(object(first));
  return Object.fromEntries(names.filter(([name, value]) => others.every((o) => same(object(o)[name], value))));
}

function contains(container: Json, wanted: Json): boolean {
  if (typeof container === 'string') return container.includes(text(wanted));
  if (Array.isArray(container)) return container.some((one) => same(one, wanted));
  return memberOf(object(container), string(wanted)) !== undefined;
}

function isEmpty(value: Json): boolean {
  if (value === null || value === undefined || value === '') return true;
  return (Array.isArray(value) ? value : isObject(value) ? Object.keys(value) : [value]).length === 0;
}

function length(value: Json): number {
  return isObject(value) ? Object.keys(value).length : typeof value === 'string' ? value.length : array(value).length;
}

function split(value: Json, by: Json): Texts {
  const signs = Array.isArray(by) ? by.map(string) : [string(by)];
  return signs.reduce<Texts>((parts, sign) => parts.flatMap((part) => part.split(sign)), [string(value)]);
}

function substring(value: Json, start: Json, count?: Json): string {
  const [from, whole] = [number(start), string(value)];
  const to = count === undefined ? whole.length : from + number(count);
  if (from < 0 || to > whole.length || to < from) throw new Unsuitable(`${JSON.stringify(whole)} is shorter`);
  return whole.slice(from, to);
}

const part = (value: Json, from: number, to?: number): Json =>
  typeof value === 'string' ? value.slice(from, to) : array(value).slice(from, to);
const range = (start: Json, count: Json) => Array.from({ length: size(count) }, (_, i) => number(start) + i);
/** 10,000 is the longest range that ARM makes. */
const size = (value: Json): number => {
  if (number(value) > 10_000) throw new Unsuitable(`${number(value)} is more than 10000`);
  return Math.max(0, number(value));
};
const numbers = (values: readonly Json[]) => (Array.isArray(values[0]) ? values[0] : values).map(number);
const lower = (value: Json) => string(value).toLowerCase();
const ordered = (isFine: (a: number) => boolean) => (a: Json, b: Json) => {
  const [x, y] = typeof a === 'string' ? [a, string(b)] : [number(a), number(b)];
  return isFine(x < y ? -1 : x > y ? 1 : 0);
};

function createObject(...values: readonly Json[]): Json {
  const pairs = values.flatMap((value, i) => (i % 2 === 0 ? [[string(value), values[i + 1]] as const] : []));
  return Object.fromEntries(pairs);
}

function bool(value: Json): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (/^(true|false)$/i.test(string(value))) return /^true$/i.test(string(value));
  throw new Unsuitable(`${JSON.stringify(value)} is neither true nor false`);
}

function int(value: Json): number {
  const whole = typeof value === 'number' ? value : /^\s*-?\d+\s*$/.test(string(value)) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(whole)) throw new Unsuitable(`${JSON.stringify(value)} is no whole number`);
  return whole;
}

function json(value: Json): Json {
  try {
    return JSON.parse(string(value));
  } catch {
    throw new Unsuitable(`${string(value)} is no JSON`);
  }
}

function divided(a: Json, b: Json): number {
  if (number(b) === 0) throw new Unsuitable('nothing is divided by 0');
  return Math.trunc(number(a) / number(b));
}

const items = (value: Json) =>
  Object.entries(object(value))
    .toSorted(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    .map(([key, one]) => ({ key, value: one }));

/**
 * The functions of ARM whose result depends on their arguments alone.
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions
 */
const functions: Readonly<Record<string, (...args: readonly Json[]) => Json>> = {
  add: (a, b) => number(a) + number(b),
  array: (value) => (Array.isArray(value) ? value : [value]),
  base64: (value) => Buffer.from(string(value)).toString('base64'),
  base64tostring: (value) => Buffer.from(string(value), 'base64').toString(),
  bool,
  concat,
  contains,
  createarray: (...values) => values,
  createobject: createObject,
  div: divided,
  empty: isEmpty,
  endswith: (value, end) => lower(value).endsWith(lower(end)),
  equals: same,
  false: () => false,
  first: (value) => (typeof value === 'string' ? value.charAt(0) : array(value)[0]),
  flatten: (value) => array(value).flatMap(array),
  format,
  greater: ordered((sign) => sign > 0),
  greaterorequals: ordered((sign) => sign >= 0),
  indexof: (value, wanted) =>
    Array.isArray(value) ? value.findIndex((one) => same(one, wanted)) : lower(value).indexOf(lower(wanted)),
  int,
  intersection,
  items,
  join: (values, by) => array(values).map(text).join(string(by)),
  json,
  last: (value) => (typeof value === 'string' ? value.slice(-1) : array(value).at(-1)),
  lastindexof: (value, wanted) =>
    Array.isArray(value) ? value.findLastIndex((one) => same(one, wanted)) : lower(value).lastIndexOf(lower(wanted)),
  length,
  less: ordered((sign) => sign < 0),
  lessorequals: ordered((sign) => sign <= 0),
  max: (...values) => Math.max(...numbers(values)),
  min: (...values) => Math.min(...numbers(values)),
  mod: (a, b) => number(a) - divided(a, b) * number(b),
  mul: (a, b) => number(a) * number(b),
  not: (value) => !boolean(value),
  null: () => null,
  objectkeys: (value) => items(value).map(({ key }) => key),
  padleft: (value, width, sign = ' ') => text(value).padStart(size(width), string(sign)),
  range,
  replace: (value, old, by) => string(value).replaceAll(string(old), string(by)),
  shallowmerge: (values) => Object.assign({}, ...array(values).map(object)),
  skip: (value, count) => part(value, Math.max(0, number(count))),
  split,
  startswith: (value, start) => lower(value).startsWith(lower(start)),
  string: (value) => {
    if (typeof value === 'boolean') throw new Unsuitable('the spelling of true and false as texts is not documented');
    return typeof value === 'string' ? value : JSON.stringify(value);
  },
  sub: (a, b) => number(a) - number(b),
  substring,
  take: (value, count) => part(value, 0, Math.max(0, number(count))),
  tolower: (value) => string(value).toLowerCase(),
  toupper: (value) => string(value).toUpperCase(),
  trim: (value) => string(value).trim(),
  true: () => true,
  union,
};

/** By their names in lower case. A map, for an object has functions of its own. */
export const pureFunctions = new Map(Object.entries(functions));
