import { scramble } from './random.ts';

/** A row by its columns. Columns of a base row may be computed when they are read. */
export type Row = Readonly<Record<string, unknown>>;

/** A query that was understood. */
export interface Query {
  /** Rows are for one run: `extend` writes into them. */
  readonly run: (rows: Rows) => readonly Row[];
  /** Names of the columns of the answer. */
  readonly columns: readonly string[];
  /** Whether `order by` fixes the order of the rows: without it Resource Graph gives them in any. */
  readonly ordered: boolean;
  /** Whether `take` or `limit` is in it: such an answer has no pages. */
  readonly limited: boolean;
}

/** Where a query could not be understood, counted from 1 (line) and 0 (position), as Resource Graph tells it. */
export class QueryProblem extends Error {
  readonly line: number;
  readonly position: number;
  readonly token: string;

  constructor({ text, line, position }: Token) {
    super(`not understood at '${text}'`);
    this.line = line;
    this.position = position;
    this.token = text;
  }
}

interface Token {
  readonly sort: 'name' | 'text' | 'number' | 'sign' | 'end';
  readonly text: string;
  readonly line: number;
  readonly position: number;
}

type Value = (row: Row) => unknown;
type Scalar = (...given: readonly unknown[]) => unknown;
/** Rows come one after the other: of 40 000 most are left out, and none of those is held. */
type Rows = IteratorObject<Row>;
type Step = (rows: Rows) => Rows;

const TOKEN =
  /\s+|\/\/[^\n]*|(?<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<number>\d+)|(?<name>!?in~|[A-Za-z_]\w*)|(?<sign>==|=~|!=|!~|[|(),.=%[\]])/gy;

function tokensOf(query: string): readonly Token[] {
  const tokens: Token[] = [];
  const placed = (sort: Token['sort'], text: string, at: number): Token => {
    const before = query.slice(0, at).split('\n');
    return { sort, text, line: before.length, position: before.at(-1)?.length ?? 0 };
  };
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < query.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(query);
    if (match === null) throw new QueryProblem(placed('sign', query.slice(at, at + 1), at));
    const { text, number, name, sign } = match.groups ?? {};
    if (text !== undefined) tokens.push(placed('text', text, at));
    else if (number !== undefined) tokens.push(placed('number', number, at));
    else if (name !== undefined) tokens.push(placed('name', name, at));
    else if (sign !== undefined) tokens.push(placed('sign', sign, at));
  }
  return [...tokens, placed('end', '<end>', query.length)];
}

const textOf = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
const bag: Scalar = (...pairs) =>
  Object.fromEntries(pairs.flatMap((name, i) => (i % 2 === 0 ? [[textOf(name), pairs[i + 1] ?? null]] : [])));

/** Functions of one row. `hash` gives some number that is never negative: which one is Azure's business. */
const FUNCTIONS: Readonly<Record<string, Scalar>> = {
  bag_pack: bag,
  pack: bag,
  hash: (value) => scramble(textOf(value), 0),
  indexof: (text, part) => textOf(text).indexOf(textOf(part)),
  isnotempty: (value) => textOf(value) !== '',
  strcat: (...parts) => parts.map(textOf).join(''),
  substring: (text, from, length) =>
    textOf(text).slice(Number(from), length === undefined ? undefined : Number(from) + Number(length)),
  tolower: (text) => textOf(text).toLowerCase(),
  tostring: textOf,
};

/** Functions of all rows that `summarize` puts together. */
const AGGREGATES: Readonly<Record<string, (values: readonly unknown[]) => unknown>> = {
  count: (values) => values.length,
  make_list: (values) => values.filter((value) => value !== null && value !== undefined),
};

