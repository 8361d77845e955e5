import type { IncomingHttpHeaders } from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Admittance, Caller } from '../../../src/http/token-gate.ts';
import { type Reply } from '../../../src/map/reply.ts';
import type { MapGate, Visit } from '../../../src/map/server.ts';
import { createSignIn } from '../../../src/map/sign-in.ts';

const { signal } = new AbortController();
const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln-_';
const host = 'map.contoso.com';

/** What Kubernetes says of each token. */
const answers: Readonly<Record<string, Admittance>> = {
  [`Bearer ${token}`]: { kind: 'allowed' },
  'Bearer powerless': { kind: 'refused', status: 403, why: 'This account may not get /map.' },
  'Bearer unheard': { kind: 'refused', status: 503, why: 'The API server could not be asked about this token.' },
};
const unknown: Admittance = { kind: 'refused', status: 401, why: 'Kubernetes does not know this token.' };

let asked: Caller[] = [];
const gateOf = (isTls: boolean): MapGate =>
  createSignIn({
    isTls,
    gate: async (caller) => {
      asked.push(caller);
      return answers[caller.authorization ?? ''] ?? unknown;
    },
  });
let gate: MapGate;
beforeEach(() => {
  asked = [];
  gate = gateOf(true);
});

function visit(path: string, headers: IncomingHttpHeaders = {}, more: Partial<Visit> = {}): Visit {
  return {
    method: 'GET',
    path,
    query: new URLSearchParams(),
    headers: { host, ...headers },
    address: '10.0.0.1',
    body: async () => '',
    ...more,
  };
}

const ask = (path: string, headers: IncomingHttpHeaders = {}) => gate(visit(path, headers), signal);
/** A form that was sent by the browser. */
const send = (fields: Readonly<Record<string, string>>, headers: IncomingHttpHeaders = {}, by = gate) =>
  by(
    visit(
      '/sign-in',
      { origin: `https://${host}`, 'sec-fetch-site': 'same-origin', ...headers },
      { method: 'POST', body: async () => new URLSearchParams(fields).toString() },
    ),
    signal,
  );
const cookieOf = (reply: Reply | undefined): string => reply?.headers?.['Set-Cookie'] ?? '';

describe('with a token that may see the map', () => {
  test('a proxy is let in by its header, and a person by the cookie', async () => {
    expect(await ask('/api/stream', { authorization: `Bearer ${token}` })).toBeUndefined();
    expect(await ask('/', { cookie: `a=b; acr-map-token=${token}; c=d` })).toBeUndefined();
    const caller = { authorization: `Bearer ${token}`, address: '10.0.0.1' };
    expect(asked).toEqual([caller, caller]);
  });

  test('the header of a proxy that has a password of its own does not hide the cookie', async () => {
    const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    expect(await ask('/', { authorization, cookie: `acr-map-token=${token}` })).toBeUndefined();
  });

  test('the form leads to the map, with a cookie that scripts and other sites do not get', async () => {
    const reply = await send({ token: ` ${token}\n` });
    expect(reply).toMatchObject({ status: 303, headers: { Location: '/' } });
    expect(cookieOf(reply)).toBe(`acr-map-token=${token}; Path=/; HttpOnly; SameSite=Strict; Secure`);
    expect(asked[0]?.authorization).toBe(`Bearer ${token}`);
  });

  test('the cookie is for HTTPS only where HTTPS is spoken: here, or before us', async () => {
    const plain = gateOf(false);
    const origin = `http://${host}`;
    expect(cookieOf(await send({ token }, { origin }, plain))).not.toContain('Secure');
    expect(cookieOf(await send({ token }, { 'x-forwarded-proto': 'https' }, plain))).toContain('Secure');
  });
});

