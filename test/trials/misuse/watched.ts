import { apiVersion, plural, type RegistryReplication } from '../../../src/api/registryreplication.ts';
import { createKubeClient } from '../../../src/kube/http/client.ts';
import { loadKubeConfig } from '../../../src/kube/http/kubeconfig.ts';
import type { Access } from '../../sandbox/cluster-access.ts';
import { brokenLaws } from '../../support/status-laws.ts';

/** The objects of a namespace as the API server tells of them, each version once. */
export interface Watched {
  latest(name: string): RegistryReplication | undefined;
  /** Laws that any version of the object's status broke so far. */
  broken(name: string): readonly string[];
  /** Resolves at the next change of the object, or after `ms`. */
  change(name: string, ms: number): Promise<void>;
  stop(): Promise<void>;
}

export async function watchObjects({ adminKubeconfig }: Access, namespace: string): Promise<Watched> {
  const client = createKubeClient({ kubeConfig: loadKubeConfig({ kind: 'files', files: [adminKubeconfig] }) });
  const stop = new AbortController();
  const path = `/apis/${apiVersion}/namespaces/${namespace}/${plural}`;
  const begin = () => client.watch({ path, query: { watch: 'true' } }, stop.signal);
  const objects = new Map<string, RegistryReplication>();
  const broken = new Map<string, string[]>();
  const waiting = new Map<string, () => void>();

  function see(type: string, object: RegistryReplication): void {
    const { name } = object.metadata;
    const last = objects.get(name);
    if (type === 'DELETED') objects.delete(name);
    else objects.set(name, object);
    const laws = type === 'DELETED' ? [] : lawsBroken(last, object);
    broken.set(name, [...(broken.get(name) ?? []), ...laws]);
    waiting.get(name)?.();
  }

  const read = async (events: AsyncIterable<string>) => {
    for await (const line of events) {
      const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: RegistryReplication };
      if (type === 'ERROR') return;
      see(type, object);
    }
  };
  const first = await begin();
  const reading = (async () => {
    // The API server ends a watch after some minutes; a new one begins with all objects as they are.
    for (let events = first; ; events = await begin()) await read(events);
  })().catch(() => {});
  return {
    latest: (name) => objects.get(name),
    broken: (name) => broken.get(name) ?? [],
    async change(name, ms) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const late = setTimeout(resolve, ms);
      waiting.set(name, resolve);
      await promise;
      clearTimeout(late);
      waiting.delete(name);
    },
    async stop() {
      stop.abort();
      await client.close();
      await reading;
    },
  };
}

/** The laws that the status broke when it was written: the object may have been edited since. */
function lawsBroken(last: RegistryReplication | undefined, object: RegistryReplication): readonly string[] {
  const { metadata, status } = object;
  if (status?.observedGeneration === undefined || last?.metadata.uid !== metadata.uid) return [];
  const then = { ...object, metadata: { ...metadata, generation: status.observedGeneration } };
  const moved = (status.conditions ?? []).some((condition) => {
    const before = last.status?.conditions?.find(({ type }) => type === condition.type);
    return before?.status === condition.status && before.lastTransitionTime !== condition.lastTransitionTime;
  });
  return [
    ...brokenLaws(then, status),
    ...(moved ? ['lastTransitionTime moved although the status value did not'] : []),
    ...((last.status?.observedGeneration ?? 0) > status.observedGeneration ? ['observedGeneration went back'] : []),
  ];
}
