import type { Log } from '../../ports/log.ts';
import type { Clock } from '../../time/clock.ts';
import type { KubeClient } from '../http/client.ts';
import { Candidacy } from './candidacy.ts';
import { type LeaseTimes, leaseTimes } from './lease.ts';
import { watchRelease } from './release-watch.ts';
import { createStoredLease, type LeaseName } from './stored-lease.ts';
import { Tenure } from './tenure.ts';

export interface ElectionOptions extends LeaseName {
  /** A client of the election's own, because renewals must not wait for the passes' calls. One watch and one call at a time. */
  readonly client: KubeClient;
  /** Name of this process in the Lease. It must be unique, also after a restart. */
  readonly identity: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly times?: LeaseTimes;
  /** Told when this process begins to lead, and when it no longer does. */
  readonly onChange?: (leads: boolean) => void;
}

/** Of several operators at most one leads. */
export interface Election {
  /**
   * Waits until this process leads, or `stop` aborts. Then `lead` works, and ends by itself after `stop`; the lease is
   * renewed meanwhile and released afterwards, unless `lead` left something unfinished: then the others wait until it
   * expires. `lost` aborts when the lease is lost, which is for good: `lead` must end at once.
   */
  run(stop: AbortSignal, lead: (lost: AbortSignal) => Promise<'finished' | 'unfinished'>): Promise<'stopped' | 'lost'>;
  /**
   * To be called last of all before a write is sent: throws unless the lease is held now. A process that was paused
   * learns it here, before any of its timers fires. What remains is a pause longer than the lease between this call and
   * the moment the kernel has the request, and what the kernel or the network delivers late: neither Azure nor a status
   * takes a fencing token. A create or update that comes late repeats what its own pass decided; a delete was confirmed
   * by a GET just before.
   */
  readonly assertHeld: () => void;
  /** Why this process cannot even ask for the lease; undefined while it can. */
  problem(): string | undefined;
}

/** Leader election on a Lease, by the rules of client-go's leaderelection.go. */
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
