import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createElection } from '../kube/election/leadership.ts';
import { leaseTimes } from '../kube/election/lease.ts';
import type { KubeClient } from '../kube/http/client.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Clock } from '../time/clock.ts';
import type { LeaseConfig } from './kube-config.ts';

/** Makes a client of the API server with so many connections of its own and this time limit for each call. */
export type ConnectKube = (limits: { readonly connections: number; readonly timeoutMs: number }) => KubeClient;

/** The right of this process to work: always there without a lease to hold, else as long as the lease is held. */
export interface Mandate {
  isHeld(): boolean;
  /** Throws unless the mandate is held now; call it last of all before a write. Undefined when it is always held. */
  readonly fence: (() => void) | undefined;
  /** Says in one line why the API server refuses to show or give the lease; undefined while it does not. */
  problem(): string | undefined;
  /**
   * Waits until the mandate is held, then calls `work` once, unless `stop` aborts before. `work` must end soon after `stop`
   * aborts, and at once when its own signal aborts: the mandate is lost then, for good.
   */
  run(stop: AbortSignal, work: (lost?: AbortSignal) => Promise<'finished' | 'unfinished'>): Promise<'stopped' | 'lost'>;
  /** Ends the mandate's connections to the API server. */
  close(): Promise<void>;
}

export interface MandateOptions {
  /** The lease to hold; undefined: the operator is alone. */
  readonly lease: LeaseConfig | undefined;
  readonly connectKube: ConnectKube;
  readonly metrics: Pick<Metrics, 'leads'>;
  readonly log: Log;
  readonly clock: Clock;
}

/** Makes the mandate; nothing is asked of the API server before `run`. */
export function createMandate({ lease, connectKube, metrics, log, clock }: MandateOptions): Mandate {
  if (lease === undefined) return unconditional;
  const client = connectKube({ connections: 2, timeoutMs: leaseTimes.renewDeadlineMs / 2 });
  let isHeld = false;
  const notice = (leads: boolean): void => {
    isHeld = leads;
    metrics.leads(lease.name, leads);
  };
  notice(isHeld);
  const identity = `${hostname()}_${randomUUID()}`;
  const election = createElection({ client, ...lease, identity, log, clock, onChange: notice });
  return {
    isHeld: () => isHeld,
    fence: () => election.assertHeld(),
    problem: () => election.problem(),
    run: (stop, work) => election.run(stop, work),
    close: () => client.close(),
  };
}

/** The mandate of an operator that is alone. */
const unconditional: Mandate = {
  isHeld: () => true,
  fence: undefined,
  problem: () => undefined,
  async run(_stop, work) {
    await work();
    return 'stopped';
  },
  async close() {},
};
