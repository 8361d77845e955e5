import { isDeleting, type RegistryReplication } from '../api/registryreplication.ts';
import { correlationIdOf } from '../domain/correlation.ts';
import { desiredOf, sameRegistry } from '../domain/desired.ts';
import { keyOf } from '../domain/key.ts';
import type { Memory } from '../domain/memory.ts';
import type { Finding, Observed } from '../domain/pass.ts';
import type { Actual, Desired } from '../domain/replication.ts';
import type { ReplicationApi } from '../ports/azure.ts';
import type { Ports } from '../ports/ports.ts';
import { registryHolder } from './ownership.ts';

/** What a pass saw: Azure as it is and the way to it, or why there is nothing to plan. */
export type Sight =
  | Exclude<Finding, Observed>
  | { readonly kind: 'seen'; readonly desired: Desired; readonly actual: Actual; readonly azure: ReplicationApi };

/**
 * Reads the spec, and Azure where the spec may be acted on: one LIST, and one GET of the registry where status does not
 * remember it. Writes nothing.
 */
export async function look(
  object: RegistryReplication,
  memory: Memory,
  ports: Ports,
  signal: AbortSignal,
): Promise<Sight> {
  const parsed = desiredOf(object, ports.settings.subscriptionId);
  if (object.spec.suspend === true && !isDeleting(object)) {
    return { kind: 'suspended', desired: parsed.ok ? parsed.desired : undefined };
  }
  if (!parsed.ok) return { kind: 'invalid', problems: parsed.problems };
  const { desired } = parsed;
  // What is deleted, and what is let go, must belong to the registry that status speaks of.
  const id = memory.registry?.id;
  if (id !== undefined && !sameRegistry(desired.registry, id)) {
    return { kind: 'invalid', problems: [otherRegistry(id)] };
  }
  const holder = desired.mode === 'Observe' ? undefined : registryHolder(object, desired, ports);
  if (holder !== undefined && holder.metadata.uid !== object.metadata.uid) {
    return { kind: 'claimed', holder: keyOf(holder), desired };
  }
  const azure = await ports.azure.as(desired.credentials, correlationIdOf(object), signal);
  if (!azure.ok) return { kind: 'unobserved', failure: azure.failure, desired };
  // Who asks to look now gets a registry that was read now.
  const isWrong = memory.conditions.get('Ready')?.reason === 'SkuNotPremium'; // status remembers the SKU of before
  const known = memory.asked || isWrong ? undefined : memory.registry;
  const actual = await azure.value.observe(desired.registry, known, signal, { anySku: isDeleting(object) });
  if (!actual.ok) return { kind: 'unobserved', failure: actual.failure, desired };
  return { kind: 'seen', desired, actual: actual.value, azure: azure.value };
}

function otherRegistry(id: string): string {
  return `the spec, with the operator's AZURE_SUBSCRIPTION_ID where it names no subscription, means another registry than ${id}, of which this object has taken care so far: name the subscription of that one in spec.registry.subscriptionId, or set deletionPolicy: Retain on this object, delete it and make another`;
}
