import { Agent, request } from 'undici';
import type { TestContext } from 'vitest';
import type { Emulator } from '../sandbox/emulator/emulator.ts';
import { signIn } from '../sandbox/emulator/sign-in.ts';
import { operatorAccount, operatorNamespace } from '../sandbox/operator.ts';
import { trafficSince } from '../trials/bench/audit.ts';
import { objectsPath, ours } from '../trials/bench/contender.ts';
import { watchReady } from '../trials/bench/ready-watch.ts';
import { operatorWorld } from './operator-world.ts';

/** https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling */
const published = {
  reads: { size: 250, perSecond: 25 },
  writes: { size: 200, perSecond: 10 },
  deletes: { size: 200, perSecond: 10 },
};
const regions = [{ location: 'japaneast' }, { location: 'westeurope' }, { location: 'brazilsouth' }];
const applyAtOnce = 16;

export interface CrowdReport {
  /** From the first apply until every object is Ready. */
  readonly seconds: number;
  /** Requests that Azure refused, the person's included. */
  readonly refused: number;
  /** Number of calls to Azure by verb and kind, without those for tokens. */
  readonly calls: Readonly<Record<string, number>>;
  /** Each call that a person with the same identity made meanwhile: its status and how long it took. */
  readonly person: readonly { readonly call: string; readonly status: number; readonly ms: number }[];
  /** The operator's writes to Kubernetes, of all objects together. */
  readonly kubeWrites: Readonly<Record<string, number>>;
  /** Number of replicas in Azure, without those of home regions. */
  readonly replicas: number;
}

/**
 * Brings so many objects with three regions each to Ready, in one subscription of an Azure that enforces its published
 * limits, while a person reads and writes there every `everyMs` with the operator's own identity.
 */
export async function crowd(
  t: Pick<TestContext, 'onTestFinished'>,
  { objects, everyMs, deadlineMs }: { readonly objects: number; readonly everyMs: number; readonly deadlineMs: number },
): Promise<CrowdReport> {
  const resourceGroup = 'registries';
  const names = Array.from({ length: objects }, (_, index) => `crowd${String(index).padStart(5, '0')}`);
  const world = await operatorWorld(t, {
    registries: [...names, 'person'].map((name) => ({ name, resourceGroup, location: 'eastus' })),
    buckets: published,
    journalSize: 1_000_000,
    latencyMs: 20,
  });
  const { azure, cluster, namespace } = world;
  const { crd, isReady } = await ours(undefined);
  const watch = await watchReady(cluster, { path: objectsPath(crd, namespace), isReady });
  t.onTestFinished(() => watch.stop());
  const person = await somebody(azure);
  t.onTestFinished(() => person.leave());
  await world.start();

  const username = `system:serviceaccount:${operatorNamespace}:${operatorAccount}`;
  const began = performance.now();
  const left = names.values();
  const apply = async () => {
    for (const name of left) await world.apply(name, { registry: { name, resourceGroup }, regions });
  };
  await Promise.all(Array.from({ length: applyAtOnce }, apply));
  const calls: CrowdReport['person'][number][] = [];
  let busy = Promise.resolve();
  const visits = setInterval(() => {
    busy = busy.then(async () => void calls.push(await person.call('GET'), await person.call('PUT')));
  }, everyMs);
  try {
    await watch.reached(objects, deadlineMs);
  } finally {
    clearInterval(visits);
  }
  const seconds = (performance.now() - began) / 1_000;
  await busy;
  const counters = Object.entries(await azure.control.counters());
  const replicas = await Promise.all(names.map((name) => azure.control.replicas(name)));
  return {
    seconds,
    refused: (await azure.control.journal()).filter(({ status }) => status === 429).length,
    calls: Object.fromEntries(counters.filter(([name]) => !/token|openid|keys|discovery/i.test(name))),
    person: calls,
    kubeWrites: trafficSince(cluster, 0, { username, namespace }).byKind,
    replicas: replicas.flat().filter(({ location }) => location !== 'eastus').length,
  };
}

/** Another client of the same app: what `az` in a pipeline would be. */
async function somebody(azure: Emulator) {
  const { url, caPem, subscriptionId } = azure;
  const dispatcher = new Agent({ connect: { ca: caPem } });
  const token = await signIn(azure, dispatcher);
  const registry = `/subscriptions/${subscriptionId}/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/person`;
  return {
    leave: () => dispatcher.destroy(),
    async call(method: 'GET' | 'PUT'): Promise<CrowdReport['person'][number]> {
      const path = method === 'GET' ? registry : `${registry}/replications/uksouth`;
      const sent = performance.now();
      const response = await request(`${url}${path}?api-version=2025-11-01`, {
        method,
        dispatcher,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(method === 'GET' ? {} : { body: JSON.stringify({ location: 'uksouth' }) }),
      });
      await response.body.text();
      return { call: method, status: response.statusCode, ms: Math.round(performance.now() - sent) };
    },
  };
}
