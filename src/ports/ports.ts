import type { RegistryReplication } from '../api/registryreplication.ts';
import type { Announce } from '../domain/events.ts';
import type { Judged } from '../domain/judgement.ts';
import type { Clock } from '../time/clock.ts';
import type { AzureAccess } from './azure.ts';
import type { Store } from './store.ts';

/** What a pass needs from outside, and nothing wider. */
export interface Ports {
  readonly store: Store;
  readonly azure: AzureAccess;
  readonly clock: Clock;
  /** All objects about registries of this name, in any subscription. */
  readonly namesakes: (registryName: string) => readonly RegistryReplication[];
  /** A number from 0 to 1, another one each time. */
  readonly random: () => number;
  /** Told of each pass that was not the object's last, for log and metrics, before status is written; must not throw. */
  readonly observer: (judged: Judged) => void;
  /** Told what changed, once it is in the status. */
  readonly announce: Announce;
  readonly settings: PassSettings;
}

export interface PassSettings {
  /** First part of the owner tag; tells the operators of several clusters apart. */
  readonly clusterName: string;
  /** Subscription for objects whose spec names none. */
  readonly subscriptionId: string | undefined;
  /** Regions of one registry that are written to at once. */
  readonly maxConcurrentWrites: number;
  /**
   * Whether this operator looks after every object of a namespace and the store holds them all: then an owner there that
   * is not in it is gone. Never with a label selector, because another shard may have begun with an object since.
   */
  readonly seesAllOf: (namespace: string) => boolean;
}
