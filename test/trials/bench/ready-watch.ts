import { apiVersion, plural, type RegistryReplication } from '../../../src/api/registryreplication.ts';
import { createKubeClient } from '../../../src/kube/http/client.ts';
import { loadKubeConfig } from '../../../src/kube/http/kubeconfig.ts';
import type { Access } from '../../sandbox/cluster-access.ts';

export interface ReadyWatch {
  /** Resolves when `count` objects have been Ready, with `performance.now()` of the event that completed the number. */
  reached(count: number, deadlineMs: number): Promise<number>;
  stop(): Promise<void>;
}

/** Watches a namespace's objects, or one of them. An object that was Ready once for its newest generation counts. */
export async function watchReady({ adminKubeconfig }: Access, namespace: string, name?: string): Promise<ReadyWatch> {
  const client = createKubeClient({ kubeConfig: loadKubeConfig({ kind: 'files', files: [adminKubeconfig] }) });
  const stop = new AbortController();
  const path = `/apis/${apiVersion}/namespaces/${namespace}/${plural}`;
  const query = { watch: 'true', ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }) };
  const begin = () => client.watch({ path, query }, stop.signal);
  const readyAt = new Map<string, number>();
  let waiting: { readonly count: number; readonly resolve: (at: number) => void } | undefined;
  let ended: unknown;
  const look = () => {
    if (waiting === undefined || readyAt.size < waiting.count) return;
    waiting.resolve(Math.max(...readyAt.values()));
    waiting = undefined;
  };
  const read = async (events: AsyncIterable<string>) => {
    for await (const line of events) {
      const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: RegistryReplication };
      if (type === 'ERROR') return;
      if (!readyAt.has(object.metadata.name) && isReady(object)) readyAt.set(object.metadata.name, performance.now());
      look();
    }
  };
  // The API server ends the watch of a reader that is too slow for it; a new one begins with all objects as they are.
  const reading = (async () => {
    for (let events = await begin(); ; events = await begin()) await read(events);
  })().catch((error: unknown) => {
    ended = error;
  });
  return {
    async reached(count, deadlineMs) {
      const reached = Promise.withResolvers<number>();
      waiting = { count, resolve: reached.resolve };
      look();
      const late = setTimeout(
        () => reached.reject(new Error(`after ${deadlineMs} ms ${readyAt.size} of ${count} objects are Ready`)),
        deadlineMs,
      );
      void reading.then(() => reached.reject(ended));
      try {
        return await reached.promise;
      } finally {
        clearTimeout(late);
      }
    },
    async stop() {
      stop.abort();
      await client.close();
      await reading;
    },
  };
}

function isReady({ metadata, status }: RegistryReplication): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' && ready.observedGeneration === metadata.generation;
}
