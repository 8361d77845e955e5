import { type Fields, fieldsOf } from '../../plan/applying.ts';
import { copied, copiesIn, type Place, resolved, type Scope, Unresolved } from './evaluate.ts';
import { isObject, memberOf } from './functions.ts';

/** The values of a template's parameters: texts as they were typed, or values of a file. */
export type Parameters = ReadonlyMap<string, { readonly typed: string } | { readonly value: unknown }>;

/** What the expressions of a template can refer to. `parameters` have their names in lower case. */
export function templateScope(
  template: Fields,
  parameters: Parameters,
  { place, given, onHash }: Pick<Scope, 'place' | 'given' | 'onHash'>,
): Scope {
  const valueOf = (name: string, { type }: Fields): unknown => {
    const found = parameters.get(name.toLowerCase());
    if (found === undefined) return undefined;
    return 'typed' in found ? typedValue(found.typed, type) : found.value;
  };
  return scopeOf(template, valueOf, { place, given, onHash });
}

/** What the expressions of a nested template with a scope of its own can refer to. */
export function innerScope(template: Fields, parameters: Fields, outer: Scope, place: Place): Scope {
  const valueOf = (name: string): unknown => {
    const entry = memberOf(parameters, name);
    return entry === undefined ? undefined : memberOf(resolved(entry, outer), 'value');
  };
  return scopeOf(template, valueOf, { place, given: outer.given, onHash: outer.onHash });
}

function scopeOf(
  template: Fields,
  valueOf: (name: string, declaration: Fields) => unknown,
  { place, given, onHash }: Pick<Scope, 'place' | 'given' | 'onHash'>,
): Scope {
  const declared = fieldsOf(template['parameters']);
  const variables = fieldsOf(template['variables']);
  const scope: Scope = {
    place,
    given,
    onHash,
    copies: new Map(),
    lambdas: new Map(),
    parameter: once((name) => {
      const declaration = fieldsOf(memberOf(declared, name));
      const value = valueOf(name, declaration);
      // A value of null stands for the default, where there is one.
      if (value !== undefined && value !== null) return value;
      if (declaration['defaultValue'] !== undefined) return resolved(declaration['defaultValue'], scope);
      if (value === null || declaration['nullable'] === true) return null;
      throw new Unresolved({ kind: 'parameter', name });
    }),
    variable: once((name) => {
      const loop = copiesIn(variables).find((one) => one.name.toLowerCase() === name.toLowerCase());
      if (loop !== undefined) return copied(loop, scope);
      const value = memberOf(variables, name);
      if (value !== undefined) return resolved(value, scope);
      throw new Unresolved({ kind: 'sense', text: `variables('${name}')`, why: 'there is none' });
    }),
    ownFunction: (name) => {
      const [space = '', own = ''] = name.split('.');
      const spaces = Array.isArray(template['functions']) ? template['functions'].map(fieldsOf) : [];
      const found = spaces.find(({ namespace }) => String(namespace).toLowerCase() === space.toLowerCase());
      const member = memberOf(fieldsOf(found?.['members']), own);
      if (!isObject(member)) return undefined;
      const parameters = Array.isArray(member['parameters']) ? member['parameters'].map(fieldsOf) : [];
      return { parameters: parameters.map((one) => String(one['name'])), value: fieldsOf(member['output'])['value'] };
    },
  };
  return scope;
}

/** The function, asked once per name. Something that refers to itself is told, not followed. */
function once(value: (name: string) => unknown): (name: string) => unknown {
  const known = new Map<string, unknown>();
  const asked = new Set<string>();
  return (name) => {
    const key = name.toLowerCase();
    if (known.has(key)) return known.get(key);
    if (asked.has(key)) throw new Unresolved({ kind: 'sense', text: name, why: 'it refers to itself' });
    asked.add(key);
    try {
      const found = value(name);
      known.set(key, found);
      return found;
    } finally {
      asked.delete(key);
    }
  };
}

/** A value that was typed: a text where the parameter is one, JSON otherwise. */
function typedValue(typed: string, type: unknown): unknown {
  if (/^(secure)?string$/i.test(String(type))) return typed;
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}
