import { type RegistryReplication, requestedAt } from '../api/registryreplication.ts';
import { type Failure, waitsItsTurn } from './failure.ts';
import type { Decision } from './plan.ts';
import type { Region } from './region.ts';
import type { Actual, Desired, Replica } from './replication.ts';
import { truncated } from './text.ts';

/** What came of acting on a decision. */
export type Result =
  /** ARM took the PUT; `replica` is its answer. */
  | { readonly kind: 'created'; readonly replica: Replica; readonly attempt: number }
  /** ARM took the PATCH; `replica` is its answer. */
  | { readonly kind: 'updated'; readonly replica: Replica }
  /** ARM took the DELETE. */
  | { readonly kind: 'deleting'; readonly attempt: number }
  /** Nothing was written: a GET showed something else than LIST. Undefined: it is gone. */
  | { readonly kind: 'found'; readonly replica: Replica | undefined }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** The annotation that asks to look now, as much of it as the status takes; empty when there is none. */
export function requestOf({ metadata }: RegistryReplication): string {
  return truncated(metadata.annotations?.[requestedAt] ?? '', 1_024);
}

/** Somebody edited the object, or asked to look now, since its status was written: repairs count anew. */
export function isNewlyAsked(object: RegistryReplication): boolean {
  const { status, metadata } = object;
  return status?.observedGeneration !== metadata.generation || requestOf(object) !== (status.lastHandledRequest ?? '');
}

/** While the object is being deleted: status names every region of the set that may be left; a GET showed the others gone. */
export function knowsWhatIsLeft({ status, metadata }: RegistryReplication): boolean {
  const current = status?.phase === 'Deleting' && status.observedGeneration === metadata.generation;
  return current && status.replicas !== undefined;
}

/** All that one pass learned. Status and the next look are functions of this. */
export interface Facts {
  readonly object: RegistryReplication;
  readonly now: Date;
  /** Passes of this object in a row that met a failure, this one not counted. */
  readonly retries: number;
  readonly finding: Finding;
}

export type Finding =
  | { readonly kind: 'suspended'; readonly desired: Desired | undefined }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }
  /** An older object manages the registry. */
  | { readonly kind: 'claimed'; readonly holder: string; readonly desired: Desired }
  /** Azure did not say what there is. */
  | { readonly kind: 'unobserved'; readonly failure: Failure; readonly desired: Desired }
  | {
      readonly kind: 'observed';
      readonly desired: Desired;
      readonly actual: Actual;
      readonly decisions: readonly Decision[];
      readonly results: ReadonlyMap<Region, Result>;
    };

export type Observed = Finding & { readonly kind: 'observed' };

/** Everything that Azure refused, or that could not be asked, in this pass. */
export function failuresOf(finding: Finding): Failure[] {
  if (finding.kind === 'unobserved') return [finding.failure];
  if (finding.kind !== 'observed') return [];
  return [...finding.results.values()].flatMap((result) => (result.kind === 'failed' ? [result.failure] : []));
}

/** The same, without calls that only wait their turn: nothing is wrong with those. */
export function refusalsOf(finding: Finding): Failure[] {
  return failuresOf(finding).filter((failure) => !waitsItsTurn(failure));
}

/** The replicas as last heard of in this pass: LIST, overlaid with what GET, PUT and DELETE answered. */
export function replicasAfter({ actual, results }: Observed): ReadonlyMap<Region, Replica> {
  const after = new Map(actual.replicas);
  for (const [region, result] of results) {
    const before = after.get(region);
    if (result.kind === 'created' || result.kind === 'updated') after.set(region, result.replica);
    else if (result.kind === 'deleting' && before !== undefined) after.set(region, { ...before, state: 'Deleting' });
    else if (result.kind === 'found' && result.replica !== undefined) after.set(region, result.replica);
    else if (result.kind === 'found') after.delete(region);
  }
  return after;
}

/** Whether a wanted replica counts as ready, by readyWhen. displayStatus is free text; Ready is the one word seen for it. */
export function isReady(replica: Pick<Replica, 'state' | 'status'> | undefined, desired: Desired): boolean {
  if (replica?.state !== 'Succeeded') return false;
  return desired.readyWhen === 'Provisioned' || replica.status.toLowerCase() === 'ready';
}
