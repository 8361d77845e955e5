import type { Condition, RegistryReplication } from '../../api/registryreplication.ts';
import { requestOf } from '../../domain/memory.ts';

/** How far the operator is with a request to look now. */
export type Progress =
  /** It has not taken notice of the request. */
  | { readonly kind: 'unseen' }
  /** It is at work. `text` says on what. */
  | { readonly kind: 'working'; readonly text: string }
  /** There is nothing to wait for: all is well, or only differences are reported. */
  | { readonly kind: 'done'; readonly text: string }
  /** There is nothing to wait for: a person must act. */
  | { readonly kind: 'stuck'; readonly text: string };

/** What the object says of the request `requested`, the value of the annotation requested-at. */
export function progressOf(object: RegistryReplication, requested: string): Progress {
  const { metadata, status = {} } = object;
  const newest = requestOf(object) || requested; // whoever has asked since gets the answer, and it is ours, too
  const isSeen = status.lastHandledRequest === newest && status.observedGeneration === metadata.generation;
  if (!isSeen) return { kind: 'unseen' };
  const conditions = new Map((status.conditions ?? []).map((condition) => [condition.type, condition]));
  const stalled = conditions.get('Stalled');
  if (stalled?.status === 'True') return { kind: 'stuck', text: textOf(stalled) };
  const ready = conditions.get('Ready');
  const count = status.summary === undefined ? '' : `${status.summary} `;
  const text = `${count}${ready === undefined ? '' : textOf(ready)}`.trim();
  return conditions.get('Reconciling')?.status === 'True' ? { kind: 'working', text } : { kind: 'done', text };
}

function textOf({ reason, message }: Condition): string {
  return message === '' ? reason : `${reason}: ${message}`;
}
