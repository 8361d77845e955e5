import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { Replica } from '../../../src/domain/replication.ts';
import type { Ports } from '../../../src/ports/ports.ts';
import type { ModelAzure } from '../../support/model-azure.ts';
import type { AzureJournal, AzureJudge } from './azure-judge.ts';
import type { CrashCluster } from './cluster.ts';
import type { Remains } from './remains.ts';

/**
 * When a process dies, seen from one of its calls: before the call, or when it is carried out and not answered. A process
 * that dies with the answer in hand has done nothing yet that anybody else could see, so it leaves the same as `done`.
 */
export type Moment = 'before' | 'done';

/** How a process dies and the next one starts. */
export interface Crash {
  /** Number of the call, from 1, counted through all processes of a run. */
  readonly point: number;
  readonly moment: Moment;
  /** Which of the other writes in flight are carried out all the same: bit 0 the first. */
  readonly others: number;
  readonly restart: Restart;
}

export interface Restart {
  readonly afterMs: number;
  /** What the new process sees first as it was before the last write: the object, or Azure's LIST. Default: nothing. */
  readonly stale?: 'object' | 'list';
}

/** Something that people or Azure do: as soon as everything before it has settled, or as soon as `when` holds. */
export interface Stage {
  readonly when?: (outside: Outside) => boolean;
  readonly change: (outside: Outside) => void;
}

/** Everything that is not the operator's process. */
export interface Outside {
  readonly cluster: CrashCluster;
  readonly azure: ModelAzure;
  readonly judge: AzureJudge;
}

/** A call that waits for its turn to be carried out; it can be carried out in any copy of the outside. */
export interface WaitingCall {
  readonly name: string;
  /** Whether it changes something outside. */
  readonly isWrite: boolean;
  readonly carryOut: (outside: Outside) => unknown;
}

/** Makes a call wait for its turn; resolves with what carrying it out gave. */
export type CallOut = <T>(name: string, isWrite: boolean, carryOut: (outside: Outside) => T | Promise<T>) => Promise<T>;

/** What there is at the start, before any process. */
export interface Start {
  readonly objects: readonly RegistryReplication[];
  readonly replicas: readonly Replica[];
  readonly timeMs: number;
}

/** A moment at which a process could have died. */
export interface Death {
  readonly point: number;
  readonly moment: Moment;
  readonly remains: Remains;
  /** The other writes in flight at that moment. */
  readonly writes: readonly WaitingCall[];
}

export interface Run {
  /** Names of all calls since the start or the last crash, in order. */
  readonly calls: readonly string[];
  /** Two moments for each of the calls; empty unless the run was to be mortal. */
  readonly deaths: readonly Death[];
  readonly journal: AzureJournal;
  readonly violations: readonly string[];
  /** Every Event as `reason region`. */
  readonly told: ReadonlySet<string>;
  readonly end: Start;
}

/** Changes the ports of every process: to see whether worse ones are noticed, or to watch what goes through them. */
export type Sabotage = (ports: Ports, outside: Outside) => Ports;
