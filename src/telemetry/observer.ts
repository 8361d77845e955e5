import type { Judged } from '../domain/judgement.ts';
import { refusalsOf } from '../domain/pass.ts';
import type { Log } from '../ports/log.ts';
import { driftsCorrected, repairsBegun } from './measures.ts';
import type { Metrics } from './metrics.ts';
import type { ReadyTimes } from './ready-times.ts';
import { reportPass } from './report.ts';

export interface ObserverOptions {
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'driftCorrected' | 'repaired' | 'failed' | 'becameReady'>;
  readonly readyTimes: ReadyTimes;
}

/** Tells log and metrics of each pass. */
export function createObserver({ log, metrics, readyTimes }: ObserverOptions): (judged: Judged) => void {
  return (judged) => {
    reportPass(judged, log);
    metrics.driftCorrected(driftsCorrected(judged));
    metrics.repaired(repairsBegun(judged));
    for (const { reason } of refusalsOf(judged.finding)) metrics.failed(reason);
    const readyMs = readyTimes.becameReady(judged);
    if (readyMs !== undefined) metrics.becameReady(readyMs);
  };
}
