import { Agent, request } from 'undici';
import type { Access } from '../../sandbox/cluster-access.ts';
import type { Observed } from './contender.ts';

export interface ReadyWatch extends AsyncDisposable {
  /** Resolves when `count` objects have been ready, with `performance.now()` of the event that completed the number. */
  reached(count: number, deadlineMs: number): Promise<number>;
  /** How many objects have been ready so far. */
  count(): number;
  stop(): Promise<void>;
}

export interface Watched {
  /** Path of the objects. */
  readonly path: string;
  readonly isReady: (object: Observed) => boolean;
}

/** Watches objects. One that was ready once for its newest generation counts. */
export async function watchReady({ url, caPem, adminToken }: Access, { path, isReady }: Watched): Promise<ReadyWatch> {
  const dispatcher = new Agent({ connect: { ca: caPem }, bodyTimeout: 0 });
  const begin = async () => {
    const headers = { authorization: `Bearer ${adminToken}` };
    const response = await request(`${url}${path}?watch=true`, { headers, dispatcher });
    if (response.statusCode !== 200) throw new Error(`the watch of ${path} was answered by ${response.statusCode}`);
    return response.body;
  };
  const readyAt = new Map<string, number>();
  let waiting: { readonly count: number; readonly resolve: (at: number) => void } | undefined;
  let stopped = false;
  const look = () => {
    if (waiting === undefined || readyAt.size < waiting.count) return;
    waiting.resolve(Math.max(...readyAt.values()));
    waiting = undefined;
  };
  const read = async (body: AsyncIterable<Buffer>) => {
    for await (const line of lines(body)) {
      const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: Observed };
      if (type === 'ERROR') return;
      if (type !== 'DELETED' && !readyAt.has(object.metadata.name) && isReady(object))
        readyAt.set(object.metadata.name, performance.now());
      look();
    }
  };
  // The API server ends the watch of a reader that is too slow for it; a new one begins with all objects as they are.
  let body = await begin();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const reading = (async () => {
    for (; ; body = await begin()) await read(body);
  })().catch((error: unknown) => {
    if (!stopped) failed.reject(error);
  });
  const stop = async () => {
    stopped = true;
    await dispatcher.destroy();
    await reading;
  };
  return {
    stop,
    count: () => readyAt.size,
    [Symbol.asyncDispose]: stop,
    async reached(count, deadlineMs) {
      const reached = Promise.withResolvers<number>();
      waiting = { count, resolve: reached.resolve };
      look();
      const late = setTimeout(
        () => reached.reject(new Error(`after ${deadlineMs} ms ${readyAt.size} of ${count} objects are Ready`)),
        deadlineMs,
      );
      try {
        return await Promise.race([reached.promise, failed.promise]);
      } finally {
        clearTimeout(late);
      }
    },
  };
}

async function* lines(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  for await (const piece of body) {
    const last = piece.lastIndexOf(10);
    if (last < 0) {
      rest.push(piece);
      continue;
    }
    const text = Buffer.concat([...rest, piece.subarray(0, last)]).toString('utf8');
    rest = [piece.subarray(last + 1)];
    yield* text.split('\n');
  }
}
