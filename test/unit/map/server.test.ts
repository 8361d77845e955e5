import { once } from 'node:events';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { KubeError } from '../../../src/kube/http/error.ts';
import { MapRefusal, textReply } from '../../../src/map/reply.ts';
import { mapScene } from '../../support/map-scene.ts';
import { type Asked, ask, following } from '../../support/map-visitor.ts';

const posts = { '/api/echo': async (body: unknown) => ({ got: body }) };

/** A POST as the page sends it. */
function posted(port: number, body: string, headers: Asked['headers'] = {}): Asked {
  const own = { 'Content-Type': 'application/json', Origin: `http://127.0.0.1:${port}` };
  return { method: 'POST', headers: { ...own, ...headers }, body };
}

describe('a file of the page', () => {
  test('comes compressed for whom takes that, and is asked about each time', async () => {
    const { port } = await mapScene();
    const plain = await ask(port, '/page.js');
    expect([plain.status, plain.text, plain.headers['content-type']]).toEqual([200, 'go()', 'text/javascript']);
    expect(plain.headers).toMatchObject({
      'cache-control': 'no-cache',
      vary: 'Accept-Encoding',
      'content-length': '4',
    });
    const headers = { 'Accept-Encoding': 'br, gzip;q=0.5' };
    const packed = await ask(port, '/page.js', { headers });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect((await ask(port, '/page.js', { headers: { 'Accept-Encoding': 'gzip;q=0' } })).text).toBe('go()');
    const { etag = '' } = plain.headers;
    const known = await ask(port, '/page.js', { headers: { 'If-None-Match': `"x", W/${etag}` } });
    expect([known.status, known.text, known.headers.etag]).toEqual([304, '', etag]);
    expect((await ask(port, '/', { headers: { 'If-None-Match': etag } })).status).toBe(200);
  });

  test('is the very file, compressed', async () => {
    const { port } = await mapScene();
    const socket = connect(port, '127.0.0.1');
    socket.end(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    const all = Buffer.concat(chunks);
    expect(gunzipSync(all.subarray(all.indexOf('\r\n\r\n') + 4)).toString()).toBe('<!doctype html>');
  });

  test('has a head only for HEAD', async () => {
    const { port } = await mapScene();
    const { status, text, headers } = await ask(port, '/page.js', { method: 'HEAD' });
    expect([status, text, headers['content-length']]).toEqual([200, '', '4']);
  });
});

test.each(['/', '/page.js', '/nowhere', '/api/stream', '/api/story', '/api/nowhere'])(
  '%s says that all comes from here, and nothing goes elsewhere',
  async (path) => {
    const { port, put } = await mapScene({ hasForm: path === '/' });
    put('contoso');
    const { headers } = path === '/api/stream' ? (await following(port)).response : await ask(port, path);
    const policy = String(headers['content-security-policy']);
    expect(policy).not.toContain('unsafe-');
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "img-src 'self'",
      "base-uri 'none'",
      `form-action ${path === '/' ? "'self'" : "'none'"}`,
      "frame-ancestors 'none'",
    ]);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': path === '/' || path === '/page.js' ? 'no-cache' : 'no-store',
    });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  },
);

describe('what is refused', () => {
  test.each([
    ['a path that there is not', '/secret', 404],
    ['a way out of the folder', '/../package.json', 404],
    ['the same, encoded', '/%2e%2e/package.json', 404],
    ['the same, from a file', '/page.js/../../package.json', 404],
    ['a name of every object', '/constructor', 404],
    ['another host', 'http://evil.example/', 200], // only the header Host counts, and that is ours
  ])('%s', async (_, path, status) => {
    const { port } = await mapScene();
    const answer = await ask(port, path);
    expect(answer.status).toBe(status === 200 ? 404 : status);
    expect(answer.text).not.toContain('"name"');
  });

  test('a host that is not ours, before anybody is asked', async () => {
    const gate = vi.fn(async () => undefined);
    const { port } = await mapScene({ gate });
    for (const Host of ['evil.example', 'localhost', `evil.example:${port}`]) {
      expect((await ask(port, '/', { headers: { Host } })).status).toBe(403);
    }
    const socket = connect(port, '127.0.0.1');
    socket.end('GET / HTTP/1.0\r\n\r\n');
    const [text] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
    expect(gate).not.toHaveBeenCalled();
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])(
    '%s, where the map is for reading',
    async (method) => {
      const { port, put } = await mapScene();
      put('contoso');
      for (const path of ['/', '/api/stream', '/api/story', '/api/draft', '/api/apply', '/api/undo']) {
        const headers = { Origin: `http://127.0.0.1:${port}` };
        const { status } = await ask(port, path, { method, headers });
        expect([path, status]).toEqual([path, /draft|apply|undo/.test(path) ? 404 : 405]);
      }
    },
  );

  test.each([
    ['another origin', { Origin: 'http://evil.example' }],
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['another server of the same machine', { 'Sec-Fetch-Site': 'same-site' }],
  ])('what %s reads', async (_, headers) => {
    const { port } = await mapScene();
    expect((await ask(port, '/api/story', { headers })).status).toBe(403);
    await expect(following(port, headers)).rejects.toThrow('403');
  });

  test('a gate answers for the map', async () => {
    const { port } = await mapScene({
      gate: async ({ path, query, method }) =>
        query.get('who') === 'me'
          ? undefined
          : textReply(401, `${method} ${path}: who?`, { 'WWW-Authenticate': 'Bearer' }),
    });
    const refused = await ask(port, '/page.js?who=you');
    expect([refused.status, refused.text, refused.headers['www-authenticate']]).toEqual([
      401,
      'GET /page.js: who?\n',
      'Bearer',
    ]);
    expect((await ask(port, '/page.js?who=me')).text).toBe('go()');
  });

  test('a gate may read what a form sends', async () => {
    const { port } = await mapScene({
      gate: async ({ method, body }) => (method === 'POST' ? textReply(200, await body()) : undefined),
    });
    expect((await ask(port, '/', { method: 'POST', body: 'token=x' })).text).toBe('token=x\n');
  });

  test('more pages than there is room for', async () => {
    const { port, pages } = await mapScene({ mostPages: 2 });
    const [first] = [await following(port), await following(port)];
    await expect(following(port)).rejects.toThrow('503');
    first?.response.destroy();
    await vi.waitFor(() => expect(pages()).toBe(1));
    await following(port);
  });
});

