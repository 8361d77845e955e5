import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { abortable } from '../../time/abortable.ts';
import type { KubeConfig } from './kubeconfig.ts';
import type { Answer, Outgoing } from './outgoing.ts';
import { createPool, type Pool, type PoolLimits, type Tls } from './pool.ts';
import { createSharedStreams } from './shared-streams.ts';

export interface Transport {
  /**
   * Sends one request and resolves when the headers of the answer have come; until then an abort counts. New
   * token and CA files count within a second.
   */
  send(request: Outgoing, signal: AbortSignal): Promise<Answer>;
  /** The same for an answer that is read for long. More than twenty of them share connections where they can. */
  sendLong(request: Outgoing, signal: AbortSignal): Promise<Answer>;
  /** Ends all connections. Running, waiting and later requests fail. */
  close(): void;
}

/** Over which connections a request goes: those of calls, one of its own, or one that is shared if that is possible. */
type Way = 'call' | 'long' | 'shared';

/** How many long answers have a connection each before others share some. */
const ownConnections = 20;

/**
 * Sends requests over pools of HTTP/1.1 connections that are kept: `connections` for calls, and one for each long answer
 * until there are twenty. What is shared is pinged, because an HTTP/2 connection that falls silent never recovers.
 */
export function createTransport(kubeConfig: KubeConfig, connections: number): Transport {
  const calls = keepPools({ connections, proxy: kubeConfig.proxy });
  const longs = keepPools({ connections: Number.POSITIVE_INFINITY, proxy: kubeConfig.proxy });
  const running = new Set<AbortController>();
  const shared = createSharedStreams();
  let hasNoSharing = kubeConfig.proxy !== undefined || kubeConfig.server.startsWith('http:');
  /** Long answers that have a connection of their own. */
  let long = 0;
  let closed = false;

  async function exchange(request: Outgoing, signal: AbortSignal, way: Way): Promise<Answer> {
    const { headers, tls, refused } = await kubeConfig.authorize();
    signal.throwIfAborted();
    const authorized = { ...request, headers: { ...request.headers, ...headers } };
    let answer: Answer | undefined = way === 'shared' ? await shared.send(authorized, tls, signal) : undefined;
    if (way === 'shared' && answer === undefined) hasNoSharing = true;
    // Both hear of new TLS settings.
    const { protocol } = request.to;
    const pools = { call: calls.poolFor(protocol, tls), long: longs.poolFor(protocol, tls) };
    const pool = way === 'call' ? pools.call : pools.long;
    answer ??= await sendWithSecondTry(authorized, pool.agent, signal);
    if (answer.statusCode === 401) refused();
    return answer;
  }

  async function sendStoppably(request: Outgoing, signal: AbortSignal, way: Way): Promise<Answer> {
    signal.throwIfAborted();
    if (closed) throw new Error('the client is closed');
    const stop = new AbortController();
    const passOn = (): void => stop.abort(signal.reason);
    signal.addEventListener('abort', passOn, { once: true });
    running.add(stop);
    try {
      // A request hears an abort only when it gets a connection, and an exec plugin never hears one.
      return await abortable(exchange(request, stop.signal, way), stop.signal);
    } finally {
      running.delete(stop);
      signal.removeEventListener('abort', passOn);
    }
  }

  async function sendWithSecondTry(request: Outgoing, agent: Agent, signal: AbortSignal): Promise<IncomingMessage> {
    const first = await sendOnce(request, agent, signal);
    if (first !== 'stale') return first;
    const second = await sendOnce(request, agent, signal);
    if (second !== 'stale') return second;
    throw Object.assign(new Error('the server closes kept connections'), { code: 'ECONNRESET' });
  }

  return {
    send: (request, signal) => sendStoppably(request, signal, 'call'),
    async sendLong(request, signal) {
      if (long >= ownConnections && !hasNoSharing) return await sendStoppably(request, signal, 'shared');
      long += 1;
      const end = (): void => {
        long -= 1;
      };
      try {
        const answer = await sendStoppably(request, signal, 'long');
        answer.once('close', end);
        return answer;
      } catch (error) {
        end();
        throw error;
      }
    },
    close() {
      closed = true;
      for (const stop of running) stop.abort(new Error('the client is closed'));
      for (const kept of [calls, longs, shared]) kept.close();
    },
  };
}

interface Pools {
  readonly poolFor: (protocol: string, tls: Tls) => Pool;
  /** Ends all connections. */
  readonly close: () => void;
}

/** Keeps one pool. When the CA or the client certificate changes, a new one takes over and the old one ends its work. */
function keepPools(limits: PoolLimits): Pools {
  let current: { readonly pool: Pool; readonly tls: Tls; readonly fingerprint: string } | undefined;
  const pools = new Set<Pool>();
  return {
    poolFor(protocol, tls) {
      if (current?.tls === tls) return current.pool;
      const { ca, cert, key, servername, rejectUnauthorized } = tls;
      const fingerprint = [ca, cert, key, servername, rejectUnauthorized].map(String).join('|');
      if (current?.fingerprint === fingerprint) {
        current = { ...current, tls };
        return current.pool;
      }
      const pool = createPool(protocol, tls, limits);
      for (const old of pools) {
        old.retire();
        if (old.isEmpty()) pools.delete(old);
      }
      pools.add(pool);
      current = { pool, tls, fingerprint };
      return pool;
    },
    close() {
      for (const pool of pools) pool.close();
      pools.clear();
    },
  };
}

/**
 * Sends a request once. 'stale' tells that the server closed a kept connection before it answered, usually before the
 * request had come. All but a POST may then be sent once more: each PATCH of ours first tests what it changes.
 */
function sendOnce(
  { to, path, method, headers, body, fence }: Outgoing,
  agent: Agent,
  signal: AbortSignal,
): Promise<IncomingMessage | 'stale'> {
  return new Promise((resolve, reject) => {
    const { protocol, hostname, port } = to;
    const start = protocol === 'http:' ? httpRequest : httpsRequest;
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const sent = start({ protocol, hostname, port, path, agent, method, headers: { ...headers, ...length }, signal });
    sent.on('response', resolve);
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const reset = error.code === 'ECONNRESET' || error.code === 'EPIPE';
      if (sent.reusedSocket && reset && method !== 'POST') resolve('stale');
      else reject(error);
    });
    if (fence === undefined) sent.end(body);
    else {
      sent.once('socket', (socket) =>
        whenReady(socket, () => {
          try {
            fence();
          } catch (error) {
            sent.destroy();
            return reject(error);
          }
          sent.end(body);
        }),
      );
    }
  });
}

/** Calls `ready` when the connection is made, TLS included. */
function whenReady(socket: Socket & { readonly secureConnecting?: boolean }, ready: () => void): void {
  if (socket.secureConnecting === true) socket.once('secureConnect', ready);
  else if (socket.connecting) socket.once('connect', ready);
  else ready();
}
