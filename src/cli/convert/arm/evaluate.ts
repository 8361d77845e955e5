import { type Expression, expressionIn, plainString, textOf } from './expression.ts';
import { isObject, memberOf, pureFunctions, Unsuitable } from './functions.ts';
import { uniqueString } from './unique-string.ts';

/** What a person can give so that an expression has a value. */
export type Missing =
  | { readonly kind: 'parameter'; readonly name: string }
  /** What only Azure knows, as the template writes it: `resourceGroup().location`. */
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'resource group' }
  | { readonly kind: 'subscription' }
  /** The template is wrong, or uses what is not understood; `why` says which. */
  | { readonly kind: 'sense'; readonly text: string; readonly why: string };

/** An expression that has no value with what is known. */
export class Unresolved extends Error {
  readonly missing: Missing;

  constructor(missing: Missing) {
    super(missing.kind);
    this.missing = missing;
  }
}

/** Where a deployment goes, as far as it is known. */
export interface Place {
  readonly subscriptionId: string | undefined;
  readonly resourceGroup: string | undefined;
}

/** What an expression can refer to. Nothing is worked out before it is asked for. */
export interface Scope {
  readonly place: Place;
  /** Values given for what only Azure knows, by the text of the expression. */
  readonly given: ReadonlyMap<string, unknown>;
  readonly parameter: (name: string) => unknown;
  readonly variable: (name: string) => unknown;
  /** A function of the template itself, by its name with the namespace. */
  readonly ownFunction: (name: string) => OwnFunction | undefined;
  /** The index of each copy loop around, by its name; '' is that of the resource. */
  readonly copies: ReadonlyMap<string, number>;
  readonly lambdas: ReadonlyMap<string, unknown>;
  /** Called when a value depends on how the resource group and the subscription are written. */
  readonly onHash: () => void;
}

interface OwnFunction {
  readonly parameters: readonly string[];
  readonly value: unknown;
}

/** A value of a template with all expressions in it worked out. Throws Unresolved. */
export function resolved(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') {
    const expression = expressionOf(value);
    return expression === undefined ? plainString(value) : evaluated(expression, scope);
  }
  if (Array.isArray(value)) return value.map((one) => resolved(one, scope));
  if (!isObject(value)) return value;
  const plain = Object.entries(value).filter(([name]) => name !== 'copy' || !Array.isArray(value['copy']));
  const entries = plain.map(([name, one]) => [String(resolved(name, scope)), resolved(one, scope)]);
  return Object.fromEntries([...entries, ...copiesIn(value).map((loop) => [loop.name, copied(loop, scope)])]);
}

/** A loop over a property or a variable. */
interface PropertyCopy {
  readonly name: string;
  readonly count: unknown;
  readonly input: unknown;
}

/** The loops that stand in an object as its member `copy`. */
export function copiesIn(value: Readonly<Record<string, unknown>>): readonly PropertyCopy[] {
  const loops = Array.isArray(value['copy']) ? value['copy'] : [];
  return loops.filter((loop): loop is PropertyCopy => isObject(loop) && typeof loop['name'] === 'string');
}

/** What a loop over a property or a variable comes to. */
export function copied({ name, count, input }: PropertyCopy, scope: Scope): readonly unknown[] {
  return indices(count, scope).map((index) =>
    resolved(input, { ...scope, copies: new Map([...scope.copies, [name.toLowerCase(), index]]) }),
  );
}

/** 800 is the most that ARM takes. https://learn.microsoft.com/azure/azure-resource-manager/templates/copy-resources */
const mostCopies = 800;

export function indices(count: unknown, scope: Scope): readonly number[] {
  const times = resolved(count, scope);
  if (typeof times !== 'number' || times < 0 || times > mostCopies) {
    throw new Unresolved({ kind: 'sense', text: String(count), why: `a loop runs 0 to ${mostCopies} times` });
  }
  return Array.from({ length: times }, (_, index) => index);
}

function expressionOf(text: string): Expression | undefined {
  try {
    return expressionIn(text);
  } catch (error) {
    throw new Unresolved({ kind: 'sense', text, why: (error as Error).message });
  }
}

