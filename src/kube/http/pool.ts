import { type AgentOptions, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { createSecureContext } from 'node:tls';

/** How long a connection may take to be made, TCP and TLS together. */
export const connectTimeoutMs = 10_000;
/**
 * How long an idle connection is kept: longer than the pauses between passes, and shorter than the 90 s after which an
 * API server closes it.
 */
const idleMs = 30_000;

/** How TLS is spoken with the API server: certificates and key as PEM. */
export interface Tls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

export interface PoolLimits {
  readonly connections: number;
  /** HTTP proxy through which connections are made (CONNECT); undefined: none. */
  readonly proxy: string | undefined;
}

/** A limited number of HTTP/1.1 connections that are kept open between requests. Further requests wait for one. */
export interface Pool {
  readonly agent: HttpAgent;
  /** Lets running and waiting requests end, and keeps no connection after them. */
  retire(): void;
  /** Whether no request runs or waits. */
  isEmpty(): boolean;
  /** Ends all connections and makes no new one. */
  close(): void;
}

/** A pool of at most `connections` connections. Throws when a certificate or key cannot be parsed. */
export function createPool(protocol: string, tls: Tls, { connections, proxy }: PoolLimits): Pool {
  const options: AgentOptions = {
    ...(proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } }),
    keepAlive: true,
    keepAliveMsecs: 30_000,
    maxSockets: connections,
    timeout: idleMs, // ends idle connections only: during a request nobody listens to it
  };
  const agent = protocol === 'http:' ? new HttpAgent(options) : new HttpsAgent({ ...options, ...secureOptions(tls) });
  const openSocket = agent.createConnection.bind(agent);
  let closed = false;
  agent.createConnection = (...[wanted, done]: Parameters<typeof openSocket>) => {
    if (closed) {
      done?.(new Error('the pool is closed'), undefined as never); // tells a request that was still waiting
      return undefined;
    }
    const socket = openSocket(wanted, done);
    if (socket) limitConnecting(socket, protocol === 'http:' ? 'connect' : 'secureConnect');
    return socket;
  };
  return {
    agent,
    retire() {
      agent.maxFreeSockets = 0;
      for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    },
    isEmpty: () => Object.keys(agent.sockets).length === 0 && Object.keys(agent.requests).length === 0,
    close() {
      closed = true;
      agent.destroy();
    },
  };
}

/** TLS options with certificates that are parsed already, so that they are not parsed for each connection. */
export function secureOptions({ servername, rejectUnauthorized, ...context }: Tls): object {
  return {
    secureContext: createSecureContext(withoutUndefined(context)),
    ...withoutUndefined({ servername, rejectUnauthorized }),
  };
}

/** Ends a connection that is not made in time. */
function limitConnecting(socket: Duplex, connected: 'connect' | 'secureConnect'): void {
  const timer = setTimeout(() => {
    const message = `not connected within ${connectTimeoutMs / 1000} s`;
    socket.destroy(Object.assign(new Error(message), { code: 'ETIMEDOUT' }));
  }, connectTimeoutMs);
  for (const event of [connected, 'close']) socket.once(event, () => clearTimeout(timer));
}

function withoutUndefined(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
