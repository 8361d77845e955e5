import { execFile } from 'node:child_process';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Log } from '../../../src/ports/log.ts';
import { createLog, type Level } from '../../../src/telemetry/log.ts';
import { type Clock, systemClock } from '../../../src/time/clock.ts';
import { clockAt } from '../../support/clock.ts';

type Line = Readonly<Record<string, unknown>>;

async function logged(
  use: (log: Log) => void,
  options: { readonly level?: Level; readonly clock?: Clock; readonly secrets?: readonly string[] } = {},
): Promise<readonly Line[]> {
  const stream = new PassThrough();
  const written = text(stream);
  const log = createLog({ level: 'debug', clock: systemClock, ...options, stream });
  use(log);
  await log.close();
  stream.end();
  return (await written)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** The fields of one line as they are written. */
async function fields(given: Readonly<Record<string, unknown>>, secrets: readonly string[] = []): Promise<Line> {
  const [line] = await logged((log) => log.info('a message', given), { secrets });
  const { timestamp: _, level: __, message: ___, ...rest } = line ?? {};
  return rest;
}

test('a line is one JSON object with time, level, the constant message and its fields', async () => {
  const [line] = await logged((log) => log.warn('The watch ended', { key: 'platform/contoso', after: 3 }));
  expect(line).toEqual({
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    level: 'warn',
    message: 'The watch ended',
    key: 'platform/contoso',
    after: 3,
  });
});

test('a line has the time that its clock shows', async () => {
  const clock = clockAt(() => new Date('2026-09-10T12:00:00.125Z'));
  const [line] = await logged((log) => log.info('a message'), { clock });
  expect(line?.['timestamp']).toBe('2026-09-10T12:00:00.125Z');
});

test('lines below the level are not written, and asking about debug says so', async () => {
  const enabled: boolean[] = [];
  const lines = await logged(
    (log) => {
      for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](level);
      enabled.push(log.isDebugEnabled());
    },
    { level: 'warn' },
  );
  expect(lines.map((line) => line['level'])).toEqual(['warn', 'error']);
  expect(enabled).toEqual([false]);
});

test('fields cannot replace time, level or message', async () => {
  const [line] = await logged((log) => log.info('real', { message: 'forged', level: 'error', timestamp: 'never' }));
  expect(line).toMatchObject({
    message: 'real',
    level: 'info',
    field_message: 'forged',
    field_level: 'error',
    field_timestamp: 'never',
  });
});

test('an error keeps message, stack, code and all its causes', async () => {
  const cause = Object.assign(new TypeError('socket hang up'), { code: 'ECONNRESET', port: 443 });
  const error = new AggregateError([new Error('inner')], 'fetch failed', { cause });
  expect(await fields({ error })).toEqual({
    error: {
      name: 'AggregateError',
      message: 'fetch failed',
      stack: expect.stringContaining('log.test.ts'),
      cause: {
        name: 'TypeError',
        message: 'socket hang up',
        code: 'ECONNRESET',
        port: 443,
        stack: expect.stringContaining('log.test.ts'),
      },
      errors: [{ name: 'Error', message: 'inner', stack: expect.any(String) }],
    },
  });
});

test('an error as field does not change the message of the line', async () => {
  const [line] = await logged((log) => log.error('The pass failed', { error: new Error('why') }));
  expect(line?.['message']).toBe('The pass failed');
});

test('requests and answers that libraries hang on errors are left out', async () => {
  const error = Object.assign(new Error('403'), { statusCode: 403, request: { headers: { a: 'b' } } });
  const { error: written } = await fields({ error });
  expect(written).toMatchObject({ statusCode: 403 });
  expect(written).not.toHaveProperty('request');
});

