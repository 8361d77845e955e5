import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createFollowers } from '../../../src/map/followers.ts';
import type { Reply } from '../../../src/map/reply.ts';
import type { MapGate, Visit } from '../../../src/map/server.ts';

const visitOf = (address: string): Visit => ({
  method: 'GET',
  path: '/api/stream',
  query: new URLSearchParams(),
  headers: {},
  address,
  body: async () => '',
});

/** A stream that tells whether it was ended. */
class Stream extends EventEmitter {
  isEnded = false;
  end(): ServerResponse {
    this.isEnded = true;
    this.emit('close');
    return this as unknown as ServerResponse;
  }
}

/** Followers by name, whom a gate is asked about every millisecond. */
function followed(names: readonly string[], gate: MapGate) {
  const followers = createFollowers(gate, 1);
  onTestFinished(() => followers.close());
  const streams = new Map(names.map((name) => [name, new Stream()]));
  for (const [name, stream] of streams) followers.add(stream as unknown as ServerResponse, visitOf(name));
  return () => [...streams].filter(([, { isEnded }]) => isEnded).map(([name]) => name);
}

test('a stream ends when its visitor would not be let in any more, and no other', async () => {
  const answers = new Map<string, Reply>();
  const ended = followed(['expired', 'forbidden', 'welcome', 'unheard', 'hurried'], async ({ address }) =>
    answers.get(address),
  );
  expect(ended()).toEqual([]);
  for (const [name, status] of [
    ['expired', 401],
    ['forbidden', 403],
    ['unheard', 503],
    ['hurried', 429],
  ] as const)
    answers.set(name, { status, body: '' });
  await vi.waitFor(() => expect(ended()).toEqual(['expired', 'forbidden']));
});

test('a gate that fails ends no stream, and one that takes its time is not asked twice at once', async () => {
  let [asked, asking, most] = [0, 0, 0];
  const ended = followed(['a', 'b'], async () => {
    asked += 1;
    asking += 1;
    most = Math.max(most, asking);
    await new Promise((done) => setTimeout(done, 5));
    asking -= 1;
    if (asked % 2 === 0) throw new Error('no answer');
    return undefined;
  });
  await vi.waitFor(() => expect(asked).toBeGreaterThan(6));
  expect([most, ended()]).toEqual([1, []]);
});