const equal = (a: unknown, b: unknown): boolean => (typeof a === 'number' ? a === Number(b) : textOf(a) === textOf(b));
const alike = (a: unknown, b: unknown): boolean => textOf(a).toLowerCase() === textOf(b).toLowerCase();
const COMPARISONS: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  '==': equal,
  '!=': (a, b) => !equal(a, b),
  '=~': alike,
  '!~': (a, b) => !alike(a, b),
};
const MEMBERSHIPS: Readonly<Record<string, (a: unknown, among: readonly unknown[]) => boolean>> = {
  in: (a, among) => among.some((b) => equal(a, b)),
  'in~': (a, among) => among.some((b) => alike(a, b)),
  '!in~': (a, among) => !among.some((b) => alike(a, b)),
};

/**
 * Understands the subset of Resource Graph's query language that docs/emulator.md lists, on a table of these columns;
 * throws a QueryProblem for all else. [azure-docs query-language.md]
 */
export function parseQuery(query: string, table: string, base: readonly string[]): Query {
  const tokens = tokensOf(query);
  let at = 0;
  let columns = base;
  let ordered = false;
  let limited = false;
  const steps: Step[] = [];

  const here = (): Token => tokens[at] as Token;
  const wrong = (token = here()): never => {
    throw new QueryProblem(token);
  };
  const take = (): Token => {
    const token = here();
    at += 1;
    return token;
  };
  const isAt = (...texts: readonly string[]): boolean => here().sort !== 'text' && texts.includes(here().text);
  const skip = (text: string): boolean => {
    const found = isAt(text);
    if (found) at += 1;
    return found;
  };
  const need = (text: string): void => {
    if (!skip(text)) wrong();
  };
  const name = (): string => (here().sort === 'name' ? take().text : wrong());
  const listOf = <T>(one: () => T): readonly T[] => {
    const all = [one()];
    while (skip(',')) all.push(one());
    return all;
  };
  const quoted = (): string => take().text.slice(1, -1).replaceAll(/\\(.)/g, '$1');
  const args = (): readonly Value[] => {
    need('(');
    if (skip(')')) return [];
    const all = listOf(either);
    need(')');
    return all;
  };

  function either(): Value {
    let left = both();
    while (skip('or')) {
      const [a, b] = [left, both()];
      left = (row) => a(row) === true || b(row) === true;
    }
    return left;
  }
  function both(): Value {
    let left = comparison();
    while (skip('and')) {
      const [a, b] = [left, comparison()];
      left = (row) => a(row) === true && b(row) === true;
    }
    return left;
  }
  function comparison(): Value {
    const left = remainder();
    if (isAt(...Object.keys(COMPARISONS))) {
      const compare = COMPARISONS[take().text] ?? wrong();
      const right = remainder();
      return (row) => compare(left(row), right(row));
    }
    if (!isAt(...Object.keys(MEMBERSHIPS))) return left;
    const isAmong = MEMBERSHIPS[take().text] ?? wrong();
    const among = args();
    return (row) =>
      isAmong(
        left(row),
        among.map((one) => one(row)),
      );
  }
  function remainder(): Value {
    let left = member();
    while (skip('%')) {
      const [a, b] = [left, member()];
      left = (row) => Number(a(row)) % Number(b(row));
    }
    return left;
  }
  function member(): Value {
    let whole = single();
    while (isAt('.', '[')) {
      const part = take().text === '.' ? name() : here().sort === 'text' ? quoted() : wrong();
      if (tokens[at - 1]?.sort === 'text') need(']');
      const of = whole;
      whole = (row) => (of(row) as Row | null | undefined)?.[part] ?? null;
    }
    return whole;
  }
  function single(): Value {
    const token = here();
    if (token.sort === 'text') {
      const text = quoted();
      return () => text;
    }
    if (token.sort === 'number') {
      const number = Number(take().text);
      return () => number;
    }
    if (skip('(')) {
      const inner = either();
      need(')');
      return inner;
    }
    const called = name();
    if (!isAt('(')) return columns.includes(called) ? (row) => row[called] : wrong(token);
    const of = FUNCTIONS[called] ?? wrong(token);
    const given = args();
    return (row) => of(...given.map((one) => one(row)));
  }
  /** `name = expression`, or a column by its name. */
  const assigned = (): readonly [string, Value] => {
    const isNamed = here().sort === 'name' && tokens[at + 1]?.text === '=' && tokens[at + 1]?.sort === 'sign';
    const called = isNamed ? name() : undefined;
    if (called !== undefined) need('=');
    const token = here();
    const value = either();
    return [called ?? (token.sort === 'name' && columns.includes(token.text) ? token.text : wrong(token)), value];
  };
  const aggregate = (): readonly [string, (rows: readonly Row[]) => unknown] => {
    const token = here();
    const first = name();
    const called = skip('=') ? first : undefined;
    const fn = called === undefined ? first : name();
    const gather = AGGREGATES[fn] ?? wrong(token);
    const [value] = args();
    const of = value ?? ((row: Row) => row);
    return [called ?? `${fn}_`, (rows) => gather(rows.map(of))];
  };

  const operators: Readonly<Record<string, () => Step>> = {
    where: () => {
      const holds = either();
      return (rows) => rows.filter((row) => holds(row) === true);
    },
    extend: () => {
      const added = listOf(assigned);
      columns = [...new Set([...columns, ...added.map(([column]) => column)])];
      return (rows) =>
        rows.map((row) => {
          const values = added.map(([column, value]) => [column, value(row)] as const);
          for (const [column, value] of values)
            Object.defineProperty(row, column, { value, configurable: true, enumerable: true });
          return row;
        });
    },
    project: () => {
      const kept = listOf(assigned);
      columns = kept.map(([column]) => column);
      return (rows) => rows.map((row) => Object.fromEntries(kept.map(([column, value]) => [column, value(row)])));
    },
    summarize: () => {
      const gathered = isAt('by') ? [] : listOf(aggregate);
      const by = skip('by') ? listOf(assigned) : [];
      columns = [...by, ...gathered].map(([column]) => column);
      return (rows) => {
        const keyOf = (row: Row) => JSON.stringify(by.map(([, value]) => value(row) ?? null));
        const found = [...Map.groupBy(rows, keyOf).values()];
        const groups = by.length === 0 && found.length === 0 ? [[]] : found;
        return groups.values().map((group) => ({
          ...Object.fromEntries(by.map(([column, value]) => [column, value(group[0] ?? {})])),
          ...Object.fromEntries(gathered.map(([column, gather]) => [column, gather(group)])),
        }));
      };
    },
    count: () => {
      columns = ['Count'];
      return (rows) => [{ Count: rows.reduce((sum) => sum + 1, 0) }].values();
    },
    order: () => {
      need('by');
      const keys = listOf(() => {
        const key = either();
        if (skip('asc')) return [key, 1] as const;
        skip('desc'); // the default
        return [key, -1] as const;
      });
      ordered = true;
      return (rows) =>
        [...rows].sort((a, b) => first(keys.map(([key, sign]) => sign * compared(key(a), key(b))))).values();
    },
    take: () => {
      limited = true;
      const most = here().sort === 'number' ? Number(take().text) : wrong();
      return (rows) => rows.take(most);
    },
  };
  const named: Readonly<Record<string, string>> = { sort: 'order', limit: 'take' };

  if (name().toLowerCase() !== table) wrong(tokens[0]);
  while (skip('|')) {
    const token = here();
    const called = name();
    steps.push((operators[named[called] ?? called] ?? wrong(token))());
  }
  if (here().sort !== 'end') wrong();
  const shown = columns;
  return {
    columns: shown,
    ordered,
    limited,
    run: (rows) =>
      steps
        .reduce((left, step) => step(left), rows)
        .map((row) => Object.fromEntries(shown.map((column) => [column, row[column] ?? null])))
        .toArray(),
  };
}

function compared(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [textOf(a), textOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function first(signs: readonly number[]): number {
  return signs.find((sign) => sign !== 0) ?? 0;
}