describe('without', () => {
  test('the page with the form comes in place of the map, and a refusal in place of facts', async () => {
    for (const path of ['/', '/page.js', '/nowhere']) {
      const reply = await ask(path);
      expect(reply, path).toMatchObject({ status: 401, headers: { 'Content-Type': 'text/html; charset=utf-8' } });
      expect(String(reply?.body)).toContain('<form method="post" action="/sign-in">');
    }
    for (const path of ['/api/stream', '/api/story', '/api/none'])
      expect(await ask(path), path).toMatchObject({ status: 401, headers: { 'Content-Type': 'application/json' } });
    expect(asked).toEqual([]); // Kubernetes need not be asked
  });

  test('its style and its icon are for everybody, and it has no script', async () => {
    expect(await ask('/sign-in.css')).toMatchObject({
      status: 200,
      headers: { 'Content-Type': 'text/css; charset=utf-8' },
    });
    expect(await ask('/icon.svg')).toBeUndefined();
    expect(String((await ask('/'))?.body)).not.toMatch(/<script|style=|\son\w+=/);
  });

  test('the form may send its origin, which the referrer policy of the map would hide', async () => {
    expect((await ask('/'))?.headers).toMatchObject({ 'Referrer-Policy': 'same-origin' });
  });

  test('who comes by a link of another site is led on, for the browser held the cookie back, but only once', async () => {
    const first = await ask('/', { 'sec-fetch-site': 'cross-site' });
    expect(first).toMatchObject({ status: 200 });
    expect(String(first?.body)).toContain('<meta http-equiv="refresh" content="0; url=/">');
    expect(await ask('/', { 'sec-fetch-site': 'same-origin' })).toMatchObject({ status: 401 });
  });

  test('a connection that others can read is warned of, unless it ends on this machine', async () => {
    const warning = /not encrypted/;
    const bodyAt = async (by: MapGate, headers: IncomingHttpHeaders) =>
      String((await by(visit('/', headers), signal))?.body);
    const plain = gateOf(false);
    expect(await bodyAt(plain, {})).toMatch(warning);
    expect(await bodyAt(gate, {})).not.toMatch(warning);
    expect(await bodyAt(plain, { 'x-forwarded-proto': 'https' })).not.toMatch(warning);
    for (const own of ['localhost:8082', '127.0.0.1:8082', '[::1]:8082'])
      expect(await bodyAt(plain, { host: own })).not.toMatch(warning);
  });
});

describe('with a token that is of no use', () => {
  test('the form says why, and sets no cookie', async () => {
    for (const [text, status, why] of [
      ['unknown', 401, 'Kubernetes does not know this token.'],
      ['powerless', 403, 'This account may not get /map.'],
      ['unheard', 503, 'The API server could not be asked about this token.'],
      ['', 400, 'Put a token in.'],
      ['two words', 400, 'This is no token'],
      ['a;Domain=contoso.com', 400, 'This is no token'],
      ['a'.repeat(4_000), 400, 'too long for a cookie'],
    ] as const) {
      const reply = await send({ token: text });
      expect(reply?.status, text).toBe(status);
      expect(String(reply?.body), text).toContain(why);
      expect(cookieOf(reply), text).toBe('');
    }
  });

  test('a cookie whose token has expired is taken back; one that cannot be checked now stays', async () => {
    for (const path of ['/', '/api/stream']) {
      const expired = await ask(path, { cookie: 'acr-map-token=expired' });
      expect(expired).toMatchObject({ status: 401 });
      expect(cookieOf(expired)).toBe('acr-map-token=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0');
      const unheard = await ask(path, { cookie: 'acr-map-token=unheard' });
      expect(unheard).toMatchObject({ status: 503 });
      expect(cookieOf(unheard)).toBe('');
    }
  });

  test('a cookie that cannot be a token counts as none', async () => {
    expect(await ask('/api/stream', { cookie: 'acr-map-token="' })).toMatchObject({ status: 401 });
    expect(asked).toEqual([]);
  });
});

test("another site's page cannot sign anybody in", async () => {
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { origin: undefined },
  ]) {
    const reply = await send({ token }, headers);
    expect(reply?.status).toBe(403);
    expect(cookieOf(reply)).toBe('');
  }
  expect(asked).toEqual([]);
});

test('the address of the form, opened by hand, leads to the map', async () => {
  expect(await ask('/sign-in')).toMatchObject({ status: 303, headers: { Location: '/' } });
});
