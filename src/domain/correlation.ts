import type { RegistryReplication } from '../api/registryreplication.ts';

/**
 * Goes with every request that one generation of an object causes, into its log lines, and into a message that tells of a
 * refusal: Azure's activity log finds all that was done for it by this id. The uid with the generation for its last
 * twelve digits, so that no message changes from pass to pass. Undefined for a uid that is no UUID.
 */
export function correlationIdOf({ metadata }: RegistryReplication): string | undefined {
  const [head] = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-(?=[0-9a-f]{12}$)/i.exec(metadata.uid) ?? [];
  return head === undefined ? undefined : `${head}${String(metadata.generation).padStart(12, '0')}`;
}
