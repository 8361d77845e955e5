import { differencesOf } from './differences.ts';
import { type Facts, type Observed, replicasAfter } from './pass.ts';
import type { Decision } from './plan.ts';
import type { Region } from './region.ts';
import { isProvisioned, type ReplicaState } from './replication.ts';

/** What somebody else did to one region. */
export interface Drift {
  readonly region: Region;
  readonly text: string;
}

/**
 * What came to differ from an unchanged spec since status was written: each change once, and before it is put right.
 * What Azure did by itself (a replica that failed, or vanished while being made) is none.
 */
export function driftsOf(facts: Facts): readonly Drift[] {
  const { object, finding } = facts;
  const { status, metadata } = object;
  const known = status?.registry !== undefined && status.observedGeneration === metadata.generation;
  if (!known || metadata.deletionTimestamp !== undefined || finding.kind !== 'observed') return [];
  // Until now it was not looked at: what is found there was there before.
  if (status.conditions?.some(({ reason }) => reason === 'RegistryClaimed')) return [];
  return finding.decisions.flatMap((decision) => {
    const text = driftOf(facts, finding, decision);
    return text === undefined ? [] : [{ region: decision.region, text }];
  });
}

function driftOf({ object }: Facts, finding: Observed, decision: Decision): string | undefined {
  const { region } = decision;
  const last = object.status?.replicas?.find(({ location }) => location === region);
  const before = last?.provisioningState as ReplicaState | undefined;
  const now = replicasAfter(finding).get(region)?.state;
  if (!finding.desired.wishes.has(region) && region !== finding.actual.registry.home) {
    const prunable = decision.kind !== 'keep' && decision.kind !== 'blocked';
    return before === undefined && now !== undefined && prunable ? 'added outside the operator.' : undefined;
  }
  if (last === undefined || before === undefined || !isProvisioned({ state: before })) return undefined;
  const missing = decision.kind === 'create' && finding.results.get(region)?.kind !== 'found';
  const going = decision.kind === 'wait' && now === 'Deleting';
  if (missing || going) return 'deleted outside the operator.';
  const settings = alteredSettings(finding, decision, before);
  const news = settings !== undefined && !object.status?.plan?.some((line) => line.startsWith(`~${region} `));
  return news ? `${settings} changed outside the operator.` : undefined;
}

/** While an update runs, which may be the operator's own, the settings are not final. */
function alteredSettings(finding: Observed, decision: Decision, before: ReplicaState): string | undefined {
  if (decision.kind === 'update') return Object.keys(decision.change).sort().join(' and ');
  if (before === 'Updating') return undefined;
  const line = differencesOf(finding, false).find((difference) => difference.startsWith(`~${decision.region} `));
  return line?.split(' ').slice(1).join(' and ');
}
