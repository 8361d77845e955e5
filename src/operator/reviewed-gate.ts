import { createGate, type Gate, type Pace } from '../http/token-gate.ts';
import type { KubeClient } from '../kube/http/client.ts';
import { createReviews } from '../kube/reviews.ts';
import type { Log } from '../ports/log.ts';
import type { Clock } from '../time/clock.ts';
import type { ConnectKube } from './mandate.ts';

export interface ReviewedGateOptions {
  /** The non-resource URL that a caller must be allowed to `get`. */
  readonly path: string;
  /** How many unknown tokens of one address are asked about; default as createGate has it. */
  readonly pace?: Pace;
  readonly connectKube: ConnectKube;
  readonly log: Log;
  readonly clock: Clock;
}

/** The time that the API server gets for a question about a token. */
const reviewTimeoutMs = 3_000;
/** How many such questions the API server gets at once. */
const reviewsAtOnce = 4;

/**
 * Makes a gate that asks the API server, over connections of its own: passes must not wait for the questions of
 * strangers.
 */
export function createReviewedGate({ path, pace, connectKube, log, clock }: ReviewedGateOptions): {
  readonly gate: Gate;
  readonly client: KubeClient;
} {
  const client = connectKube({ connections: reviewsAtOnce, timeoutMs: reviewTimeoutMs });
  const { visitorOf, mayGet } = createReviews(client);
  const gate = createGate({
    path,
    visitorOf,
    mayEnter: (visitor, signal) => mayGet(visitor, path, signal),
    ...(pace === undefined ? {} : { pace }),
    clock,
    onTrouble: (error) => log.warn('a token could not be checked', { path, error }),
  });
  return { gate, client };
}
