import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createAzureAccess } from '../azure/access.ts';
import { type CredentialConfig, credentialFor } from '../azure/identity/credential.ts';
import { createThrottle } from '../azure/limits/throttle.ts';
import { classify } from '../azure/refusals/classify.ts';
import { createReplicationApi } from '../azure/replications.ts';
import { armClients } from '../azure/wire/client.ts';
import { createController } from '../controller/controller.ts';
import { indexNamesakes } from '../controller/namesakes.ts';
import { reconcile } from '../controller/reconcile.ts';
import type { Facts } from '../domain/pass.ts';
import { apiServerHeard, azureToken, cacheSynced, leaseAskable, passesEnd } from '../http/checks.ts';
import { healthRoutes, startServer } from '../http/server.ts';
import { createElection } from '../kube/election/election.ts';
import { leaseTimes } from '../kube/election/lease.ts';
import { createEvents } from '../kube/events.ts';
import { createKubeClient } from '../kube/http/client.ts';
import { loadKubeConfig } from '../kube/http/kubeconfig.ts';
import { createKube } from '../kube/kube.ts';
import type { ArmRequest } from '../ports/arm-request.ts';
import type { Log } from '../ports/log.ts';
import { takeInventory } from '../telemetry/inventory.ts';
import { driftsCorrected, refusals, repairsBegun } from '../telemetry/measures.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { createReadyTimes } from '../telemetry/ready-times.ts';
import { reportPass } from '../telemetry/report.ts';
import type { Clock } from '../time/clock.ts';
import { version } from '../version.ts';
import type { Config } from './config.ts';
import { serveMetrics } from './metrics-server.ts';

/** For the Events of the last passes; stopping takes 10 s at most: 8 for passes, this, and 1 to release the lease. */
const lastEventsMs = 700;

/**
 * Builds the adapters, works until `signal` aborts, then ends the passes in hand and closes what it opened. Lost: another
 * operator works now, or may, and whatever this one had in hand was dropped.
 */
