import { type AgentOptions, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { createSecureContext } from 'node:tls';

/** TCP and TLS together. */
const connectTimeoutMs = 10_000;
/** Above the pauses between passes, below the 90 s after which an API server closes an idle connection. */
const idleMs = 30_000;

export type Tls = Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'servername' | 'rejectUnauthorized'>;

/** So many HTTP/1.1 connections at most, kept open between requests; requests beyond them wait. */
export interface Pool {
  readonly agent: HttpAgent;
  /** What runs and what waits is finished; no connection is kept then. */
  retire(): void;
  isEmpty(): boolean;
  /** Ends every connection and makes no new one. */
  close(): void;
}

/** Throws when a certificate or key cannot be parsed. */
export function createPool(protocol: string, tls: Tls, connections: number): Pool {
  const options: AgentOptions = {
    keepAlive: true,
    keepAliveMsecs: 30_000,
    maxSockets: connections,
    timeout: idleMs, // ends a connection that is idle; nobody listens when it passes during a request
  };
  const agent = protocol === 'http:' ? new HttpAgent(options) : new HttpsAgent({ ...options, ...secureOptions(tls) });
  const openSocket = agent.createConnection.bind(agent);
  let closed = false;
  agent.createConnection = (...[wanted, done]: Parameters<typeof openSocket>) => {
    if (closed) {
      done?.(new Error('the pool is closed'), undefined as never); // to a request that waited until now
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

/** Certificates are parsed once, not for each connection. */
function secureOptions({ servername, rejectUnauthorized, ...context }: Tls): object {
  return {
    secureContext: createSecureContext(withoutUndefined(context)),
    ...withoutUndefined({ servername, rejectUnauthorized }),
  };
}

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
