import { setTimeout as delay } from 'node:timers/promises';
import { apiVersion, plural, type RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { KubeAdmin } from '../kube-admin.ts';
import { elapsed, type Screen } from './screen.ts';
import { kubectlCells, type Table } from './tables.ts';
import { openView } from './view.ts';

export interface Watch {
  /** The line that ends the step. */
  readonly done: string;
  /** The line that is shown while the step lasts. */
  readonly waitingFor: string;
  readonly deadlineMs: number;
  readonly holds: (object: RegistryReplication) => boolean;
}

/** A step did not get where it should in time. */
export class Missed extends Error {}

const lookMs = 250;

/** `kubectl get registryreplications` of a namespace, live, until its one object is as it should be. */
export async function watchObject(
  screen: Screen,
  kube: KubeAdmin,
  namespace: string,
  signal: AbortSignal,
  { done, waitingFor, deadlineMs, holds }: Watch,
): Promise<void> {
  const startedMs = Date.now();
  screen.say(`$ kubectl get ${plural} -n ${namespace}`, 'bold');
  const view = openView(screen, waitingFor);
  try {
    for (;;) {
      signal.throwIfAborted();
      const table = await tableOf(kube, namespace);
      const object = table.rows[0]?.object;
      view.show(kubectlCells(table), object?.status?.replicas ?? []);
      if (object !== undefined && holds(object)) break;
      if (Date.now() - startedMs > deadlineMs) throw missed(waitingFor, Date.now() - startedMs, object);
      await delay(lookMs, undefined, { signal });
    }
  } finally {
    view.settle();
  }
  screen.say();
  screen.done(done, startedMs);
}

/** Asks for the table of the objects as kubectl does, so that the columns are those that the CRD names. */
function tableOf(kube: KubeAdmin, namespace: string): Promise<Table<RegistryReplication>> {
  return kube.request('GET', `/apis/${apiVersion}/namespaces/${namespace}/${plural}`, undefined, {
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    query: { includeObject: 'Object' },
  });
}

function missed(waitingFor: string, lastedMs: number, object: RegistryReplication | undefined): Missed {
  const ready = object?.status?.conditions?.find(({ type }) => type === 'Ready');
  const said = ready === undefined ? 'The operator has said nothing about it.' : `${ready.reason}: ${ready.message}`;
  return new Missed(`Still ${waitingFor} after ${elapsed(lastedMs)}. ${said}`);
}
