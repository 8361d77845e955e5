import { History } from './history.ts';
import {
  type App,
  type Operation,
  past,
  type Registry,
  type Replica,
  type Settled,
  type State,
  type Subscription,
} from './model.ts';
import { homeReplica, same } from './seed.ts';

/** How many removed replicas are remembered per registry, and how many ended operations altogether. */
const REMOVED_KEPT = 20;
const OPERATIONS_KEPT = 20_000;

/** The state with its indexes. Time passes only when somebody looks: `registry()` brings what it returns up to date. */
export class Store {
  readonly state: State;
  readonly #clock: () => number;
  readonly #history: History;
  /** What was before this moment nobody knows. */
  readonly since: number;
  readonly #registries = new Map<string, Registry>();
  readonly #operations = new Map<string, Operation>();

  /** `horizon`: as far back somebody may ask what was. Default: nobody does. */
  constructor(state: State, clock: () => number, horizon: () => number = clock) {
    this.state = state;
    this.#clock = clock;
    this.#history = new History(horizon);
    this.since = clock();
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
    if (registry !== undefined) this.#settle(registry);
    return registry;
  }

  registries(where: (registry: Registry) => boolean): readonly Registry[] {
    const found = this.state.registries.filter(where);
    for (const registry of found) this.#settle(registry);
    return found;
  }

  /** To be called before the registry is changed, so that Resource Graph can go on showing what was. */
  remember(registry: Registry): void {
    this.#history.remember(registry.name, registry, this.#clock());
  }

  /** The registry as it was at that moment, with the replicas that it had then. */
  asOf(name: string, at: number): Registry | undefined {
    const live = this.registry(name);
    const version = this.#history.before(name, at);
    if (version === undefined) return live;
    const { registry } = version;
    if (registry === undefined || !isDue(registry, at)) return registry;
    const brought = structuredClone(registry);
    settle(brought, at);
    return brought;
  }

  /** Names of all registries that are there, or were. */
  knownNames(): readonly string[] {
    return [...new Set([...this.#registries.keys(), ...this.#history.names()])];
  }

  #settle(registry: Registry): void {
    const now = this.#clock();
    if (!isDue(registry, now)) return;
    this.#history.remember(registry.name, registry, now);
    settle(registry, now);
  }

  putRegistry(registry: Registry): void {
    if (this.registry(registry.name) === undefined) this.#history.remember(registry.name, undefined, this.#clock());
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
    for (const gone of index < 0 ? [] : this.state.registries.splice(index, 1)) this.remember(gone);
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

/** Whether the clock has brought anything that is not applied yet. */
function isDue({ homeDueAt, replicas }: Registry, now: number): boolean {
  return (
    past(homeDueAt, now) ||
    replicas.some((replica) => {
      const { operation, failing } = replica;
      const hasEnded = operation !== undefined && operation.applied !== true && past(operation.endsAt, now);
      return hasEnded || (failing !== undefined && past(failing.at, now) && running(replica, now) === undefined);
    })
  );
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
      registry.replicas.push(homeReplica(registry, homeDueAt));
  }
  for (const replica of registry.replicas.slice()) {
    const { operation } = replica;
    if (operation !== undefined && operation.applied !== true && past(operation.endsAt, now)) {
      operation.applied = true;
      end(registry, replica, operation, operation.endsAt ?? now);
    }
    fail(replica, now);
  }
}

/** What the end of an operation makes of its replica. */
function end(registry: Registry, replica: Replica, operation: Operation, at: number): void {
  const { outcome, kind, before, keeps, leaves } = operation;
  if (outcome.kind === 'vanishes' || (kind === 'delete' && outcome.kind === 'succeeds'))
    return remove(registry, replica, at);
  const wentWrong = outcome.kind === 'fails' || outcome.kind === 'canceled';
  if (wentWrong && keeps !== true) Object.assign(replica, before);
  const state = leaves ?? ({ succeeds: 'Succeeded', fails: 'Failed', canceled: 'Canceled' } as const)[outcome.kind];
  if (leaves === replica.settled || (state === 'Succeeded' && replica.settled === 'Succeeded')) return;
  breakOrHeal(replica, state, at, outcome.kind === 'fails' ? outcome.message : 'The operation was canceled.');
}

/** A replica that serves and is to fail by itself does so when its moment has come. */
function fail(replica: Replica, now: number): void {
  const { failing } = replica;
  if (failing === undefined || !past(failing.at, now) || running(replica, now) !== undefined) return;
  delete replica.failing;
  if (replica.settled === 'Succeeded') breakOrHeal(replica, failing.state, failing.at, failing.message);
}

/** The state and what the status says of it. */
export function breakOrHeal(replica: Replica, state: Settled, at: number, message: string): void {
  Object.assign(replica, { settled: state, statusAt: at });
  if (state === 'Succeeded') {
    delete replica.message;
    delete replica.displayStatus;
  } else Object.assign(replica, { message, displayStatus: state });
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
