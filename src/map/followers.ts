import type { ServerResponse } from 'node:http';
import type { MapGate, Visit } from './server.ts';

/** The streams that were let in once, which may last for days. */
export interface Followers {
  /** Ends the stream when the gate would not let its visitor in any more. */
  add(response: Pick<ServerResponse, 'once' | 'end'>, visit: Visit): void;
  close(): void;
}

/** How often the gate is asked again about each; one after the other, so that it is not asked by all at once. */
const againMs = 5 * 60_000;
const answerTimeoutMs = 10_000;

/** A gate that cannot say at the moment, or is asked too much, ends no stream. */
export function createFollowers(gate: MapGate, everyMs = againMs): Followers {
  const visits = new Map<Pick<ServerResponse, 'once' | 'end'>, Visit>();
  let isAsking = false;

  async function askAgain(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    for (const [response, visit] of visits) {
      const refused = await gate(visit, AbortSignal.timeout(answerTimeoutMs)).catch(() => undefined);
      if (refused?.status === 401 || refused?.status === 403) response.end();
    }
    isAsking = false;
  }

  const timer = setInterval(() => void askAgain(), everyMs).unref();
  return {
    add(response, visit) {
      visits.set(response, visit);
      response.once('close', () => visits.delete(response));
    },
    close: () => clearInterval(timer),
  };
}
