/** What a JSON value must look like: enough to tell a person at the control endpoint what is wrong, and what there is. */
export type Shape =
  | 'text'
  | 'number'
  | 'boolean'
  /** An object whose values are texts. */
  | 'tags'
  /** Any JSON. */
  | 'anything'
  | { readonly oneOf: readonly string[] }
  | { readonly listOf: Shape }
  | { readonly needs: Members; readonly takes: Members };

type Members = Readonly<Record<string, Shape>>;

export const object = (needs: Members, takes: Members = {}): Shape => ({ needs, takes });
export const oneOf = (...values: readonly string[]): Shape => ({ oneOf: values });
export const listOf = (shape: Shape): Shape => ({ listOf: shape });

/** The first thing that is wrong with the value, beginning with `at`, the name of the value; undefined when nothing is. */
export function problemWith(value: unknown, shape: Shape, at: string): string | undefined {
  if (shape === 'anything') return undefined;
  if (typeof shape === 'string') return fits(value, shape) ? undefined : `${at} must be ${shown(shape)}`;
  if ('oneOf' in shape)
    return typeof value === 'string' && shape.oneOf.includes(value) ? undefined : `${at} must be ${shown(shape)}`;
  if ('listOf' in shape) {
    if (!Array.isArray(value)) return `${at} must be ${shown(shape)}`;
    return first(value.map((item: unknown, i) => problemWith(item, shape.listOf, `${at}[${i}]`)));
  }
  if (!isMap(value)) return `${at} must be ${shown(shape)}`;
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
function shown(shape: Shape): string {
  if (shape === 'tags') return 'an object of texts';
  if (typeof shape === 'string') return shape;
  if ('oneOf' in shape) return shape.oneOf.join(' | ');
  if ('listOf' in shape) return `a list of ${shown(shape.listOf)}`;
  const member =
    (mark: string) =>
    ([name, of]: readonly [string, Shape]) =>
      typeof of === 'object' && 'oneOf' in of ? `${name}${mark}: ${shown(of)}` : `${name}${mark}`;
  return `{${[...Object.entries(shape.needs).map(member('')), ...Object.entries(shape.takes).map(member('?'))].join(', ')}}`;
}

function fits(value: unknown, shape: 'text' | 'number' | 'boolean' | 'tags'): boolean {
  switch (shape) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) && value >= 0;
    case 'boolean':
      return typeof value === 'boolean';
    case 'tags':
      return isMap(value) && Object.values(value).every((v) => typeof v === 'string');
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function first(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}
