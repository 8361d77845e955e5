import type { AccessToken, GetTokenOptions } from '@azure/identity';
import { describe, expect, test } from 'vitest';
import { steady } from '../../../../src/azure/identity/token.ts';
import { TokenError } from '../../../../src/azure/refusals/token-error.ts';
import { clockAt } from '../../../support/clock.ts';

const minuteMs = 60_000;
const scope = 'https://management.azure.com/.default';

/** A credential whose next answer is at hand, on a clock of its own. Tokens last 60 minutes. */
function setup(limitMs?: number) {
  const asked: (GetTokenOptions | undefined)[] = [];
  const state = { nowMs: 0, made: 0, next: (): Promise<AccessToken | null> => issue() };
  const issue = (rest: Partial<AccessToken> = {}): Promise<AccessToken> =>
    Promise.resolve({ token: `token-${asked.length}`, expiresOnTimestamp: state.nowMs + 60 * minuteMs, ...rest });
  const credential = steady(
    () => {
      state.made++;
      return {
        getToken(_, options) {
          asked.push(options);
          return state.next();
        },
      };
    },
    clockAt(() => new Date(state.nowMs)),
    undefined,
    limitMs,
  );
  const token = async (): Promise<string | undefined> => (await credential.getToken(scope))?.token;
  return { credential, token, asked, state, issue };
}

test('a token is fetched once for all callers', async () => {
  const { token, asked } = setup();
  expect(await Promise.all([token(), token(), token()])).toEqual(['token-1', 'token-1', 'token-1']);
  expect(await token()).toBe('token-1');
  expect(asked).toHaveLength(1);
});

test('four minutes before it expires it is renewed beside the work', async () => {
  const { token, asked, state } = setup();
  await token();
  state.nowMs = 56 * minuteMs - 1;
  expect(await token()).toBe('token-1');
  expect(asked).toHaveLength(1);
  state.nowMs = 56 * minuteMs;
  expect(await token()).toBe('token-1');
  await expect.poll(token).toBe('token-2');
  expect(asked).toHaveLength(2);
});

test('it is renewed earlier where the issuer asks for it', async () => {
  const { token, state, issue } = setup();
  state.next = () => issue({ refreshAfterTimestamp: 10 * minuteMs });
  await token();
  state.nowMs = 10 * minuteMs;
  await token();
  await expect.poll(token).toBe('token-2');
});

test('while renewal fails the old token serves until it expires, and nothing is left unhandled', async () => {
  const { token, asked, state } = setup();
  await token();
  state.next = () => Promise.reject(new Error('issuer down'));
  state.nowMs = 57 * minuteMs;
  expect(await token()).toBe('token-1');
  await expect.poll(() => asked.length).toBe(2);
  expect(await token()).toBe('token-1');
  expect(asked).toHaveLength(2); // a pause, then again
  state.nowMs += 15_000;
  expect(await token()).toBe('token-1');
  expect(asked).toHaveLength(3);
  state.nowMs = 60 * minuteMs - 30_000;
  await expect(token()).rejects.toThrow(TokenError);
});

test('a failure is not remembered', async () => {
  const { token, state, issue } = setup();
  state.next = () => Promise.reject(new Error('issuer down'));
  await expect(token()).rejects.toThrow(TokenError);
  state.next = () => issue();
  expect(await token()).toBe('token-2');
});

test('an issuer that never answers fails in time', async () => {
  const { token, state } = setup(10);
  state.next = () => new Promise(() => undefined);
  await expect(token()).rejects.toMatchObject({ name: 'TokenError', cause: { name: 'TimeoutError' } });
});

test('no token is a failure', async () => {
  const { token, state } = setup();
  state.next = () => Promise.resolve(null);
  await expect(token()).rejects.toThrow(TokenError);
});

describe('a refused token', () => {
  test('is not given again: a new credential, whose cache is empty, is asked', async () => {
    const { credential, token, state } = setup();
    await token();
    expect(credential.tokenRefused(scope, 'token-1')).toBe(true);
    expect(await Promise.all([token(), token()])).toEqual(['token-2', 'token-2']);
    expect(state.made).toBe(2);
  });

  test('that was replaced since leaves the newer one alone', async () => {
    const { credential, token, asked } = setup();
    await token();
    credential.tokenRefused(scope, 'token-1');
    expect(credential.tokenRefused(scope, 'token-1')).toBe(true); // while the new one is on its way
    await token();
    expect(credential.tokenRefused(scope, 'token-1')).toBe(true);
    expect(await token()).toBe('token-2');
    expect(asked).toHaveLength(2);
  });

  test('so soon after another one stays until the pause is over', async () => {
    const { credential, token, asked, state } = setup();
    await token();
    credential.tokenRefused(scope, 'token-1');
    await token();
    state.nowMs += 14_999;
    expect(credential.tokenRefused(scope, 'token-2')).toBe(false);
    expect(await token()).toBe('token-2');
    expect(asked).toHaveLength(2);
    state.nowMs += 1;
    expect(credential.tokenRefused(scope, 'token-2')).toBe(true);
    expect(await token()).toBe('token-3');
  });

  test('is not given either when no new one can be had', async () => {
    const { credential, token, state, issue } = setup();
    await token();
    state.next = () => Promise.reject(new Error('issuer down'));
    credential.tokenRefused(scope, 'token-1');
    await expect(token()).rejects.toThrow(TokenError);
    state.next = () => issue();
    expect(await token()).toBe('token-3');
  });

  test('does not come back by a renewal that was under way', async () => {
    const { credential, token, state, issue } = setup();
    await token();
    let answer = (): void => undefined;
    state.next = () => new Promise((resolve) => (answer = () => resolve(issue({ token: 'token-1' }))));
    state.nowMs = 57 * minuteMs;
    await token();
    credential.tokenRefused(scope, 'token-1');
    state.next = () => issue();
    expect(await token()).toBe('token-3');
    answer();
    await new Promise(setImmediate);
    expect(await token()).toBe('token-3');
  });
});

describe('claims', () => {
  test('are asked for at once, and the new token takes the old one’s place', async () => {
    const { credential, token, asked } = setup();
    await token();
    await credential.getToken(scope, { claims: '{}', enableCae: true });
    expect(asked[1]).toMatchObject({ claims: '{}', enableCae: true });
    expect(await token()).toBe('token-2');
  });

  test('of several callers are asked for once, and again only after a pause', async () => {
    const { credential, token, asked, state } = setup();
    await token();
    const challenged = async () => (await credential.getToken(scope, { claims: '{}' }))?.token;
    expect(await Promise.all([challenged(), challenged()])).toEqual(['token-2', 'token-2']);
    expect(await challenged()).toBe('token-2');
    expect(asked).toHaveLength(2);
    state.nowMs += 15_000;
    expect(await challenged()).toBe('token-3');
  });
});

test('one caller’s abort does not fail the others', async () => {
  const { credential, asked } = setup();
  const stop = new AbortController();
  const pending = credential.getToken(scope, { abortSignal: stop.signal });
  stop.abort();
  await expect(pending).resolves.toMatchObject({ token: 'token-1' });
  expect(asked[0]?.abortSignal?.aborted).toBe(false);
});
