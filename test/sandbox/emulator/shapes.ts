import { normalise } from './model.ts';
import { REGION_NAMES } from './versions.ts';

/** What a JSON value must look like: enough to tell a person at the control endpoint what is wrong, and what there is. */
export type Shape =
  | Plain
  /** Any JSON. */
  | 'anything'
  | { readonly oneOf: readonly string[] }
  | { readonly listOf: Shape }
  /** The value may be null, too. */
  | { readonly orNull: Shape }
  /** One such value, or a list of them. */
  | { readonly oneOrMore: Shape }
  | { readonly needs: Members; readonly takes: Members };

type Plain = keyof typeof PLAIN;
type Members = Readonly<Record<string, Shape>>;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isWhole = (value: unknown): value is number => isNumber(value) && Number.isInteger(value);

/** The values that have no parts: what they are called, and whether a value is one. */
const PLAIN = {
  text: { called: 'text', fits: (value: unknown) => typeof value === 'string' },
  boolean: { called: 'true or false', fits: (value: unknown) => typeof value === 'boolean' },
  /** Milliseconds, seconds or another quantity. */
  number: { called: 'a number from 0 on', fits: (value: unknown) => isNumber(value) && value >= 0 },
  count: { called: 'a whole number from 0 on', fits: (value: unknown) => isWhole(value) && value >= 0 },
  share: { called: 'a number from 0 to 1', fits: (value: unknown) => isNumber(value) && value >= 0 && value <= 1 },
  /** A status that ends an HTTP exchange. */
  status: {
    called: 'an HTTP status from 200 to 599',
    fits: (value: unknown) => isWhole(value) && value >= 200 && value <= 599,
  },
  tags: {
    called: 'an object whose values are texts',
    fits: (value: unknown) => isMap(value) && Object.values(value).every((v) => typeof v === 'string'),
  },
  region: {
    called: `a region of Azure: ${REGION_NAMES.join(', ')}`,
    fits: (value: unknown) => typeof value === 'string' && REGION_NAMES.includes(normalise(value)),
  },
} as const satisfies Record<string, { readonly called: string; readonly fits: (value: unknown) => boolean }>;

export const object = (needs: Members, takes: Members = {}): Shape => ({ needs, takes });
export const oneOf = (...values: readonly string[]): Shape => ({ oneOf: values });
export const orNull = (shape: Shape): Shape => ({ orNull: shape });
export const oneOrMore = (shape: Shape): Shape => ({ oneOrMore: shape });
export const listOf = (shape: Shape): Shape => ({ listOf: shape });

/** The first thing that is wrong with the value, beginning with `at`, the name of the value; undefined when nothing is. */
export function problemWith(value: unknown, shape: Shape, at: string): string | undefined {
  if (shape === 'anything') return undefined;
  if (typeof shape === 'string')
    return PLAIN[shape].fits(value) ? undefined : `${at} must be ${PLAIN[shape].called}, not ${cut(value)}`;
  if ('oneOf' in shape)
    return typeof value === 'string' && shape.oneOf.includes(value)
      ? undefined
      : `${at} must be ${shown(shape)}, not ${cut(value)}`;
  if ('orNull' in shape) return value === null ? undefined : problemWith(value, shape.orNull, at);
  if ('oneOrMore' in shape)
    return problemWith(value, Array.isArray(value) ? listOf(shape.oneOrMore) : shape.oneOrMore, at);
  if ('listOf' in shape) {
    if (!Array.isArray(value)) return `${at} must be ${shown(shape)}, not ${cut(value)}`;
    return first(value.map((item: unknown, i) => problemWith(item, shape.listOf, `${at}[${i}]`)));
  }
  if (!isMap(value)) return `${at} must be ${shown(shape)}, not ${cut(value)}`;
  const { needs, takes } = shape;
  const there = { ...needs, ...takes };
  const missing = Object.keys(needs).filter((name) => value[name] === undefined);
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(there, name));
  const wrongs = [
    ...(missing.length === 0 ? [] : [`lacks ${missing.join(', ')}`]),
    ...(unknown.length === 0 ? [] : [`does not know ${unknown.join(', ')}`]),
  ];
  if (wrongs.length > 0) return `${at} ${wrongs.join(' and ')}: it is ${shown(shape)}`;
  return first(
    Object.entries(value).map(([name, member]) =>
      member === undefined ? undefined : problemWith(member, there[name] ?? 'anything', `${at}.${name}`),
    ),
  );
}

/** As a person would write it down: `{name, location, sku?: Basic | Standard}`. */
export function shown(shape: Shape): string {
  if (typeof shape === 'string') return shape === 'anything' ? 'any JSON' : PLAIN[shape].called;
  if ('oneOf' in shape) return shape.oneOf.join(' | ');
  if ('orNull' in shape) return `${shown(shape.orNull)}, or null`;
  if ('oneOrMore' in shape) return `${shown(shape.oneOrMore)}, or a list of such`;
  if ('listOf' in shape) return `a list of ${shown(shape.listOf)}`;
  const member =
    (mark: string) =>
    ([name, of]: readonly [string, Shape]) =>
      typeof of === 'object' && 'oneOf' in of ? `${name}${mark}: ${shown(of)}` : `${name}${mark}`;
  return `{${[...Object.entries(shape.needs).map(member('')), ...Object.entries(shape.takes).map(member('?'))].join(', ')}}`;
}

/** What was given, as JSON; cut where it is long. */
function cut(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function first(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}
