import { Agent } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';

/**
 * Asks `fence` before each write, last of all: after tokens, and after the connection stands, for a process may be
 * paused in the handshake. Belongs behind every other policy. Through a proxy only the first holds: that agent is the
 * SDK's.
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

/** For writes only. A kept connection needs no second question: the request goes out in the turn of the first one. */
function fencedAgent(fence: () => void): Agent {
  const agent = new Agent({ keepAlive: true, timeout: 5_000 }); // as the global one, which the SDK uses
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, done) => {
    const socket = connect(options) as TLSSocket;
    const fail = (error: Error): void => done?.(error, socket);
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      socket.off('error', fail);
      try {
        fence();
      } catch (error) {
        socket.destroy();
        return fail(error as Error);
      }
      done?.(null, socket);
    });
    return undefined;
  };
  return agent;
}
