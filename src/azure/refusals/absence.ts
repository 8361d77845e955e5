import { isRestError } from '@azure/core-rest-pipeline';
import type { RegistryRef } from '../../domain/replication.ts';
import { type ArmError, parseArmError } from '../wire/arm-error.ts';

/**
 * Whether an error proves that this one replica of the registry is not there: ARM's 404 about the very resource, by code
 * and by name. Every other 404 (of a proxy, without a code, about the registry, the group, the namespace) proves nothing.
 */
export function isReplicaMissing(error: unknown, { name: registry }: RegistryRef, replica: string): boolean {
  const { code, message } = saidWith404(error);
  const resource = `/registries/${registry}/replications/${replica}'`.toLowerCase();
  return code === 'ResourceNotFound' && message.toLowerCase().includes(resource);
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
