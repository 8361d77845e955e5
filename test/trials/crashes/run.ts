import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { Replica } from '../../../src/domain/replication.ts';
import type { Ports } from '../../../src/ports/ports.ts';
import type { ModelAzure } from '../../support/model-azure.ts';
import type { AzureJournal } from './azure.ts';
import type { CrashCluster } from './cluster.ts';

/** When a process dies, seen from one of its calls: before it, carried out but not answered, just answered. */
export const moments = ['before', 'done', 'answered'] as const;

/** How a process dies and the next one starts. */
export interface Crash {
  /** Number of the call, from 1, counted through all processes of a run. */
  readonly point: number;
  readonly moment: (typeof moments)[number];
  /** Which of the other writes in flight are carried out all the same: bit 0 the first. */
  readonly others: number;
  readonly restart: Restart;
}

export interface Restart {
  readonly afterMs: number;
  /** What the new process sees first is older than the last write of the one before. */
  readonly stale?: 'object' | 'list';
}

/** What people and Azure do, each as soon as everything before it has settled, or as soon as `when` holds. */
export interface Stage {
  readonly when?: (outside: Outside) => boolean;
  readonly change: (outside: Outside) => void;
}

/** All that outlives a process. */
export interface Outside {
  readonly cluster: CrashCluster;
  readonly azure: ModelAzure;
}

/** What there is at the start, before any process. */
export interface Start {
  readonly objects: readonly RegistryReplication[];
  readonly replicas: readonly Replica[];
  readonly timeMs: number;
}

/**
 * Runs by all that was outside the process when the last of them died: what comes after it depends on nothing else, so
 * that runs which are the same from there on need not be gone through again.
 */
export type Memo = Map<string, Run>;

export interface Run {
  /** There was an equal one in the memo. */
  readonly known: boolean;
  /** Every call since the last crash, in order, and how many other writes were in flight beside it. */
  readonly calls: readonly { readonly name: string; readonly writesBeside: number }[];
  readonly journal: AzureJournal;
  readonly violations: readonly string[];
  /** `reason region`, of all Events. */
  readonly told: ReadonlySet<string>;
  readonly end: Start;
}

/** Makes the ports of every process worse, to see that it is noticed. */
export type Sabotage = (ports: Ports) => Ports;