function evaluated(expression: Expression, scope: Scope): unknown {
  if (expression.kind === 'literal') return expression.value;
  const text = textOf(expression);
  if (scope.given.has(text)) return scope.given.get(text);
  try {
    return expression.kind === 'call' ? called(expression, scope) : accessed(expression, scope);
  } catch (error) {
    if (error instanceof Unsuitable) throw new Unresolved({ kind: 'sense', text, why: error.message });
    throw error;
  }
}

type Call = Extract<Expression, { kind: 'call' }>;
type Access = Extract<Expression, { kind: 'access' }>;
type Form = (args: readonly Expression[], scope: Scope, call: Call) => unknown;

function accessed(expression: Access, scope: Scope): unknown {
  const { of, key } = expression;
  const known = placeMember(of, key, scope.place);
  if (known !== undefined) return known;
  const value = valueUnder(expression, () => evaluated(of, scope));
  const index = evaluated(key, scope);
  const member = memberOf(value, index);
  if (member === undefined) throw new Unsuitable(`there is no ${String(index)} in ${textOf(of)}`);
  return member;
}

/** What only Azure knows is asked for with all that is read of it. */
function valueUnder(expression: Access, value: () => unknown): unknown {
  try {
    return value();
  } catch (error) {
    const isWhole =
      error instanceof Unresolved && error.missing.kind === 'value' && error.missing.text === textOf(expression.of);
    throw isWhole ? new Unresolved({ kind: 'value', text: textOf(expression) }) : error;
  }
}

function placeMember(of: Expression, key: Expression, place: Place): string | undefined {
  if (of.kind !== 'call' || of.args.length > 0 || key.kind !== 'literal') return undefined;
  switch (`${of.name}.${key.value}`.toLowerCase()) {
    case 'resourcegroup.name':
      return groupOf(place);
    case 'resourcegroup.id':
      return `/subscriptions/${subscriptionOf(place)}/resourceGroups/${groupOf(place)}`;
    case 'subscription.subscriptionid':
      return subscriptionOf(place);
    case 'subscription.id':
      return `/subscriptions/${subscriptionOf(place)}`;
    default:
      return undefined;
  }
}

function groupOf({ resourceGroup }: Place): string {
  if (resourceGroup === undefined) throw new Unresolved({ kind: 'resource group' });
  return resourceGroup;
}

function subscriptionOf({ subscriptionId }: Place): string {
  if (subscriptionId === undefined) throw new Unresolved({ kind: 'subscription' });
  return subscriptionId;
}

function called(call: Call, scope: Scope): unknown {
  const form = specialForms.get(call.name.toLowerCase());
  if (form !== undefined) return form(call.args, scope, call);
  const own = scope.ownFunction(call.name);
  const args = () => call.args.map((arg) => evaluated(arg, scope));
  if (own !== undefined) return resolved(own.value, insideOf(own, args(), scope));
  const pure = pureFunctions.get(call.name.toLowerCase());
  if (pure === undefined) throw new Unresolved({ kind: 'value', text: textOf(call) });
  return pure(...args());
}

/** A function of the template sees its own parameters and nothing else. */
function insideOf({ parameters }: OwnFunction, args: readonly unknown[], scope: Scope): Scope {
  const missing = (name: string) => {
    throw new Unsuitable(`there is no ${name} in a function`);
  };
  const values = new Map(parameters.map((name, i) => [name.toLowerCase(), args[i]]));
  const parameter = (name: string) => (values.has(name.toLowerCase()) ? values.get(name.toLowerCase()) : missing(name));
  return { ...scope, parameter, variable: missing, copies: new Map(), lambdas: new Map() };
}

