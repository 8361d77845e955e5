import { setTimeout as delay } from 'node:timers/promises';
import {
  apiVersion,
  plural,
  type RegistryReplication,
  type ReplicaStatus,
} from '../../../src/api/registryreplication.ts';
import type { KubeAdmin } from '../kube-admin.ts';
import { elapsed, type Line, type Screen } from './screen.ts';
import { kubectlCells, kubectlLines, type Table } from './tables.ts';

export interface Watch {
  /** The line that ends it. */
  readonly done: string;
  /** Said while it lasts. */
  readonly waitingFor: string;
  readonly deadlineMs: number;
  readonly holds: (object: RegistryReplication) => boolean;
}

/** A step did not get where it should in time. */
export class Missed extends Error {}

const lookMs = 250;

/**
 * `kubectl get registryreplications`, live, until the object is as it should be; below it each replica as the operator's
 * status has it. Where lines cannot be drawn over, the table comes again only when a row changed (its age aside).
 */
export async function watchObject(
  screen: Screen,
  kube: KubeAdmin,
  namespace: string,
  signal: AbortSignal,
  { done, waitingFor, deadlineMs, holds }: Watch,
): Promise<RegistryReplication> {
  const startedMs = Date.now();
  const printed = changesOnly(screen);
  screen.say(`$ kubectl get ${plural} -n ${namespace}`, 'bold');
  for (;;) {
    signal.throwIfAborted();
    const table = await tableOf(kube, namespace);
    const cells = kubectlCells(table);
    const object = table.rows[0]?.object;
    const replicas = object?.status?.replicas ?? [];
    const isDone = object !== undefined && holds(object);
    const lastedMs = Date.now() - startedMs;
    if (!screen.interactive) printed(cells, replicas);
    const block: readonly Line[] = [
      ...kubectlLines(cells).map((text) => ({ text })),
      { text: '' },
      ...replicas.map(replicaLine),
    ];
    if (isDone) {
      screen.live([]);
      if (screen.interactive) for (const { text, style } of block) screen.say(text, style);
      screen.say();
      screen.done(done, startedMs);
      return object;
    }
    if (lastedMs > deadlineMs) {
      const ready = object?.status?.conditions?.find(({ type }) => type === 'Ready');
      throw new Missed(
        `${waitingFor}: not so after ${elapsed(lastedMs)}. ` +
          `The object says ${ready === undefined ? 'nothing yet' : `${ready.reason}: ${ready.message}`}`,
      );
    }
    const wait = `  … ${waitingFor}  ${elapsed(lastedMs)}`;
    screen.live([...block, { text: '' }, { text: wait, style: 'dim' }]);
    await delay(lookMs, undefined, { signal });
  }
}

function tableOf(kube: KubeAdmin, namespace: string): Promise<Table<RegistryReplication>> {
  return kube.request('GET', `/apis/${apiVersion}/namespaces/${namespace}/${plural}`, undefined, {
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    query: { includeObject: 'Object' },
  });
}

function replicaLine(replica: ReplicaStatus): Line {
  const { location, provisioningState = 'missing', status = '', managed, message, error } = replica;
  const note = error?.message ?? message ?? (managed === 'Home' ? 'home region' : '');
  const text = `  ${location.padEnd(18)} ${provisioningState.padEnd(10)} ${status.padEnd(8)} ${note}`.trimEnd();
  return provisioningState === 'Succeeded' && status === 'Ready' ? { text, style: 'dim' } : { text };
}

function changesOnly(
  screen: Screen,
): (cells: readonly (readonly string[])[], replicas: readonly ReplicaStatus[]) => void {
  let lastRows = '';
  const lastLines = new Map<string, string>();
  return (cells, replicas) => {
    const age = cells[0]?.indexOf('AGE');
    const rows = JSON.stringify(cells.map((row) => row.filter((_, column) => column !== age)));
    if (rows !== lastRows) for (const line of kubectlLines(cells)) screen.say(line);
    lastRows = rows;
    const lines = new Map(replicas.map((replica) => [replica.location, replicaLine(replica).text]));
    for (const [location, line] of lines) if (lastLines.get(location) !== line) screen.say(line);
    for (const location of lastLines.keys()) if (!lines.has(location)) screen.say(`  ${location.padEnd(18)} gone`);
    lastLines.clear();
    for (const [location, line] of lines) lastLines.set(location, line);
  };
}
