import { setTimeout as delay } from 'node:timers/promises';
import { apiVersion, kind, plural, type RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { Access } from '../../sandbox/cluster-access.ts';
import { type Emulator, startEmulator } from '../../sandbox/emulator/emulator.ts';
import { federatedApp, type OperatorProcess, startOperator } from '../../sandbox/operator.ts';
import { goodCredentials, grant, objectApp } from './credentials.ts';
import type { Loose } from './fields.ts';
import { ownSubscription } from './model.ts';
import type { Place } from './values.ts';
import { type Watched, watchObjects } from './watched.ts';

/** A namespace, an Azure with a registry for each lane, and the real program between them. */
export interface World {
  readonly cluster: Access;
  readonly namespace: string;
  readonly azure: Emulator;
  readonly operator: OperatorProcess;
  readonly places: readonly Place[];
  readonly watched: Watched;
  readonly path: (name: string) => string;
  /** Stores a spec; false and why when the API server refuses it. */
  readonly write: (name: string, spec: Loose, there: boolean) => Promise<Written>;
  readonly end: () => Promise<void>;
}

export type Written =
  | { readonly ok: true; readonly object: RegistryReplication }
  | { readonly ok: false; readonly why: string };

export interface WorldOptions {
  readonly cluster: Access;
  readonly lanes: number;
  /** The operator's program. Default: dist/main.js. */
  readonly program?: string | undefined;
}

/** Azure is quick here: what takes time is the operator's own pace. */
const quick = { operationMs: 60, syncMs: 20, deleteMs: 60, updateMs: 40, homeDelayMs: 20, journalSize: 50_000 };
const homes = ['eastus', 'westeurope', 'southeastasia'] as const;

export async function startWorld({ cluster, lanes, program }: WorldOptions): Promise<World> {
  const ends: (() => Promise<unknown>)[] = [];
  const end = async () => {
    for (const one of ends.splice(0).reverse()) await one();
  };
  try {
    const { kube } = cluster;
    const namespace = await kube.createNamespace('misuse');
    // A subscription each: the operator keeps to Azure's limits per subscription, which would make lanes wait for others.
    const places = Array.from({ length: lanes }, (_, lane): Place => {
      const subscriptionId = lane === 0 ? ownSubscription : `00000000-0000-4000-8000-${String(lane).padStart(12, '0')}`;
      return { name: `misuse${lane}`, resourceGroup: 'registries', subscriptionId, home: homes[lane % 3] ?? 'eastus' };
    });
    const app = await federatedApp(cluster);
    const azure = await startEmulator({
      ...quick,
      apps: [app, await objectApp(cluster, namespace)],
      subscriptions: places.map(({ subscriptionId }) => ({ id: subscriptionId })),
      registries: places.map(({ home, ...registry }) => ({ ...registry, location: home })),
    });
    ends.push(() => azure.stop());
    await grant(cluster, namespace);
    await goodCredentials(cluster, namespace);
    const operator = await startOperator({
      cluster,
      azure,
      namespaces: [namespace],
      ...(program === undefined ? {} : { program }),
    });
    ends.push(() => operator.kill());
    const watched = await watchObjects(cluster, namespace);
    ends.push(() => watched.stop());
    const collection = `/apis/${apiVersion}/namespaces/${namespace}/${plural}`;
    const path = (name: string) => `${collection}/${name}`;
    return {
      cluster,
      namespace,
      azure,
      operator,
      places,
      watched,
      path,
      end,
      async write(name, spec, there) {
        const request = (): Promise<RegistryReplication> =>
          there
            ? kube.request('PATCH', path(name), [{ op: 'replace', path: '/spec', value: spec }], {
                contentType: 'application/json-patch+json',
                query: { fieldValidation: 'Strict' },
              })
            : kube.request(
                'POST',
                collection,
                { apiVersion, kind, metadata: { name, namespace }, spec },
                { query: { fieldValidation: 'Strict' } },
              );
        return attempt(request);
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/**
 * Writes and says what came of it. A refusal is an answer; an API server that is too slow is asked again, twice at
 * most.
 */
async function attempt(request: () => Promise<RegistryReplication>): Promise<Written> {
  for (let tries = 1; ; tries++) {
    try {
      return { ok: true, object: await request() };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? Number(error.code) : 0;
      if (code === 400 || code === 422) return { ok: false, why: error instanceof Error ? error.message : '' };
      if (tries === 3 || (code > 0 && code < 500 && code !== 429)) throw error;
      await delay(500);
    }
  }
}
