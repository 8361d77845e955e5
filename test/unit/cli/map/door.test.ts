import { describe, expect, test } from 'vitest';
import { createDoor } from '../../../../src/cli/map/door.ts';

const signal = new AbortController().signal;

/** A door, and a browser that comes to it. */
function scene() {
  const door = createDoor(() => 8080);
  const come = async (url: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') => {
    const { pathname: path, searchParams: query } = new URL(url, 'http://127.0.0.1:8080');
    return await door.gate({ method, path, query, headers, address: '127.0.0.1', body: async () => '' }, signal);
  };
  const enter = async (link: string) => (await come(link))?.headers?.['Set-Cookie']?.split(';')[0] ?? '';
  return { ...door, come, enter };
}

describe('the link', () => {
  test('is another each time, of 256 bits', () => {
    const links = [scene().link(), scene().link(), scene().linkForOnce()];
    expect(new Set(links).size).toBe(3);
    for (const link of links) expect(link).toMatch(/^http:\/\/127\.0\.0\.1:8080\/\?token=[\w-]{43}$/);
  });

  test('gives a strict cookie, with which everything is open', async () => {
    const { come, enter, link } = scene();
    const cookie = await enter(link());
    expect(await come('/api/stream', { cookie })).toBeUndefined();
    expect(await come('/', { cookie: `other=1; acr-map-8080=forged; ${cookie}` })).toBeUndefined();
    expect((await come('/api/stream', { cookie: cookie.replace(/.$/, '') }))?.status).toBe(401);
  });

  test('says nothing of the token to the cookie', async () => {
    const { enter, link } = scene();
    const token = new URL(link()).searchParams.get('token') ?? '-';
    expect(await enter(link())).not.toContain(token);
  });

  test('for once is good once, and then says so', async () => {
    const { come, enter, linkForOnce } = scene();
    const link = linkForOnce();
    const cookie = await enter(link);
    expect(cookie).toMatch(/^acr-map-8080=/);
    const again = await come(link);
    expect([again?.status, again?.headers?.['Set-Cookie']]).toEqual([401, undefined]);
    expect(String(again?.body)).toContain('Open the link that the terminal shows.');
    expect(await come(link, { cookie })).toMatchObject({ status: 303, headers: { Location: '/' } });
  });

  test('of another run says so', async () => {
    const answer = await scene().come(scene().link());
    expect([answer?.status, answer?.headers?.['Set-Cookie']]).toEqual([401, undefined]);
    expect(String(answer?.body)).toContain('This link is of another run of the program.');
  });

  test('is good for the beginning only, by GET', async () => {
    const { come, link } = scene();
    const { search } = new URL(link());
    expect((await come(`/api/stream${search}`))?.status).toBe(401);
    expect((await come(`/${search}`, {}, 'POST'))?.headers).not.toHaveProperty('Set-Cookie');
  });

  test('in a page of another site works, too: the browser is asked once more, and no more than once', async () => {
    const { come } = scene();
    const first = await come('/', { 'sec-fetch-site': 'cross-site' });
    expect(first?.headers?.['Refresh']).toBe('0; url=/');
    expect((await come('/', { 'sec-fetch-site': 'same-origin' }))?.headers).not.toHaveProperty('Refresh');
  });
});

test('what is served without a cookie has neither script nor style', async () => {
  const body = String((await scene().come('/'))?.body);
  expect(body).toContain('<!doctype html>');
  expect(body).not.toMatch(/<script|<style|style=|\son\w+=/);
});

test.each([
  ['127.0.0.1:8080', true],
  ['localhost:8080', true],
  ['127.0.0.1', false],
  ['127.0.0.1:8081', false],
  ['evil.example:8080', false],
  ['localhost.evil.example:8080', false],
  ['[::1]:8080', false],
  ['', false],
])('by the name %j it is ours: %s', (host, isOurs) => expect(scene().isOurHost(host)).toBe(isOurs));
