import type { RegistryRef } from '../../domain/replication.ts';

const armId =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ContainerRegistry\/registries\/([a-z0-9]+)$/i;

/** The registry that an ARM id names; undefined of any other text. */
export function registryOfId(id: string): RegistryRef | undefined {
  const [, subscriptionId, resourceGroup, name] = armId.exec(id.replace(/\/+$/, '')) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { subscriptionId: subscriptionId.toLowerCase(), resourceGroup, name };
}

/** Whether a text is the id of a subscription. */
export function isSubscriptionId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
