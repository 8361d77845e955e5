import { isDeepStrictEqual } from 'node:util';
import { apiVersion, plural, type RegistryReplication } from '../../../src/api/registryreplication.ts';
import { parseReplicaOnWire } from '../../../src/azure/parse.ts';
import type { Replica } from '../../../src/domain/replication.ts';
import { createKubeClient } from '../../../src/kube/http/client.ts';
import { loadKubeConfig } from '../../../src/kube/http/kubeconfig.ts';
import type { OperatorWorld } from '../../support/operator-world.ts';
import type { Moment } from './promises.ts';

/** Every version of a world's objects as a watch shows it, and what Azure had at that very moment. */
export interface Recorder {
  /** All so far of the objects about a registry; deleted ones end with their last version. */
  of(registry: string): readonly Moment[];
  /** Waits until this version has been recorded: what happens afterwards cannot be mistaken for what was then. */
  seen(object: RegistryReplication): Promise<RegistryReplication>;
  stop(): Promise<void>;
}

export async function record({ cluster, namespace, azure }: OperatorWorld): Promise<Recorder> {
  const client = createKubeClient({ kubeConfig: loadKubeConfig({ kind: 'files', files: [cluster.adminKubeconfig] }) });
  const stop = new AbortController();
  const moments: Moment[] = [];
  const waiting = new Set<() => void>();
  let ended: unknown;

  async function see(object: RegistryReplication): Promise<void> {
    const { name, resourceGroup, subscriptionId } = object.spec.registry;
    const state = await azure.control.state();
    const registry = state.registries.find(
      (r) =>
        r.name === name &&
        r.resourceGroup === resourceGroup &&
        (subscriptionId ?? r.subscriptionId) === r.subscriptionId,
    );
    const bodies = registry === undefined ? [] : await azure.control.replicas(name);
    const replicas = bodies.map(parseReplicaOnWire).filter((replica): replica is Replica => replica !== undefined);
    const last = moments.findLast((moment) => moment.object.metadata.uid === object.metadata.uid);
    const home = registry?.location ?? '';
    moments.push(
      last !== undefined && saysTheSame(last.object, object) ? { ...last, object } : { object, replicas, home },
    );
    for (const look of waiting) look();
  }
  const path = `/apis/${apiVersion}/namespaces/${namespace}/${plural}`;
  const events = await client.watch({ path, query: { watch: 'true' } }, stop.signal);
  const reading = (async () => {
    for await (const line of events) {
      const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: RegistryReplication };
      if (type === 'ADDED' || type === 'MODIFIED') await see(object);
    }
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) ended = error;
  });
  return {
    of: (registry) => moments.filter(({ object }) => object.spec.registry.name === registry),
    async seen(object) {
      const { uid, resourceVersion } = object.metadata;
      const there = () =>
        moments.some(
          ({ object: { metadata } }) => metadata.uid === uid && metadata.resourceVersion === resourceVersion,
        );
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = () => (there() ? resolve() : undefined);
      const late = setTimeout(
        () => reject(new Error(`version ${resourceVersion} was never watched: ${String(ended)}`)),
        10_000,
      );
      waiting.add(look);
      look();
      try {
        await promise;
      } finally {
        waiting.delete(look);
        clearTimeout(late);
      }
      return object;
    },
    async stop() {
      stop.abort();
      await client.close();
      await reading;
    },
  };
}

/** An annotation that asks to look: until somebody has looked, the status speaks of what there was. */
function saysTheSame(last: RegistryReplication, object: RegistryReplication): boolean {
  return last.metadata.generation === object.metadata.generation && isDeepStrictEqual(last.status, object.status);
}
