import { isRestError } from '@azure/core-rest-pipeline';
import type { RegistryRef } from '../../domain/replication.ts';
import { type ArmError, parseArmError } from '../wire/arm-error.ts';

/** Codes of a 404 that speaks of something around the replica. */
const outsideTheReplica = new Set([
  'ParentResourceNotFound',
  'ResourceGroupNotFound',
  'SubscriptionNotFound',
  'InvalidResourceType',
]);

/**
 * Whether an error proves that this one replica is not there: a 404 that has a code of Azure's and does not speak of
 * the registry. A proxy's page and an empty body prove nothing.
 */
export function isReplicaMissing(error: unknown): boolean {
  const { code, message } = saidWith404(error);
  if (code === undefined || outsideTheReplica.has(code)) return false;
  return !/\/registries\/[^/']+'/i.test(message);
}

/** Whether an error proves that this very registry, or the resource group around it, is not there. */
export function isRegistryMissing(error: unknown, { resourceGroup, name }: RegistryRef): boolean {
  const { code, message } = saidWith404(error);
  const text = message.toLowerCase();
  const inGroup = text.includes(`'${resourceGroup.toLowerCase()}'`);
  if (code === 'ResourceGroupNotFound') return inGroup;
  return code === 'ResourceNotFound' && inGroup && text.includes(`/registries/${name.toLowerCase()}'`);
}

/** What ARM said with a 404; without a code for an error that is none, or that does not come from ARM. */
function saidWith404(error: unknown): Pick<ArmError, 'code' | 'message'> {
  if (!isRestError(error) || error.statusCode !== 404) return { code: undefined, message: '' };
  return parseArmError(error.response?.bodyAsText ?? '') ?? { code: undefined, message: '' };
}
