import type { Log } from '../../ports/log.ts';
import type { Clock } from '../../time/clock.ts';
import type { KubeClient } from '../http/client.ts';
import { Candidacy } from './candidacy.ts';
import { type LeaseTimes, leaseTimes } from './lease.ts';
import { watchRelease } from './release-watch.ts';
import { createStoredLease, type LeaseName } from './stored-lease.ts';
import { Tenure } from './tenure.ts';

export interface ElectionOptions extends LeaseName {
  /**
   * A client of the election's own with two connections, because renewals must not wait for the passes' calls: there is
   * one watch and one call at a time.
   */
  readonly client: KubeClient;
  /** Name of this process in the Lease. No other process may ever have it, not even this one after a restart. */
  readonly identity: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly times?: LeaseTimes;
  /** Called when this process begins to lead, and when it leads no longer. */
  readonly onChange?: (leads: boolean) => void;
}

/** Lets at most one of several operators lead. */
export interface Election {
  /**
   * Waits until this process leads, then calls `lead`, which works until `stop` aborts and ends by itself. The lease is
   * renewed meanwhile. It is released afterwards, unless `lead` left something unfinished: then the others wait until
   * it expires. `lost` aborts when the lease is lost, which is for good: `lead` must end at once.
   */
  run(stop: AbortSignal, lead: (lost: AbortSignal) => Promise<'finished' | 'unfinished'>): Promise<'stopped' | 'lost'>;
  /**
   * Throws unless the lease is held at this moment. Call it last of all before a write is sent: a process that was
   * paused learns here that it has lost the lease, before any of its timers fires. A write may still come too late when
   * the process is paused for longer than the lease between this call and the moment the kernel has the request, or
   * when the kernel or the network delivers it late: neither Azure nor a status takes a fencing token. A create or
   * update that comes late repeats what its own pass decided; a delete was confirmed by a GET just before.
   */
  readonly assertHeld: () => void;
  /** Why this process cannot even ask for the lease. Undefined: it can, or the API server does not answer. */
  problem(): string | undefined;
}

/** Elects a leader by means of a Lease, by the rules of client-go's leaderelection.go. */
export function createElection(options: ElectionOptions): Election {
  const { client, namespace, name, identity, log, clock, times = leaseTimes, onChange } = options;
  const stored = createStoredLease(client, { namespace, name });
  const about = { lease: `${namespace}/${name}`, identity };
  const common = { stored, identity, times, log, about, clock };
  const candidacy = new Candidacy({
    ...common,
    watch: (onRelease, stop) => watchRelease({ client, namespace, name, log, clock, onRelease }, stop),
  });
  const tenure = new Tenure({ ...common, onChange });
  return {
    async run(stop, lead) {
      const held = await candidacy.acquire(stop);
      if (held === undefined) return 'stopped';
      tenure.begin(held);
      const end = new AbortController();
      try {
        const renewing = tenure.renewUntil(end.signal);
        const how = await lead(tenure.lost);
        end.abort();
        await renewing;
        if (how === 'finished') await tenure.release();
      } finally {
        end.abort();
      }
      return tenure.lost.aborted ? 'lost' : 'stopped';
    },
    assertHeld: () => tenure.assertHeld(),
    problem: () => candidacy.problem,
  };
}
