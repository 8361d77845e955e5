import type { RegistryReplication } from '../api/registryreplication.ts';
import { recreateIn, recreateOf, requestOf } from './memory.ts';

/**
 * Who comes first where many wait. `edited`: somebody asked for something that status does not tell of yet, or a region is
 * drained. `moving`: Azure works on it. `steady`: nothing is known to have changed, and the look is for what nobody told.
 */
export type Urgency = 'edited' | 'moving' | 'steady';

/** From the most urgent to the least. */
export const urgencies: readonly Urgency[] = ['edited', 'moving', 'steady'];

/**
 * How many of each kind are served for one that is steady, while all kinds wait: nobody waits for ever. However many edits
 * and polls there are, a twenty-first is left for looks.
 */
export const turnsOf: Readonly<Record<Urgency, number>> = { edited: 16, moving: 4, steady: 1 };

/** How urgent the next pass over an object is, by what its status says. An object that is gone is quickly done with. */
export function urgencyOf(object: RegistryReplication | undefined): Urgency {
  if (object === undefined) return 'edited';
  const { metadata, status } = object;
  if (status?.observedGeneration !== metadata.generation) return 'edited';
  if (requestOf(object) !== (status.lastHandledRequest ?? '')) return 'edited';
  if (recreateOf(object) !== '' && recreateIn(object).size > 0) return 'edited';
  // A drain is begun by two passes, and its end must not wait.
  if (status.replicas?.some(({ drained }) => drained !== undefined) === true) return 'edited';
  const isMoving = status.conditions?.some(({ type, status: is }) => type === 'Reconciling' && is === 'True');
  return isMoving === true ? 'moving' : 'steady';
}
