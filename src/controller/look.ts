import { isDeleting, type RegistryReplication } from '../api/registryreplication.ts';
import { correlationIdOf } from '../domain/correlation.ts';
import type { Memory } from '../domain/memory.ts';
import { outsetOf } from '../domain/outset.ts';
import type { Finding, Observed } from '../domain/pass.ts';
import type { Actual, Desired } from '../domain/replication.ts';
import { urgencyOf } from '../domain/urgency.ts';
import type { ReplicationApi } from '../ports/azure.ts';
import type { Ports } from '../ports/ports.ts';
import { neighboursOf } from './ownership.ts';

/** What a pass saw: Azure as it is and the way to it, or why there is nothing to plan. */
export type Sight = Exclude<Finding, Observed> | Seen;
export type Seen = Open & { readonly kind: 'seen'; readonly actual: Actual };
/** Azure may be asked about the object, and this is the way to it. */
export type Way = Exclude<Finding, Observed> | (Open & { readonly kind: 'open' });
interface Open {
  readonly desired: Desired;
  readonly azure: ReplicationApi;
}

/** Reads the spec, and makes the way to Azure where the spec may be acted on. Asks nothing of Azure. */
export async function approach(
  object: RegistryReplication,
  memory: Memory,
  ports: Ports,
  signal: AbortSignal,
): Promise<Way> {
  const outset = outsetOf(object, memory, neighboursOf(ports));
  if (outset.kind !== 'clear') return outset;
  const { desired } = outset;
  const errand = { correlationId: correlationIdOf(object), urgency: urgencyOf(object) };
  const azure = await ports.azure.as(desired.credentials, errand, signal);
  if (!azure.ok) return { kind: 'unobserved', failure: azure.failure, desired };
  return { kind: 'open', desired, azure: azure.value };
}

/**
 * Reads Azure: one LIST, and where status does not remember them one GET of the registry and one of its endpoints; for an
 * object that nobody has looked at yet one GET serves for both. Writes nothing.
 */
export async function look(
  object: RegistryReplication,
  { desired, azure }: Open,
  memory: Memory,
  signal: AbortSignal,
): Promise<Sight> {
  // Who asks to look now gets a registry that was read now.
  const isWrong = memory.conditions.get('Ready')?.reason === 'SkuNotPremium'; // status remembers the SKU of before
  const known = memory.asked || isWrong ? undefined : memory.registry;
  const anySku = isDeleting(object);
  const endpoints = memory.status === undefined && azure.endpoints !== undefined && !anySku;
  const seen = await azure.observe(desired.registry, known, signal, { anySku, endpoints });
  if (!seen.ok) return { kind: 'unobserved', failure: seen.failure, desired };
  const actual = endpoints
    ? seen.value
    : await withEndpoints(seen.value, object, { desired, azure }, memory, hourMs, signal);
  return { kind: 'seen', desired, actual, azure };
}

const hourMs = 3_600_000;

/**
 * What was seen, with what is known of the registry's regional endpoints: where that is older than `maxAgeMs`, by one GET.
 * Where Pods may be using them, that is an hour. Nobody asks for an object that is being deleted.
 */
export async function withEndpoints(
  actual: Actual,
  object: RegistryReplication,
  { desired, azure }: Open,
  { hasEndpoints: known, asked }: Memory,
  maxAgeMs: number,
  signal: AbortSignal,
): Promise<Actual> {
  const told = isDeleting(object)
    ? undefined
    : await azure.endpoints?.(desired.registry, asked ? undefined : known, known === true ? hourMs : maxAgeMs, signal);
  return (told ?? known) === true ? { ...actual, registry: { ...actual.registry, regionalEndpoints: true } } : actual;
}
