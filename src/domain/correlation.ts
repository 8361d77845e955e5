import type { RegistryReplication } from '../api/registryreplication.ts';
import { isGuid } from './entra.ts';

/**
 * The id that goes with every request for one generation of an object, into its log lines, and into a message that tells
 * of a refusal: Azure's activity log finds by it all that was done. It is the uid with the generation for its last twelve
 * digits, so that no message changes from pass to pass. Undefined for a uid that is no UUID.
 */
export function correlationIdOf({ metadata }: RegistryReplication): string | undefined {
  if (!isGuid(metadata.uid)) return undefined;
  return `${metadata.uid.slice(0, -12)}${String(metadata.generation).padStart(12, '0')}`;
}
