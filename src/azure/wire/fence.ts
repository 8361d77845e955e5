import { Agent } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';

/**
 * Asks `fence` before each write, and again at the last moment that is ours: when its bytes are handed to the TLS
 * connection, which stands by then. Between the two the SDK makes a request of it, or a connection, and the process may
 * be paused meanwhile. Belongs behind every other policy. Through a proxy only the first holds: that agent is the SDK's.
 */
export function fencePolicy(fence: () => void): PipelinePolicy {
  const agent = fencedAgent(fence);
  return {
    name: 'acr-replication-operator-fence',
    async sendRequest(request, next) {
      if (request.method !== 'GET') {
        fence();
        request.agent ??= agent;
      }
      return await next(request);
    },
  };
}

/** For writes only. */
function fencedAgent(fence: () => void): Agent {
  const agent = new Agent({ keepAlive: true, timeout: 5_000 }); // as the global one, which the SDK uses
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

/** What `fence` throws breaks the connection. */
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