const secret = 'hunter2hunter2';
const jwt = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ${secret}.${secret}`;
const hiding: readonly { name: string; given: Readonly<Record<string, unknown>>; is: unknown }[] = [
  ...['clientSecret', 'client_secret', 'password', 'accessToken', 'Authorization', 'x-ms-authorization-auxiliary'].map(
    (key) => ({ name: `by its key, ${key}`, given: { [key]: secret }, is: { [key]: '[redacted]' } }),
  ),
  ...['client_assertion', 'set-cookie', 'privateKey', 'api-key', 'secrets'].map((key) => ({
    name: `by its key, ${key}, deep inside`,
    given: { a: [{ [key]: { value: secret } }] },
    is: { a: [{ [key]: '[redacted]' }] },
  })),
  { name: 'as a JSON Web Token', given: { text: `got ${jwt}!` }, is: { text: 'got [redacted]!' } },
  {
    name: 'in an address, also one that is wrong',
    given: { input: `http://robot:${secret}#pass@proxy:3128`, url: new URL(`https://robot:${secret}@proxy`) },
    is: { input: 'http://[redacted]@proxy:3128', url: 'https://[redacted]@proxy/' },
  },
  { name: 'as a bearer', given: { header: `Bearer ${secret}` }, is: { header: 'Bearer [redacted]' } },
  {
    name: 'in a signed operation URL',
    given: { url: `https://management.azure.com/x?api-version=1&t=63&c=${secret}&s=${secret}&h=${secret}` },
    is: { url: 'https://management.azure.com/x?api-version=1&t=63&c=[redacted]&s=[redacted]&h=[redacted]' },
  },
  {
    name: 'in a storage URL',
    given: { url: new URL(`https://a.blob.core.windows.net/b?sv=1&sig=${secret}`) },
    is: { url: 'https://a.blob.core.windows.net/b?sv=1&sig=[redacted]' },
  },
  {
    name: 'in a form',
    given: { body: `grant_type=x&client_secret=${secret}&client_id=1` },
    is: { body: 'grant_type=x&client_secret=[redacted]&client_id=1' },
  },
  {
    name: 'in JSON',
    given: { body: `{"access_token":"${secret}","a":1}` },
    is: { body: '{"access_token":"[redacted]","a":1}' },
  },
  ...['', '#', '/', '?', '@', ':', '"', '%23', '&=+'].map((special) => ({
    name: `in the URL of a proxy, with ${special || 'nothing special'} in the password`,
    given: { input: `http://robot:${secret}${special}pass@proxy.example:3128/` },
    is: { input: 'http://[redacted]@proxy.example:3128/' },
  })),
  {
    name: 'as the name in a URL',
    given: { text: `cloned https://${secret}@github.com/x, mail a@b.example` },
    is: { text: 'cloned https://[redacted]@github.com/x, mail a@b.example' },
  },
  {
    name: 'as a private key',
    given: { pem: `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----` },
    is: { pem: '[redacted]' },
  },
];
for (const { name, given, is } of hiding) {
  test(`hides a secret ${name}`, async () => expect(await fields(given)).toEqual(is));
}

test('what only sounds like a secret is kept', async () => {
  const given = {
    where: 'at x (file:///app/node_modules/@azure/identity/dist/index.js:10:5)',
    url: 'https://10.0.0.1:6443/apis/acr-replication.dev/v1alpha1',
    mail: 'write to https://example.com or a@example.com',
    tokens: 12,
    tokenFile: '/token',
    credential: 'workload-identity',
    secretName: 'azure',
    token: undefined,
  };
  const { token: _, ...kept } = given;
  expect(await fields(given)).toEqual(kept);
});

test('a known secret never appears, wherever it is planted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.object({ values: [fc.constant(`a${secret}b`), fc.string()], maxDepth: 4 }), async (given) => {
      const error = new Error(`wrong secret ${secret}`, { cause: given });
      expect(JSON.stringify(await fields({ given, error, [secret]: 1 }, [secret]))).not.toContain(secret);
    }),
    { numRuns: 50 },
  );
});

test('a secret is hidden also where a long text is cut', async () => {
  const { text } = await fields({ text: `${'x'.repeat(3_990)} ${jwt}` });
  expect(text).not.toContain(secret.slice(0, 4));
});