/** Functions that read their surroundings, or do not work out all their arguments. */
const forms: Readonly<Record<string, Form>> = {
  parameters: ([name], scope) => scope.parameter(nameIn(name, scope)),
  variables: ([name], scope) => scope.variable(nameIn(name, scope)),
  lambdavariables: ([name], scope) => {
    const wanted = nameIn(name, scope).toLowerCase();
    if (!scope.lambdas.has(wanted)) throw new Unsuitable(`there is no ${wanted} in it`);
    return scope.lambdas.get(wanted);
  },
  if: ([condition, yes, no], scope) => evaluated(needed(truth(condition, scope) ? yes : no), scope),
  and: (args, scope) => args.every((arg) => truth(arg, scope)),
  or: (args, scope) => args.some((arg) => truth(arg, scope)),
  coalesce: (args, scope) => {
    for (const arg of args) {
      const value = evaluated(arg, scope);
      if (value !== null && value !== undefined) return value;
    }
    return null;
  },
  tryget: ([of, ...keys], scope) => {
    let value = evaluated(needed(of), scope);
    for (const key of keys) value = memberOf(value, evaluated(key, scope)) ?? null;
    return value;
  },
  copyindex: (args, scope) => {
    const values = args.map((arg) => evaluated(arg, scope));
    const name = values.find((value) => typeof value === 'string') ?? '';
    const index = scope.copies.get(name.toLowerCase());
    if (index === undefined) throw new Unsuitable('it stands outside of its loop');
    return index + (values.find((value) => typeof value === 'number') ?? 0);
  },
  resourceid: (args, scope, call) => {
    const texts = args.map((arg) => String(evaluated(arg, scope)));
    const at = texts.findIndex((one) => one.includes('/'));
    const [type = '', ...names] = texts.slice(at);
    const [provider, ...types] = type.split('/');
    if (at === -1 || at > 2 || types.length !== names.length)
      throw new Unresolved({ kind: 'value', text: textOf(call) });
    const group = texts[at - 1] ?? groupOf(scope.place);
    const subscription = at === 2 ? texts[0] : subscriptionOf(scope.place);
    const path = types.map((one, i) => `/${one}/${names[i]}`).join('');
    return `/subscriptions/${subscription}/resourceGroups/${group}/providers/${provider}${path}`;
  },
  uniquestring: (args, scope) => {
    const texts = args.map((arg) => evaluated(arg, scope));
    if (!texts.every((one) => typeof one === 'string')) throw new Unsuitable('it takes texts only');
    scope.onHash();
    return uniqueString(texts);
  },
  map: ([values, lambda], scope) => {
    const apply = functionOf(lambda, scope);
    return list(values, scope).map((value, i) => apply(value, i));
  },
  filter: ([values, lambda], scope) => {
    const apply = functionOf(lambda, scope);
    return list(values, scope).filter((value, i) => apply(value, i) === true);
  },
  reduce: ([values, first, lambda], scope) => {
    const apply = functionOf(lambda, scope);
    return list(values, scope).reduce((sum, value, i) => apply(sum, value, i), evaluated(needed(first), scope));
  },
  sort: ([values, lambda], scope) => {
    const isBefore = functionOf(lambda, scope);
    return list(values, scope).toSorted((a, b) => (isBefore(a, b) === true ? -1 : isBefore(b, a) === true ? 1 : 0));
  },
  toobject: ([values, key, value], scope) => {
    const keyOf = functionOf(key, scope);
    const valueOf = value === undefined ? (one: unknown) => one : functionOf(value, scope);
    return Object.fromEntries(list(values, scope).map((one) => [String(keyOf(one)), valueOf(one)]));
  },
};

const specialForms = new Map(Object.entries(forms));

function needed(arg: Expression | undefined): Expression {
  if (arg === undefined) throw new Unsuitable('an argument is missing in it');
  return arg;
}

function nameIn(arg: Expression | undefined, scope: Scope): string {
  return String(evaluated(needed(arg), scope));
}

function truth(arg: Expression | undefined, scope: Scope): boolean {
  const value = evaluated(needed(arg), scope);
  if (typeof value !== 'boolean') throw new Unsuitable(`${JSON.stringify(value)} is neither true nor false`);
  return value;
}

function list(arg: Expression | undefined, scope: Scope): readonly unknown[] {
  const value = evaluated(needed(arg), scope);
  if (!Array.isArray(value)) throw new Unsuitable(`${JSON.stringify(value)} is no array`);
  return value;
}

/** `lambda('name', …, body)` as a function. */
function functionOf(arg: Expression | undefined, scope: Scope): (...values: readonly unknown[]) => unknown {
  const lambda = needed(arg);
  if (lambda.kind !== 'call' || lambda.name.toLowerCase() !== 'lambda')
    throw new Unsuitable('a lambda is missing in it');
  const names = lambda.args.slice(0, -1).map((name) => nameIn(name, scope).toLowerCase());
  const body = needed(lambda.args.at(-1));
  return (...values) => {
    const own = names.map((name, i) => [name, values[i]] as const);
    return evaluated(body, { ...scope, lambdas: new Map([...scope.lambdas, ...own]) });
  };
}
