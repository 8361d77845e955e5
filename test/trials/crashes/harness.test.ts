import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { RegistryReplication, ReplicaStatus } from '../../../src/api/registryreplication.ts';
import { ok } from '../../../src/domain/failure.ts';
import { type Actual, bareReplica } from '../../../src/domain/replication.ts';
import type { ReplicationApi } from '../../../src/ports/azure.ts';
import type { Ports } from '../../../src/ports/ports.ts';
import type { Restart, Sabotage } from './run.ts';
import { scenarios } from './scenarios.ts';
import { baselineOf, sweep } from './sweep.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));

const soon: Restart = { afterMs: 1_000 };
const lagging: Restart = { afterMs: 1_000, stale: 'list' };

/** Ports whose Azure is worse: `change` replaces some of its calls. */
function withApi(ports: Ports, change: (api: ReplicationApi) => Partial<ReplicationApi>): Ports {
  const as: Ports['azure']['as'] = async (...who) => {
    const api = await ports.azure.as(...who);
    return api.ok ? ok({ ...api.value, ...change(api.value) }) : api;
  };
  return { ...ports, azure: { as } };
}

const bugs: readonly { bug: string; scenario: string; restart: Restart; finds: RegExp; sabotage: Sabotage }[] = [
  {
    bug: 'the finalizer goes on after the PUT',
    scenario: 'create three regions',
    restart: soon,
    finds: /the finalizer is on before the first write/,
    sabotage: (ports) => ({
      ...ports,
      store: {
        ...ports.store,
        addFinalizer: async (object) => object,
        writeStatus: async (object, status, signal) => {
          await ports.store.addFinalizer(object, signal);
          await ports.store.writeStatus(object, status, signal);
        },
      },
    }),
  },
  {
    bug: 'repairs are counted in memory only',
    scenario: 'repair until exhausted',
    restart: soon,
    finds: /japaneast: (create,delete,){4}create instead of (create,delete,){3}create/,
    sabotage: (ports) => {
      const counts = new Map<string, number | undefined>();
      const counted = (entry: ReplicaStatus): ReplicaStatus => {
        const attempts = counts.get(entry.location);
        return attempts === undefined ? entry : { ...entry, attempts };
      };
      const told = (object: RegistryReplication | undefined): RegistryReplication | undefined => {
        if (object?.status?.replicas === undefined) return object;
        return { ...object, status: { ...object.status, replicas: object.status.replicas.map(counted) } };
      };
      return {
        ...ports,
        store: {
          ...ports.store,
          get: (key) => told(ports.store.get(key)),
          refresh: async (object, signal) => told(await ports.store.refresh(object, signal)),
          writeStatus: async (object, status, signal) => {
            for (const { location, attempts } of status.replicas ?? []) counts.set(location, attempts);
            const replicas = (status.replicas ?? []).map((entry) => {
              const rest = { ...entry };
              delete rest.attempts;
              return rest;
            });
            await ports.store.writeStatus(object, { ...status, replicas }, signal);
          },
        },
      };
    },
  },
  {
    bug: 'status is written before the PUT',
    scenario: 'edit: two regions more',
    restart: soon,
    finds: /told ReplicaFailed/,
    sabotage: (ports) => {
      const later: (() => Promise<unknown>)[] = [];
      const worse = withApi(ports, (api) => ({
        create: async (ref, wish, signal) => {
          later.push(() => api.create(ref, wish, signal));
          return ok({ ...bareReplica(wish.region, wish.name, 'Creating'), tags: wish.tags });
        },
      }));
      const writeStatus: Ports['store']['writeStatus'] = async (object, status, signal) => {
        await ports.store.writeStatus(object, status, signal);
        for (const call of later.splice(0)) await call();
      };
      return { ...worse, store: { ...ports.store, writeStatus } };
    },
  },
  {
    bug: 'nothing is asked for before it is created',
    scenario: 'edit: two regions more',
    restart: lagging,
    finds: /create westeurope: is not there yet/,
    sabotage: (ports) => withApi(ports, () => ({ get: async () => ok(undefined) })),
  },
  {
    bug: 'LIST alone decides what is deleted',
    scenario: 'edit: one region less',
    restart: lagging,
    finds: /japaneast: delete,delete instead of delete/,
    sabotage: (ports) => {
      let listed: Actual | undefined;
      return withApi(ports, (api) => ({
        observe: async (ref, known, signal) => {
          const actual = await api.observe(ref, known, signal);
          if (actual.ok) listed = actual.value;
          return actual;
        },
        get: async (_ref, name) => ok([...(listed?.replicas.values() ?? [])].find((r) => r.name === name)),
      }));
    },
  },
  {
    bug: 'a create is remembered in memory only, and a replica on its way counts as missing',
    scenario: 'create three regions',
    restart: soon,
    finds: /create japaneast: is not there yet/,
    sabotage: (ports) => {
      const sent = new Set<string>();
      return withApi(ports, (api) => ({
        observe: async (ref, known, signal) => {
          const actual = await api.observe(ref, known, signal);
          if (!actual.ok) return actual;
          const replicas = [...actual.value.replicas].filter(([r, { state }]) => state !== 'Creating' || sent.has(r));
          return ok({ ...actual.value, replicas: new Map(replicas) });
        },
        get: async () => ok(undefined),
        create: async (ref, wish, signal) => {
          sent.add(wish.region);
          return await api.create(ref, wish, signal);
        },
      }));
    },
  },
];

describe('the sweep over all crash points finds it when', () => {
  for (const { bug, scenario, restart, finds, sabotage } of bugs) {
    test(bug, { timeout: 60_000 }, async () => {
      const found = scenarios.find(({ name }) => name === scenario);
      if (found === undefined) throw new Error(`there is no scenario "${scenario}"`);
      const { worse } = await sweep(await baselineOf(found), { first: [restart], sabotage });
      expect([...worse.keys()].filter((what) => finds.test(what))).not.toEqual([]);
    });
  }
});
