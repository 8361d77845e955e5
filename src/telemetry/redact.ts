/** The text that takes the place of a secret. */
const redacted = '[redacted]';

/** Limits of one log line. It stays well under 16 KiB, where container runtimes cut lines. */
const bounds = { depth: 8, entries: 100, characters: 12_000, text: 4_000 } as const;

const secretKey =
  /authorization|assertion|passw(or)?d|(secret|token|cookie|signature|(private|api|access|account|shared)[-_ ]?key)(s|[-_ ]?value)?$/i;

const secretShapes: readonly (readonly [RegExp, string])[] = [
  // JSON Web Tokens, also cut ones: base64url of '{"'
  [/\beyJ[\w-]{8,}(?:\.[\w-]*){0,4}/g, redacted],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${redacted}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, redacted],
  // Name and password in the URL of a proxy, of which the password may hold anything but white space
  [/(\b[a-z][a-z\d+.-]{0,20}:\/\/)(?:[^\s/?#@:]*:[^\s]{0,1000}|[^\s/?#@:"']+)@/gi, `$1${redacted}@`],
  // Signed operation URLs of ARM (t, c, s, h) and of storage (sig): whoever has one may poll with it
  [/([?&](?:sig|s|c|h|code)=)[^&\s"']+/gi, `$1${redacted}`],
  // User and password in an address, such as that of a proxy
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/"'<>@]*@/gi, `$1${redacted}@`],
  // Forms and JSON inside of texts
  [
    /((?:\b|_)(?:client_?secret|client_?assertion|assertion|password|passwd|(?:access|refresh|id|bearer)_?token|account_?key|shared_?access_?key)["']?\s*[:=]\s*["']?)[^&\s"',;]+/gi,
    `$1${redacted}`,
  ],
];

/**
 * Copies any value into one that JSON.stringify takes without throwing. Errors keep stack, code and cause; cycles are cut,
 * depth and size are bounded. A secret is known by the name of its key, by its shape, or because it is among `secrets`.
 */
export function loggable(value: unknown, secrets: readonly string[] = []): unknown {
  return plainCopy(value, { secrets, left: bounds.characters, above: [] });
}

/** How far the copying of one line has come. */
interface Copying {
  readonly secrets: readonly string[];
  /** Characters that this line may still take. */
  left: number;
  /** The objects that contain the one being copied. */
  readonly above: object[];
}

function plainCopy(value: unknown, state: Copying): unknown {
  if (state.left <= 0) return '[cut]';
  switch (typeof value) {
    case 'string':
      return redactedText(value, state);
    case 'number':
      state.left -= 8;
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      state.left -= 5;
      return value;
    case 'bigint':
    case 'symbol':
      return redactedText(String(value), state);
    case 'undefined':
    case 'function':
      return undefined;
    case 'object':
      return value === null ? null : copyOfObject(value, state);
    default:
      return undefined;
  }
}

function redactedText(value: string, state: Copying): string {
  const limit = Math.min(bounds.text, state.left);
  // Secrets first: one that the cut goes through would not be recognised any more.
  let known = value.slice(0, 4 * bounds.text);
  for (const secret of state.secrets) if (secret.length > 0) known = known.replaceAll(secret, redacted);
  for (const [shape, replacement] of secretShapes) known = known.replace(shape, replacement);
  const kept = known.length > limit ? `${known.slice(0, limit)}… (${value.length} characters)` : known;
  state.left -= kept.length;
  return kept;
}

function copyOfObject(value: object, state: Copying): unknown {
  if (state.above.includes(value)) return '[circular]';
  if (state.above.length >= bounds.depth) return '[too deep]';
  state.above.push(value);
  try {
    if (value instanceof Error) return copyOfMembers(errorEntries(value), state);
    if (value instanceof Date) return Number.isNaN(value.valueOf()) ? 'Invalid Date' : value.toISOString();
    if (value instanceof URL) return redactedText(value.href, state);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
    if (value instanceof Map) return copyOfMembers(value.entries(), state);
    if (Array.isArray(value) || value instanceof Set) return copyOfList([...value], state);
    return copyOfMembers(ownEntries(value), state);
  } catch {
    return '[unreadable]';
  } finally {
    state.above.pop();
  }
}

function copyOfList(values: readonly unknown[], state: Copying): unknown[] {
  const kept = values.slice(0, bounds.entries).map((value) => plainCopy(value, state) ?? null);
  if (values.length > kept.length) kept.push(`… (${values.length} entries)`);
  return kept;
}

function copyOfMembers(entries: Iterable<readonly [unknown, unknown]>, state: Copying): Record<string, unknown> {
  const kept: [string, unknown][] = [];
  let seen = 0;
  for (const [key, value] of entries) {
    seen += 1;
    if (seen > bounds.entries || state.left <= 0) {
      kept.push(['…', 'more members']);
      break;
    }
    const name = redactedText(String(key), state);
    const hidden = typeof value !== 'number' && typeof value !== 'boolean' && value != null && secretKey.test(name);
    const shown = hidden ? redacted : plainCopy(value, state);
    if (shown !== undefined) kept.push([name, shown]);
  }
  // Unlike assignment, fromEntries makes an ordinary member of "__proto__".
  return Object.fromEntries(kept);
}

function* ownEntries(value: object): Iterable<readonly [string, unknown]> {
  for (const key of Object.keys(value)) {
    let member: unknown;
    try {
      member = Reflect.get(value, key);
    } catch {
      member = '[unreadable]';
    }
    yield [key, member];
  }
}

/** An error's own members are taken only when they are plain, because libraries hang whole requests on their errors. */
function* errorEntries(error: Error): Iterable<readonly [string, unknown]> {
  yield ['name', error.name];
  yield ['message', error.message];
  for (const [key, value] of ownEntries(error)) {
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (plain && key !== 'name' && key !== 'message' && key !== 'stack') yield [key, value];
  }
  yield ['stack', error.stack];
  if (error.cause !== undefined) yield ['cause', error.cause];
  if (error instanceof AggregateError) yield ['errors', error.errors];
}
