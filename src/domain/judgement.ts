import { isDeleting } from '../api/registryreplication.ts';
import { differencesOf } from './differences.ts';
import { type Drift, driftsOf } from './drift.ts';
import type { Facts } from './pass.ts';
import type { Difference } from './plan-lines.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** The facts of a pass and what they mean, worked out once: status, Events, log lines and metrics are written from it. */
export interface Judged extends Facts {
  readonly verdict: Verdict;
  /** What still differs between the spec and Azure. */
  readonly differences: readonly Difference[];
  /** What somebody else changed since the last pass. */
  readonly drifts: readonly Drift[];
}

export function judge(facts: Facts): Judged {
  const { finding, object } = facts;
  const differences = finding.kind === 'observed' ? differencesOf(finding, isDeleting(object)) : [];
  return { ...facts, verdict: verdictOf(facts, differences), differences, drifts: driftsOf(facts, differences) };
}
