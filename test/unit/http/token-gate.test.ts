import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createGate, type Gate } from '../../../src/http/token-gate.ts';
import { clockAt } from '../../support/clock.ts';

const signal = new AbortController().signal;

describe('the gate before /metrics', () => {
  let nowMs = 0;
  const visitorOf = vi.fn<(token: string) => Promise<string | undefined>>();
  const mayEnter = vi.fn<(visitor: string) => Promise<boolean>>();
  const onTrouble = vi.fn<(error: unknown) => void>();
  let gate: Gate;
  const ask = (token: string | undefined, address = '10.0.0.1') =>
    gate({ authorization: token === undefined ? undefined : `Bearer ${token}`, address }, signal);
  const statusOf = async (...args: Parameters<typeof ask>) => {
    const admission = await ask(...args);
    return admission.kind === 'allowed' ? 200 : admission.status;
  };

  beforeEach(() => {
    nowMs = 0;
    visitorOf.mockReset().mockImplementation(async (token) => (token.startsWith('bad') ? undefined : token));
    mayEnter.mockReset().mockImplementation(async (visitor) => visitor.startsWith('prometheus'));
    onTrouble.mockReset();
    gate = createGate({ path: '/metrics', visitorOf, mayEnter, clock: clockAt(() => new Date(nowMs)), onTrouble });
  });

  test('lets in whose token may get /metrics, and nobody else', async () => {
    expect(await statusOf('prometheus')).toBe(200);
    expect(await statusOf('somebody')).toBe(403);
    expect(await statusOf('bad')).toBe(401);
    expect(await statusOf(undefined)).toBe(401);
    for (const authorization of ['prometheus', 'Basic prometheus', 'Bearer', 'Bearer a b']) {
      expect(await gate({ authorization, address: '' }, signal), authorization).toMatchObject({ status: 401 });
    }
    expect(visitorOf).toHaveBeenCalledTimes(3);
  });

  test('believes who somebody is for a minute, and what they may for five', async () => {
    for (const [atMs, reviews, rights] of [
      [0, 1, 1],
      [59_000, 1, 1],
      [61_000, 2, 1],
      [299_000, 3, 1],
      [301_000, 3, 2],
    ] as const) {
      nowMs = atMs;
      expect(await statusOf('prometheus')).toBe(200);
      expect([visitorOf.mock.calls.length, mayEnter.mock.calls.length], String(atMs)).toEqual([reviews, rights]);
    }
  });

  test('hears of a withdrawn token within a minute, and of a granted right within half a minute', async () => {
    await ask('prometheus');
    visitorOf.mockResolvedValue(undefined);
    nowMs = 60_000;
    expect(await statusOf('prometheus')).toBe(401);
    visitorOf.mockResolvedValue('somebody');
    expect(await statusOf('somebody')).toBe(403);
    mayEnter.mockResolvedValue(true);
    nowMs = 90_000;
    expect(await statusOf('somebody')).toBe(200);
  });

  test('asks once about one token, however many ask at the same time', async () => {
    expect(await Promise.all(Array.from({ length: 50 }, () => statusOf('prometheus')))).toEqual(Array(50).fill(200));
    expect(visitorOf).toHaveBeenCalledTimes(1);
  });

  test('holds a stranger with ever new tokens to five questions and one more each second', async () => {
    await ask('prometheus');
    const flood = async () => Promise.all(Array.from({ length: 500 }, (_, i) => statusOf(`bad-${nowMs}-${i}`)));
    nowMs = 10_000;
    expect((await flood()).filter((status) => status === 401)).toHaveLength(5);
    nowMs = 11_000;
    expect((await flood()).filter((status) => status === 401)).toHaveLength(1);
    expect(visitorOf).toHaveBeenCalledTimes(1 + 5 + 1);
    expect(await statusOf('prometheus')).toBe(200); // known: no question
    expect(await statusOf('prometheus-2', '10.0.0.2')).toBe(200); // from elsewhere
  });

  test('lets nobody new in while the API server is away, and keeps the token out of what it tells', async () => {
    await ask('prometheus');
    visitorOf.mockRejectedValue(new Error('ECONNREFUSED'));
    expect(await statusOf('prometheus')).toBe(200);
    expect(await statusOf('prometheus-2')).toBe(503);
    nowMs = 61_000;
    expect(await statusOf('prometheus')).toBe(503);
    expect(onTrouble.mock.calls.map(String)).not.toContainEqual(expect.stringContaining('prometheus'));
    visitorOf.mockResolvedValue('prometheus');
    expect(await statusOf('prometheus')).toBe(200);
    nowMs = 400_000;
    mayEnter.mockRejectedValue(new Error('ECONNREFUSED'));
    expect(await statusOf('prometheus')).toBe(503);
  });
});