describe('a POST', () => {
  test('of the page is answered', async () => {
    const { port } = await mapScene({ posts });
    const { status, text, headers } = await ask(port, '/api/echo', posted(port, '{"a":1}'));
    expect([status, text, headers['content-type']]).toEqual([200, '{"got":{"a":1}}', 'application/json']);
  });

  test.each([
    ['no origin', { Origin: '' }, '{}', 403],
    ['another origin', { Origin: 'https://evil.example' }, '{}', 403],
    ['an opaque origin', { Origin: 'null' }, '{}', 403],
    ['a form', { 'Content-Type': 'text/plain' }, '{}', 415],
    ['what only begins like JSON', { 'Content-Type': 'application/jsonx' }, '{}', 415],
    ['no JSON', {}, '{', 400],
    ['what is too long', {}, JSON.stringify('x'.repeat(64 * 1024)), 413],
    ['what does not say how long it is', { 'Transfer-Encoding': 'chunked' }, JSON.stringify('x'.repeat(70_000)), 413],
  ])('of %s is refused', async (_, headers, body, status) => {
    const { port } = await mapScene({ posts });
    const answer = await ask(port, '/api/echo', posted(port, body, headers));
    expect([answer.status, typeof JSON.parse(answer.text).error]).toEqual([status, 'string']);
  });

  test('is the only way to what may be posted', async () => {
    const { port } = await mapScene({ posts });
    const { status, headers } = await ask(port, '/api/echo');
    expect([status, headers.allow]).toEqual([405, 'POST']);
  });

  test.each([
    ['refuses', new MapRefusal(409, 'Not now.', 'Wait.'), 409, { error: 'Not now.', cure: 'Wait.' }],
    [
      'asks Kubernetes, which refuses',
      new KubeError({ request: 'PATCH x', status: 403, reason: 'Forbidden', message: 'no' }),
      403,
      { error: 'PATCH x: 403 Forbidden: no' },
    ],
    [
      'asks Kubernetes, which does not answer',
      new KubeError({ request: 'PATCH x', status: 0, reason: 'ECONNREFUSED' }),
      502,
      { error: 'PATCH x: ECONNREFUSED' },
    ],
  ])('that %s says why', async (_, error, status, refusal) => {
    const { port, errors } = await mapScene({ posts: { '/api/fail': () => Promise.reject(error) } });
    const answer = await ask(port, '/api/fail', posted(port, '{}'));
    expect([answer.status, JSON.parse(answer.text), errors]).toEqual([status, refusal, []]);
  });

  test('that fails shows nothing of why, but to the host', async () => {
    const error = new Error('a secret');
    const { port, errors } = await mapScene({ posts: { '/api/fail': () => Promise.reject(error) } });
    const answer = await ask(port, '/api/fail', posted(port, '{}'));
    expect([answer.status, answer.text, errors]).toEqual([500, '{"error":"The map failed at this."}', [error]]);
  });

  test('ends when the page goes', async () => {
    const aborted = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const wait = async (_: unknown, signal: AbortSignal) => {
      begun.resolve();
      await once(signal, 'abort');
      aborted.resolve();
    };
    const { port } = await mapScene({ posts: { '/api/wait': wait } });
    const socket = connect(port, '127.0.0.1');
    const head = `Host: 127.0.0.1:${port}\r\nOrigin: http://127.0.0.1:${port}\r\nContent-Type: application/json`;
    socket.write(`POST /api/wait HTTP/1.1\r\n${head}\r\nContent-Length: 2\r\n\r\n{}`);
    await begun.promise;
    socket.destroy();
    await aborted.promise;
  });
});

describe('a story', () => {
  test('is told of an object that is shown', async () => {
    const events = [{ time: '2026-09-10T12:00:00Z', type: 'Normal', reason: 'ReplicaCreating', message: 'x' }];
    const { port, put } = await mapScene({ happened: async () => events });
    put('contoso');
    const { status, text } = await ask(port, '/api/story?namespace=platform&name=contoso');
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ object: 'contoso', events, regions: [{ location: 'japaneast' }, {}] });
    const none = await ask(port, '/api/story?namespace=platform&name=nobody');
    expect([none.status, none.text]).toEqual([404, '{"error":"There is no RegistryReplication platform/nobody."}']);
    expect((await ask(port, '/api/story')).status).toBe(404);
  });
});

test('a header that is too long is refused', async () => {
  const { port } = await mapScene();
  expect((await ask(port, '/', { headers: { Cookie: 'x'.repeat(20_000) } })).status).toBe(431);
});

test('closing ends all streams', async () => {
  const scene = await mapScene();
  const page = await following(scene.port);
  await scene.close();
  await vi.waitFor(() => expect(page.isEnded()).toBe(true));
});
