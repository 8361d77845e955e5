import type { RegistryReplication } from '../api/registryreplication.ts';
import { credentialsOf } from '../domain/desired.ts';
import { credentialsName } from '../domain/replication.ts';

/** What an object shares with others and what may hang for all of them: Azure's answers, and the sign-in. */
export interface Lanes {
  /** Whoever signs in: the operator, or credentials in a namespace. */
  readonly identity: string;
  /** The subscription, as that identity asks about it. */
  readonly subscription: string;
}

/** The lanes of an object; what is gone shares them with all that is gone, and makes no call. */
export function lanesOf(object: RegistryReplication | undefined): Lanes {
  if (object === undefined) return { identity: 'nobody', subscription: 'nobody' };
  const credentials = credentialsOf(object.spec, object.metadata.namespace);
  const identity = credentials === undefined ? 'operator' : credentialsName(credentials);
  return { identity, subscription: `${identity} ${(object.spec.registry.subscriptionId ?? '').toLowerCase()}` };
}

/**
 * How many workers a lane may occupy for each that is free. However many subscriptions hang, some workers stay free for
 * the others: of 32 a single subscription gets 22, one of two that hang 13, and an identity gets 26.
 */
const perFree = { identity: 4, subscription: 2 } as const;

/** How many workers each lane occupies. */
export class Occupancy {
  readonly #workers = new Map<string, number>();

  /** Which of these lanes no further worker may go into while so many are free. Undefined: there is room in both. */
  full({ identity, subscription }: Lanes, free: number): keyof Lanes | undefined {
    if (this.#of(identity) >= perFree.identity * free) return 'identity';
    return this.#of(subscription) >= perFree.subscription * free ? 'subscription' : undefined;
  }

  enter({ identity, subscription }: Lanes): void {
    this.#add(identity, 1);
    this.#add(subscription, 1);
  }

  leave({ identity, subscription }: Lanes): void {
    this.#add(identity, -1);
    this.#add(subscription, -1);
  }

  #of(lane: string): number {
    return this.#workers.get(lane) ?? 0;
  }

  #add(lane: string, workers: number): void {
    const now = this.#of(lane) + workers;
    if (now === 0) this.#workers.delete(lane);
    else this.#workers.set(lane, now);
  }
}