export async function runOperator(
  config: Config,
  log: Log,
  clock: Clock,
  signal: AbortSignal,
): Promise<'stopped' | 'lost'> {
  const { azure } = config;
  const metrics = createMetrics({ version, clock });
  const onAnswer = metrics.kubeRequest;
  const kubeConfig = loadKubeConfig(config.kube);
  const leaseClient = createKubeClient({
    kubeConfig,
    connections: 2,
    timeoutMs: leaseTimes.renewDeadlineMs / 2,
    onAnswer,
  });
  const { lease } = config;
  let works = lease === undefined;
  const leads = (is: boolean) => {
    works = is;
    if (lease !== undefined) metrics.leads(lease.name, is);
  };
  leads(works);
  const identity = `${hostname()}_${randomUUID()}`;
  const election = lease && createElection({ client: leaseClient, ...lease, identity, log, clock, onChange: leads });
  const fence = election && { fence: election.assertHeld };
  const kube = createKube({
    kubeConfig,
    namespaces: config.watch.namespaces,
    labelSelector: config.watch.selector,
    log,
    clock,
    onAnswer,
    ...fence,
  });
  const { store } = kube;
  const readyTimes = createReadyTimes(clock);
  store.onChange(readyTimes.noticed);
  const events = createEvents({ client: kube.client, instance: hostname(), log, clock });
  const { cloud, disableInstanceDiscovery } = azure;
  const signIn = (choice: CredentialConfig['choice']) =>
    credentialFor({ choice, cloud, disableInstanceDiscovery, clock });
  const credential = signIn(azure.credential);
  const throttle = createThrottle({ clock, share: config.armQuotaShare, meter: metrics });
  const connect = (as: typeof credential, { clientId = 'operator' }: { readonly clientId?: string | undefined }) => {
    const principal = clientId.toLowerCase(); // whom Azure counts the requests for, in each subscription
    const onRequest = (request: ArmRequest, subscriptionId: string) => {
      throttle.heard(principal, subscriptionId, request.remaining);
      meter(request, metrics, log);
    };
    const clientFor = armClients({ cloud, credential: as, version, onRequest, ...fence });
    const apiFor = createReplicationApi({ clientFor, clock });
    return (correlationId: string | undefined) => throttle.guard(principal, apiFor(correlationId));
  };
  const namesakes = indexNamesakes(store);
  const ports = {
    store,
    azure: createAzureAccess({
      own: connect(credential, azure.credential),
      source: kube.credentials,
      connect: (principal) => connect(signIn(principal), principal),
      clock,
    }),
    clock,
    namesakes,
    random: Math.random,
    observer: (facts: Facts) => {
      reportPass(facts, log);
      metrics.driftCorrected(driftsCorrected(facts));
      metrics.repaired(repairsBegun(facts));
      for (const reason of refusals(facts)) metrics.failed(reason);
      const readyMs = readyTimes.becameReady(facts);
      if (readyMs !== undefined) metrics.becameReady(readyMs);
    },
    announce: events.announce,
    settings: {
      clusterName: config.clusterName,
      subscriptionId: azure.subscriptionId,
      maxConcurrentWrites: config.maxConcurrentCreates,
      seesAllOf: (namespace: string) =>
        config.watch.selector === undefined &&
        (config.watch.namespaces.length === 0 || config.watch.namespaces.includes(namespace)),
    },
  };
  const controller = createController({
    store,
    namesakes,
    reconcile: (key, retries, stop) => reconcile(key, retries, ports, stop),
    workers: config.maxConcurrentReconciles,
    log,
    meter: metrics,
  });
  kube.credentials.onChange((key) => controller.lookAt(key));
  metrics.maxConcurrentPasses(config.maxConcurrentReconciles);
  metrics.countFrom(() => takeInventory(works ? store.list() : [])); // a sum over all pods counts each object once

  const explain = (error: unknown) =>
    classify(error, { ref: { subscriptionId: '', resourceGroup: '', name: '' } }, clock.now()).message;
  const silentMs = () => {
    const last = kube.lastContact();
    return last === undefined ? undefined : clock.now().getTime() - last.getTime();
  };
  const getToken = (abortSignal: AbortSignal) =>
    credential.getToken(azure.cloud.tokenScope, { abortSignal, enableCae: true });
  const metricsServer = await serveMetrics({ config, kubeConfig, metrics, log, clock });
  const healthServer = await startServer(
    config.healthAddress,
    healthRoutes({
      live: [passesEnd(() => controller.longestPassMs())],
      ready: [
        cacheSynced(() => kube.isSynced()),
        apiServerHeard(silentMs),
        leaseAskable(() => election?.problem()),
        azureToken({ getToken, explain, clock }),
      ],
    }),
  );
  log.info('started', {
    version,
    node: process.version,
    credential: azure.credential.kind,
    resourceManager: azure.cloud.resourceManagerEndpoint,
    namespaces: config.watch.namespaces.length === 0 ? 'all' : config.watch.namespaces,
    metricsPort: metricsServer.port,
    healthPort: healthServer.port,
  });

  const watch = new AbortController();
  signal.addEventListener('abort', () => watch.abort(), { once: true });
  try {
    const watching = kube.run(watch.signal);
    const stopped = new Promise<'stopped'>((resolve) => {
      watch.signal.addEventListener('abort', () => resolve('stopped'), { once: true });
    });
    let end: 'stopped' | 'lost' = 'stopped';
    if ((await Promise.race([kube.synced, stopped])) !== 'stopped') {
      log.info('cache complete', { objects: [...store.list()].length });
      const work = async (lost?: AbortSignal) => {
        const finished = await controller.run(signal, lost);
        await events.close(lost?.aborted ? 0 : lastEventsMs);
        return finished ? 'finished' : 'unfinished';
      };
      if (election === undefined) await work();
      else end = await election.run(signal, work);
    }
    watch.abort();
    await watching;
    return end;
  } finally {
    await events.close(0);
    await Promise.allSettled([metricsServer.close(), healthServer.close(), kube.close(), leaseClient.close()]);
  }
}

function meter(request: ArmRequest, metrics: Metrics, log: Log): void {
  const { operation, status, durationMs, correlationId, remaining } = request;
  metrics.armRequest(operation, status, durationMs);
  for (const kind of ['reads', 'writes', 'deletes'] as const) {
    const count = remaining[kind];
    if (count !== undefined) metrics.armRemaining(kind, count);
  }
  if (log.isDebugEnabled()) {
    log.debug('azure request', { operation, status, durationMs: Math.round(durationMs), correlationId });
  }
}
