import { type App, type Operation, past, type Registry, type Replica, type State, type Subscription } from './model.ts';
import { homeReplica, same } from './seed.ts';

/** How many removed replicas are remembered per registry, and how many ended operations altogether. */
const REMOVED_KEPT = 20;
const OPERATIONS_KEPT = 20_000;

/** The state with its indexes. Time passes only when somebody looks: `registry()` brings what it returns up to date. */
export class Store {
  readonly state: State;
  readonly #clock: () => number;
  readonly #registries = new Map<string, Registry>();
  readonly #operations = new Map<string, Operation>();

  constructor(state: State, clock: () => number) {
    this.state = state;
    this.#clock = clock;
    for (const registry of state.registries) this.#registries.set(registry.name.toLowerCase(), registry);
    for (const operation of state.operations) this.#operations.set(operation.id, operation);
    // A replica and the list of operations share one object; JSON has made two of it.
    for (const { replicas } of state.registries)
      for (const replica of replicas) {
        const shared = replica.operation && this.#operations.get(replica.operation.id);
        if (shared !== undefined) replica.operation = shared;
      }
  }

  subscription(id: string): Subscription | undefined {
    return this.state.subscriptions.find((s) => same(s.id, id));
  }

  app(clientId: string): App | undefined {
    return this.state.apps.find((a) => same(a.clientId, clientId));
  }

  /** The registry of this name, which is unique in all of Azure. */
  registry(name: string): Registry | undefined {
    const registry = this.#registries.get(name.toLowerCase());
    if (registry !== undefined) settle(registry, this.#clock());
    return registry;
  }

  registries(where: (registry: Registry) => boolean): readonly Registry[] {
    const found = this.state.registries.filter(where);
    for (const registry of found) settle(registry, this.#clock());
    return found;
  }

  putRegistry(registry: Registry): void {
    this.removeRegistry(registry.name);
    this.state.registries.push(registry);
    this.#registries.set(registry.name.toLowerCase(), registry);
    const subscription = this.subscription(registry.subscriptionId);
    if (subscription === undefined || subscription.resourceGroups.some((g) => same(g, registry.resourceGroup))) return;
    const grown = { ...subscription, resourceGroups: [...subscription.resourceGroups, registry.resourceGroup] };
    this.state.subscriptions.splice(this.state.subscriptions.indexOf(subscription), 1, grown);
  }

  removeRegistry(name: string): void {
    const index = this.state.registries.findIndex((r) => same(r.name, name));
    if (index >= 0) this.state.registries.splice(index, 1);
    this.#registries.delete(name.toLowerCase());
  }

  removeResourceGroup(subscriptionId: string, name: string): void {
    const subscription = this.subscription(subscriptionId);
    if (subscription === undefined) return;
    for (const registry of this.registries(
      (r) => same(r.subscriptionId, subscriptionId) && same(r.resourceGroup, name),
    ))
      this.removeRegistry(registry.name);
    const resourceGroups = subscription.resourceGroups.filter((g) => !same(g, name));
    this.state.subscriptions.splice(this.state.subscriptions.indexOf(subscription), 1, {
      ...subscription,
      resourceGroups,
    });
  }

  removeSubscription(id: string): void {
    const subscription = this.subscription(id);
    if (subscription === undefined) return;
    for (const group of subscription.resourceGroups) this.removeResourceGroup(id, group);
    this.state.subscriptions.splice(
      this.state.subscriptions.findIndex((s) => same(s.id, id)),
      1,
    );
  }

  operation(id: string): Operation | undefined {
    return this.#operations.get(id);
  }

  addOperation(operation: Operation): void {
    this.#operations.set(operation.id, operation);
    this.state.operations.push(operation);
    if (this.state.operations.length <= OPERATIONS_KEPT) return;
    for (const old of this.state.operations.splice(0, OPERATIONS_KEPT / 10)) this.#operations.delete(old.id);
  }
}

/**
 * Applies what the clock has brought: the home replica, ended deletes and roll-backs. All else is read off the
 * operation.
 */
function settle(registry: Registry, now: number): void {
  const { homeDueAt, location } = registry;
  if (homeDueAt !== undefined && past(homeDueAt, now)) {
    delete registry.homeDueAt;
    if (!registry.replicas.some((r) => r.location === location))
      registry.replicas.push(homeReplica(location, homeDueAt));
  }
  for (const replica of registry.replicas.slice()) {
    const { operation } = replica;
    if (operation === undefined || operation.applied === true || !past(operation.endsAt, now)) continue;
    operation.applied = true;
    const { outcome, kind, endsAt, before } = operation;
    if (outcome.kind === 'vanishes' || (kind === 'delete' && outcome.kind === 'succeeds')) {
      remove(registry, replica, endsAt ?? now);
    } else if (outcome.kind === 'fails') {
      Object.assign(replica, {
        settled: 'Failed',
        statusAt: endsAt,
        message: outcome.message,
        displayStatus: 'Failed',
        ...before,
      });
    } else if (outcome.kind === 'succeeds' && replica.settled === 'Failed') {
      replica.settled = 'Succeeded';
      delete replica.message;
      delete replica.displayStatus;
    }
  }
}

export function remove(registry: Registry, replica: Replica, at: number): void {
  registry.replicas.splice(registry.replicas.indexOf(replica), 1);
  registry.removed.push({ replica, at });
  if (registry.removed.length > REMOVED_KEPT) registry.removed.shift();
}

/** True while an operation of the replica is on its way. */
export function running(replica: Replica, now: number): Operation | undefined {
  const { operation } = replica;
  return operation === undefined || past(operation.endsAt, now) ? undefined : operation;
}
