import type { Faults } from './faults.ts';
import type { GraphSettings } from './graph-settings.ts';
import type { Identity } from './identity.ts';
import type { OperationUrls } from './operation-url.ts';
import type { graphQuota, Quota } from './quota.ts';
import type { Habits, Times } from './settings.ts';
import type { Store } from './store.ts';
import type { Tokens } from './tokens.ts';

/** Everything the handlers of one emulator share. */
export interface Azure {
  readonly origin: string;
  store: Store;
  readonly faults: Faults;
  readonly tokens: Tokens;
  identity: Identity;
  readonly urls: OperationUrls;
  readonly quota: Quota;
  readonly graphQuota: ReturnType<typeof graphQuota>;
  readonly random: () => number;
  /** Draws the ages of what Resource Graph shows, and the order of rows that no query fixes. */
  readonly graphRandom: () => number;
  readonly seed: number;
  readonly pageSize: number | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** Names and display names of the cloud's regions. */
  readonly regions: ReadonlyMap<string, string>;
  /** Of registries that do not say theirs. */
  readonly zoneRedundancy: 'Enabled' | 'Disabled';
  /** Can be changed while it runs, and so can the next. */
  times: Times;
  habits: Habits;
  graph: GraphSettings;
}
