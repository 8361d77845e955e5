import { crdSchema, fields, type Schema } from '../../support/crd-schema.ts';

/** What a schema of the CRD says about the values of a field. */
export type FieldSchema = Schema;

/** A spec as somebody may write it: also wrongly. */
export type Loose = object;

export const specSchema = crdSchema('spec');

/** Every field of the spec by its path, such as `spec.regions[].location`. */
export const specFields: ReadonlyMap<string, FieldSchema> = new Map(fields(specSchema, 'spec').slice(1));

/** Whether an object that has the field's parent must have the field. */
export function isRequired(path: string): boolean {
  const cut = path.lastIndexOf('.');
  const [parent, name] = [path.slice(0, cut), path.slice(cut + 1)];
  const schema = parent.endsWith('[]') ? specFields.get(parent.slice(0, -2))?.items : specFields.get(parent);
  return ((path.split('.').length === 2 ? specSchema : schema)?.required ?? []).includes(name);
}

/** All values that stand at a path. */
export function valuesAt(spec: unknown, path: string): readonly unknown[] {
  let found: unknown[] = [spec];
  for (const { name, each } of stepsOf(path)) {
    found = found.flatMap((value) => {
      const member = isObject(value) && Object.hasOwn(value, name) ? [value[name]] : [];
      return each ? member.flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : [])) : member;
    });
  }
  return found;
}

/** The value at the path that `withValueAt` would change. */
export function valueAt(spec: unknown, path: string, index: number): unknown {
  let value = spec;
  for (const { name, each } of stepsOf(path)) {
    value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    if (each) value = Array.isArray(value) && value.length > 0 ? (value[index % value.length] as unknown) : undefined;
  }
  return value;
}

/**
 * The spec with `value` at the path, without the field when it is undefined; a list is entered at `index`. Undefined
 * when the path does not lead there. Objects on the way are made.
 */
export function withValueAt(spec: Loose, path: string, value: unknown, index: number): Loose | undefined {
  return change(spec, stepsOf(path), value, index) as Loose | undefined;
}

interface Step {
  readonly name: string;
  /** The members of the list are meant. */
  readonly each: boolean;
}

function stepsOf(path: string): readonly Step[] {
  const [, ...names] = path.split('.');
  return names.map((name) => ({ name: name.replace('[]', ''), each: name.endsWith('[]') }));
}

function change(at: unknown, [step, ...rest]: readonly Step[], value: unknown, index: number): unknown {
  if (step === undefined) return value;
  if (!isObject(at)) return undefined;
  const { [step.name]: member, ...others } = at;
  if (step.each) {
    if (!Array.isArray(member) || member.length === 0) return undefined;
    const items = member as readonly unknown[];
    const place = index % items.length;
    const changed = change(items[place], rest, value, index);
    return changed === undefined ? undefined : { ...at, [step.name]: items.with(place, changed) };
  }
  const entered = rest.length === 0 ? value : change(member ?? {}, rest, value, index);
  if (entered === undefined) return rest.length === 0 ? others : undefined;
  return { ...at, [step.name]: entered };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As the API server stores it: a member that is null is as good as none, the item of a list is not. */
export function withoutNulls<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => withoutNulls(item)) as T;
  if (!isObject(value)) return value;
  const there = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(there.map(([name, member]) => [name, withoutNulls(member)])) as T;
}
