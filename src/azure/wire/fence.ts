import { Agent } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { isQuery } from './graph-request.ts';
import { idleConnectionMs } from './http.ts';

/**
 * Asks `fence` before each write, and a second time when the write's bytes are handed to the open TLS connection,
 * which is the last moment that is ours: in between, while the SDK connects, the process may be paused. This policy
 * belongs behind every other one. Through a proxy it asks the first time only, because the agent for proxies is the
 * SDK's. A query of Resource Graph is a POST and no write.
 */
export function fencePolicy(fence: () => void): PipelinePolicy {
  const agent = fencedAgent(fence);
  return {
    name: 'acr-replication-operator-fence',
    async sendRequest(request, next) {
      if (request.method !== 'GET' && !isQuery(request)) {
        fence();
        request.agent ??= agent;
      }
      return await next(request);
    },
  };
}

/** An agent for writes only, whose connections ask `fence` before they send anything. */
function fencedAgent(fence: () => void): Agent {
  const agent = new Agent({ keepAlive: true, timeout: idleConnectionMs });
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, done) => {
    const socket = connect(options) as TLSSocket;
    const fail = (error: Error): void => done?.(error, socket);
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      socket.off('error', fail);
      askBeforeWrites(socket, fence);
      done?.(null, socket);
    });
    return undefined;
  };
  return agent;
}

/** Asks `fence` whenever bytes are handed to the socket; what `fence` throws breaks the connection. */
function askBeforeWrites(socket: TLSSocket, fence: () => void): void {
  const one = socket._write.bind(socket);
  const several = socket._writev?.bind(socket);
  const asked = (done: (error?: Error | null) => void, write: () => void): void => {
    try {
      fence();
    } catch (error) {
      return done(error as Error);
    }
    write();
  };
  socket._write = (chunk, encoding, done) => asked(done, () => one(chunk, encoding, done));
  if (several !== undefined) socket._writev = (chunks, done) => asked(done, () => several(chunks, done));
}