test('anything can be logged: cycles, getters that throw, what JSON does not know', async () => {
  const circular: Record<string, unknown> = { a: 1 };
  circular['self'] = circular;
  const shared = { b: 1 };
  const hostile = {
    get bad(): never {
      throw new Error('no');
    },
    toJSON: () => secret,
  };
  expect(
    await fields({
      circular,
      shared: [shared, shared],
      hostile,
      big: 10n,
      nan: Number.NaN,
      date: new Date(0),
      never: new Date(Number.NaN),
      map: new Map([['k', new Set([1])]]),
      bytes: Buffer.from(secret),
      f: () => 1,
      none: undefined,
      nil: null,
      symbol: Symbol('s'),
    }),
  ).toEqual({
    circular: { a: 1, self: '[circular]' },
    shared: [{ b: 1 }, { b: 1 }],
    hostile: { bad: '[unreadable]' },
    big: '10',
    nan: 'NaN',
    date: '1970-01-01T00:00:00.000Z',
    never: 'Invalid Date',
    map: { k: [1] },
    bytes: '[14 bytes]',
    nil: null,
    symbol: 'Symbol(s)',
  });
});

test('a text of somebody else is one line, and no terminal acts on it; read as JSON it is what it was', async () => {
  const odd =
    'a\r\n{"level":"error"}\u2028\u2029\u0085\u001b[2J\u009b31m\u007f\u0007\u0000\u202eegnahc\u202c\u2066x\u2069\u200f😀';
  const stream = new PassThrough();
  const written = text(stream);
  const log = createLog({ level: 'info', clock: systemClock, stream });
  log.info('a message', { cause: odd, error: new Error(odd), [odd]: 1 });
  await log.close();
  stream.end();
  const line = await written;
  expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}](?!$)/u);
  expect(JSON.parse(line)).toMatchObject({ cause: odd, error: { message: odd }, [odd]: 1 });
});

test('a line stays below the 16 KiB at which container runtimes cut, however much is in it', async () => {
  const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key${i}`, 'x'.repeat(100)]));
  let deep: object = {};
  for (let i = 0; i < 10_000; i++) deep = { deep };
  for (const value of [wide, deep, 'x'.repeat(1_000_000), Array(100_000).fill('"\n'), Array(100).fill(wide)]) {
    const [line] = await logged((log) => log.info('big', { value }));
    expect(JSON.stringify(line).length).toBeLessThan(16_384);
  }
});

test('a process that ends at once after closing the log loses no line on a pipe', async () => {
  const program = `
    import { createLog } from ${JSON.stringify(new URL('../../../src/telemetry/log.ts', import.meta.url))};
    import { systemClock } from ${JSON.stringify(new URL('../../../src/time/clock.ts', import.meta.url))};
    const log = createLog({ level: 'info', clock: systemClock });
    for (let i = 0; i < 5_000; i++) log.info('line', { i, text: 'x'.repeat(200) });
    await log.close();
    process.exit(0);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    maxBuffer: 64 * 2 ** 20,
  });
  const lines = stdout.trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as Line)['i'])).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
});

test('closing waits for a reader that is slower than the log', async () => {
  const received: string[] = [];
  const slow = new Writable({
    highWaterMark: 1,
    write(chunk, _, done) {
      setImmediate(() => {
        received.push(String(chunk));
        done();
      });
    },
  });
  const log = createLog({ level: 'info', clock: systemClock, stream: slow });
  for (let i = 0; i < 500; i++) log.info('line', { i });
  await log.close();
  expect(received.join('').trim().split('\n').length).toBe(500);
});

test('a reader that goes away does not end the process', async () => {
  const program = `
    import { createLog } from ${JSON.stringify(new URL('../../../src/telemetry/log.ts', import.meta.url))};
    import { systemClock } from ${JSON.stringify(new URL('../../../src/time/clock.ts', import.meta.url))};
    const log = createLog({ level: 'info', clock: systemClock });
    for (let i = 0; i < 200; i++) { log.info('line', { text: 'x'.repeat(2_000) }); await new Promise(setImmediate); }
    await log.close();
    process.stderr.write('still here');`;
  const run = `"${process.execPath}" --input-type=module -e "$PROGRAM" | head -n 1 >/dev/null`;
  const { stderr } = await promisify(execFile)('sh', ['-c', run], { env: { ...process.env, PROGRAM: program } });
  expect(stderr).toBe('still here');
});

test('closing twice is one close, and a line after it is no error', async () => {
  const stream = new PassThrough();
  const log = createLog({ level: 'info', clock: systemClock, stream });
  await Promise.all([log.close(), log.close()]);
  log.info('too late');
  expect(stream.read()).toBeNull();
});
