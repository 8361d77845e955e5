import type { RegistryReplication } from '../api/registryreplication.ts';
import { isGuid } from './entra.ts';

/**
 * Goes with every request that one generation of an object causes, into its log lines, and into a message that tells of a
 * refusal: Azure's activity log finds all that was done for it by this id. The uid with the generation for its last
 * twelve digits, so that no message changes from pass to pass. Undefined for a uid that is no UUID.
 */
export function correlationIdOf({ metadata }: RegistryReplication): string | undefined {
  if (!isGuid(metadata.uid)) return undefined;
  return `${metadata.uid.slice(0, -12)}${String(metadata.generation).padStart(12, '0')}`;
}
