/** An expression of an ARM template, parsed. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  /** `of.key`, `of[key]`. */
  | { readonly kind: 'access'; readonly of: Expression; readonly key: Expression };

const token = /\s*(?:(?<text>'(?:[^']|'')*')|(?<number>-?\d+)|(?<word>[A-Za-z_][\w$]*)|(?<sign>[()[\],.]))\s*/y;

/**
 * The expression that a string of a template is; undefined when the string stands for itself. Throws where ARM would
 * refuse it. https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions
 */
export function expressionIn(text: string): Expression | undefined {
  if (!text.startsWith('[') || !text.endsWith(']') || text.startsWith('[[')) return undefined;
  return parsed(text.slice(1, -1));
}

/** A string that is no expression, as it is meant: two brackets at its beginning stand for one. */
export function plainString(text: string): string {
  return text.startsWith('[[') ? text.slice(1) : text;
}

/** An expression without the brackets around it. Throws a SyntaxError where it is none. */
export function parsed(text: string): Expression {
  const tokens = tokensOf(text);
  const { expression, next } = chainAt(tokens, 0);
  if (next !== tokens.length) throw unexpected(tokens, next);
  return expression;
}

interface Read {
  readonly expression: Expression;
  /** Index of the token behind it. */
  readonly next: number;
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const from = token.lastIndex;
    const groups = token.exec(text)?.groups;
    if (groups === undefined) throw new SyntaxError(`it cannot be read from ${text.slice(from, from + 20)} on`);
    tokens.push(groups['text'] ?? groups['number'] ?? groups['word'] ?? groups['sign'] ?? '');
  }
  return tokens;
}

function unexpected(tokens: readonly string[], at: number): SyntaxError {
  const found = tokens[at];
  return new SyntaxError(found === undefined ? 'it ends too early' : `${found} is not expected in it`);
}

/** A call or a literal, with the members that are asked of it. */
function chainAt(tokens: readonly string[], at: number): Read {
  let { expression, next } = headAt(tokens, at);
  for (;;) {
    if (tokens[next] === '.') {
      const key = tokens[next + 1];
      if (key === undefined || !/^\w/.test(key)) throw unexpected(tokens, next + 1);
      expression = { kind: 'access', of: expression, key: { kind: 'literal', value: key } };
      next += 2;
    } else if (tokens[next] === '[') {
      const key = chainAt(tokens, next + 1);
      if (tokens[key.next] !== ']') throw unexpected(tokens, key.next);
      expression = { kind: 'access', of: expression, key: key.expression };
      next = key.next + 1;
    } else return { expression, next };
  }
}

function headAt(tokens: readonly string[], at: number): Read {
  const head = tokens[at];
  if (head?.startsWith("'")) {
    return { expression: { kind: 'literal', value: head.slice(1, -1).replaceAll("''", "'") }, next: at + 1 };
  }
  if (head !== undefined && /^-?\d/.test(head)) {
    return { expression: { kind: 'literal', value: Number(head) }, next: at + 1 };
  }
  if (head === undefined || !/^\w/.test(head)) throw unexpected(tokens, at);
  // A function of one's own has its namespace before it: __bicep.nameOf(…).
  const isSpaced = tokens[at + 1] === '.' && tokens[at + 3] === '(';
  const name = isSpaced ? `${head}.${tokens[at + 2]}` : head;
  return callAt(tokens, name, at + (isSpaced ? 3 : 1));
}

function callAt(tokens: readonly string[], name: string, open: number): Read {
  if (tokens[open] !== '(') throw unexpected(tokens, open);
  const args: Expression[] = [];
  let next = open + 1;
  while (tokens[next] !== ')') {
    const arg = chainAt(tokens, next);
    args.push(arg.expression);
    next = tokens[arg.next] === ',' ? arg.next + 1 : arg.next;
    if (tokens[arg.next] !== ',' && tokens[arg.next] !== ')') throw unexpected(tokens, arg.next);
  }
  return { expression: { kind: 'call', name, args }, next: next + 1 };
}

/** The expression as it is written, in one spelling: equal expressions have equal texts. */
export function textOf(expression: Expression): string {
  switch (expression.kind) {
    case 'literal': {
      const { value } = expression;
      return typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`;
    }
    case 'call':
      return `${expression.name}(${expression.args.map(textOf).join(', ')})`;
    case 'access': {
      const { of, key } = expression;
      const isPlain = key.kind === 'literal' && typeof key.value === 'string' && /^[A-Za-z_]\w*$/.test(key.value);
      return `${textOf(of)}${isPlain ? `.${key.value}` : `[${textOf(key)}]`}`;
    }
  }
}
