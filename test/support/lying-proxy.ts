import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as send } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { lines } from '../../src/kube/http/lines.ts';
import { createAuthority, issueServerCertificate } from '../sandbox/certificates.ts';
import { type Access, access } from '../sandbox/cluster-access.ts';

export interface Asked {
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly isWatch: boolean;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: {
    readonly metadata: { readonly name?: string; readonly uid?: string; readonly resourceVersion: string };
  };
}

/** Where the proxy departs from the truth; a member that is left out departs from nothing. */
export interface Lie {
  /** Answers in place of the API server; undefined: the API server answers. */
  readonly answer?: (asked: Asked) => { readonly status: number; readonly body: unknown } | undefined;
  /** The events to send in place of the API server's stream, and after them nothing; undefined: its own stream. */
  readonly stream?: (asked: Asked) => readonly WatchEvent[] | undefined;
  /** The events that the client gets in place of one. */
  readonly event?: (event: WatchEvent, asked: Asked) => readonly WatchEvent[];
  /** Changes the query before the API server gets it. */
  readonly ask?: (asked: Asked) => URLSearchParams;
  /** The body that the client gets when the answer is no watch. */
  readonly body?: (body: unknown, asked: Asked) => unknown;
}

/** Stands between a client and the real API server and says what the test wants of it. */
export interface LyingProxy extends AsyncDisposable {
  /** The cluster as seen through it. */
  readonly cluster: Access;
  readonly asked: readonly Asked[];
  /** Sets the lie from now on, for open watches too; without an argument the proxy tells the truth. */
  lie(lie?: Lie): void;
  /** The bytes stop, in both directions and with every connection open; the returned function lets them go on. */
  stall(): () => void;
  /** Ends all open watches, as a server ends them or by breaking their connections. */
  endWatches(how?: 'break'): void;
  /** Most requests within one second, since `sinceMs` (performance.now). */
  busiestSecond(sinceMs?: number): number;
}

export async function startLyingProxy(target: Access): Promise<LyingProxy> {
  const authority = await createAuthority('proxy');
  const { certPem: cert, keyPem: key } = await issueServerCertificate(authority);
  const agent = new Agent({ keepAlive: true, ca: target.caPem });
  const asked: Asked[] = [];
  const watches = new Set<ServerResponse>();
  let current: Lie = {};
  let open = Promise.resolve();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', target.url);
    const isWatch = query.get('watch') === 'true';
    const entry = { atMs: performance.now(), method: request.method ?? '', path, query, isWatch };
    asked.push(entry);
    await open;
    const instead = current.answer?.(entry);
    if (instead !== undefined) {
      response.writeHead(instead.status, { 'content-type': 'application/json' }).end(JSON.stringify(instead.body));
      return;
    }
    if (isWatch) {
      watches.add(response);
      response.on('close', () => watches.delete(response));
    }
    const stream = current.stream?.(entry);
    if (stream !== undefined) {
      response.writeHead(200).flushHeaders();
      for (const event of stream) write(response, event);
      return;
    }
    await forward(entry, request, Buffer.concat(chunks), response);
  }

  async function forward(entry: Asked, from: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const url = new URL(entry.path, target.url);
    url.search = (current.ask?.(entry) ?? entry.query).toString();
    const { host: _, ...headers } = from.headers;
    const sent = send(url, { agent, method: entry.method, headers });
    response.on('close', () => sent.destroy());
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const { 'content-length': _length, 'transfer-encoding': _encoding, ...kept } = answer.headers;
    await open;
    response.writeHead(answer.statusCode ?? 502, kept).flushHeaders();
    if (entry.isWatch && answer.statusCode === 200) {
      for await (const line of lines(answer, 64 * 1024 * 1024)) {
        await open;
        const event = JSON.parse(line) as WatchEvent;
        for (const told of current.event?.(event, entry) ?? [event]) write(response, told);
      }
      response.end();
      return;
    }
    const parts: Buffer[] = [];
    for await (const chunk of answer as AsyncIterable<Buffer>) parts.push(chunk);
    const text = Buffer.concat(parts).toString();
    await open;
    response.end(current.body === undefined ? text : JSON.stringify(current.body(JSON.parse(text), entry)));
  }

  const server = createServer({ cert, key }, (request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cluster = access({ ...target, url, caPem: authority.certPem });
  return {
    cluster,
    asked,
    lie(lie = {}) {
      current = lie;
    },
    stall() {
      const { promise, resolve } = Promise.withResolvers<void>();
      open = promise;
      return resolve;
    },
    endWatches(how) {
      for (const watch of watches) if (how === 'break') watch.destroy();
      for (const watch of watches) watch.end();
    },
    busiestSecond(sinceMs = 0) {
      const times = asked.map(({ atMs }) => atMs).filter((atMs) => atMs >= sinceMs);
      return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));
    },
    async [Symbol.asyncDispose]() {
      await cluster.close();
      agent.destroy();
      server.close();
      for (const socket of sockets) socket.destroy(); // those of the server that are in their handshake are none of its own
      await once(server, 'close');
    },
  };
}

function write(response: ServerResponse, event: WatchEvent): void {
  if (!response.writableEnded && !response.destroyed) response.write(`${JSON.stringify(event)}\n`);
}

/** A Status as the API server sends it. */
export function refusal(code: number, reason: string, message: string): { status: number; body: object } {
  return { status: code, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message } };
}
