import { hostname } from 'node:os';
import type { RegistryReplication } from '../api/registryreplication.ts';
import { type Controller, createController } from '../controller/controller.ts';
import { indexNamesakes } from '../controller/namesakes.ts';
import { reconcile } from '../controller/reconcile.ts';
import type { Occurrence } from '../domain/events.ts';
import { createEvents, type Events } from '../kube/events.ts';
import { createKubeClient } from '../kube/http/client.ts';
import { loadKubeConfig } from '../kube/http/kubeconfig.ts';
import { createKube, type Kube } from '../kube/kube.ts';
import type { AzureAccess } from '../ports/azure.ts';
import type { Log } from '../ports/log.ts';
import type { Ports } from '../ports/ports.ts';
import { createStock, type Inventory } from '../telemetry/inventory.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { createObserver } from '../telemetry/observer.ts';
import { createReadyTimes } from '../telemetry/ready-times.ts';
import { reportRetained } from '../telemetry/report.ts';
import { abortable } from '../time/abortable.ts';
import type { Clock } from '../time/clock.ts';
import { version } from '../version.ts';
import { createAzureSide } from './azure-side.ts';
import type { Config } from './config.ts';
import { serveHealth } from './health-server.ts';
import { type ConnectKube, createMandate, type Mandate } from './mandate.ts';
import type { MapServerOptions } from './map-server.ts';
import { serveMetrics } from './metrics-server.ts';

/**
 * How long the Events of the last passes may take: stopping takes 10 s at most, of which 8 are for passes and 1 is to
 * release the lease.
 */
const lastEventsMs = 700;

/** How the operator ended. After `lost` another operator may work, and whatever this one had in hand was dropped. */
export type OperatorEnd = 'stopped' | 'lost';

/** Builds the adapters, works until `signal` aborts, then ends the passes in hand and closes what it opened. */
export async function runOperator(config: Config, log: Log, clock: Clock, signal: AbortSignal): Promise<OperatorEnd> {
  const metrics = createMetrics({ version, clock });
  const kubeConfig = loadKubeConfig(config.kube);
  const onAnswer = metrics.kubeRequest;
  const connectKube: ConnectKube = (limits) => createKubeClient({ kubeConfig, onAnswer, ...limits });
  const mandate = createMandate({ lease: config.lease, connectKube, metrics, log, clock });
  const { fence } = mandate;
  const kube = createKube({
    kubeConfig,
    namespaces: config.watch.namespaces,
    labelSelector: config.watch.selector,
    log,
    clock,
    onAnswer,
    ...(fence === undefined ? {} : { fence }),
  });
  const events = createEvents({
    client: kube.client,
    instance: hostname(),
    log,
    clock,
    onResult: metrics.eventEnded,
  });
  const azure = createAzureSide({ config, source: kube.credentials, fence, metrics, log, clock });
  const controller = createPasses({ config, kube, azure: azure.access, events, metrics, log, clock });
  const [stock, none] = [createStock(), createStock()];
  kube.store.onChange(stock.noticed);
  // While another process leads this one counts nothing, so that a sum over all pods counts each object once.
  metrics.countFrom(() => (mandate.isHeld() ? stock : none).taken());
  metrics.countUnreadable(() => kube.unreadable().length);
  const metricsServer = await serveMetrics({ config, connectKube, metrics, log, clock });
  const address = config.healthAddress;
  const usesOwnIdentity = (): boolean => isOwnIdentityUsed(config.azure.credential, stock.taken().identities);
  const health = { address, controller, kube, mandate, azure, usesOwnIdentity, clock };
  const healthServer = await serveHealth(health).catch(async (error: unknown) => {
    await metricsServer.close();
    throw error;
  });
  const mapServer = await serveMapIf(config, { kube, connectKube, metrics, log, clock }).catch(
    async (error: unknown) => {
      await Promise.all([metricsServer.close(), healthServer.close()]);
      throw error;
    },
  );
  logStart(config, { metricsPort: metricsServer.port, healthPort: healthServer.port, mapPort: mapServer?.port }, log);
  try {
    return await lookAfterObjects({ kube, controller, events, mandate, log }, signal);
  } finally {
    await events.close(0);
    const servers = [metricsServer, healthServer, mapServer];
    await Promise.allSettled([...servers.map((server) => server?.close()), kube.close(), mandate.close()]);
  }
}

interface PassesOptions {
  readonly config: Config;
  readonly kube: Kube;
  readonly azure: AzureAccess;
  readonly events: Events;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
}

/** The controller with all that its passes need. Nothing runs yet. */
function createPasses({ config, kube, azure, events, metrics, log, clock }: PassesOptions): Controller {
  const { store } = kube;
  const readyTimes = createReadyTimes(clock);
  store.onChange(readyTimes.noticed);
  const namesakes = indexNamesakes(store);
  const ports = {
    store,
    azure,
    clock,
    namesakes,
    random: Math.random,
    observer: createObserver({ log, metrics, readyTimes }),
    announce: (object: RegistryReplication, occurrences: readonly Occurrence[]) => {
      reportRetained(object, occurrences, log);
      events.announce(object, occurrences);
    },
    settings: passSettings(config, kube),
  };
  const controller = createController({
    store,
    namesakes,
    reconcile: (key, retries, stop) => reconcile(key, retries, ports, stop),
    workers: config.maxConcurrentReconciles,
    log,
    clock,
    meter: metrics,
  });
  kube.credentials.onChange((key) => controller.lookAt(key));
  metrics.maxConcurrentPasses(config.maxConcurrentReconciles);
  return controller;
}

function passSettings(
  { clusterName, azure, maxConcurrentCreates, watch }: Config,
  kube: Pick<Kube, 'covers'>,
): Ports['settings'] {
  return {
    clusterName,
    subscriptionId: azure.subscriptionId,
    maxConcurrentWrites: maxConcurrentCreates,
    seesAllOf: (namespace) => watch.selector === undefined && kube.covers(namespace),
  };
}

/**
 * Whether one of the objects is worked on with the operator's own identity. While there are no objects it is taken to be
 * used if it was configured, so that a wrong configuration shows before the first object needs it.
 */
export function isOwnIdentityUsed(
  configured: Config['azure']['credential'],
  { own, referred }: Inventory['identities'],
): boolean {
  if (own + referred > 0) return own > 0;
  return configured.kind !== 'managed-identity' || configured.clientId !== undefined;
}

/** Serves the map if that was asked for. Only then its code is run, and takes memory. */
async function serveMapIf(config: Config, options: Omit<MapServerOptions, 'map' | 'config'>) {
  const { map } = config;
  if (map === undefined) return undefined;
  const { serveOperatorMap } = await import('./map-server.ts');
  return serveOperatorMap({ ...options, config, map });
}

interface ServedPorts {
  readonly metricsPort: number;
  readonly healthPort: number;
  /** Undefined: the map is not served. */
  readonly mapPort: number | undefined;
}

function logStart({ azure, watch }: Config, ports: ServedPorts, log: Log): void {
  log.info('started', {
    version,
    node: process.version,
    credential: azure.credential.kind,
    resourceManager: azure.cloud.resourceManagerEndpoint,
    namespaces: watch.namespaces.length === 0 ? 'all' : watch.namespaces,
    ...ports,
  });
  if (azure.unusedCredentials.length > 0) {
    log.warn('several credentials are configured, AZURE_CREDENTIAL can choose', {
      credential: azure.credential.kind,
      unused: azure.unusedCredentials,
    });
  }
}

interface Workers {
  readonly kube: Kube;
  readonly controller: Controller;
  readonly events: Events;
  readonly mandate: Mandate;
  readonly log: Log;
}

/** Reads all objects, waits for the mandate, then works until `signal` aborts or the mandate is lost. */
async function lookAfterObjects(
  { kube, controller, events, mandate, log }: Workers,
  signal: AbortSignal,
): Promise<OperatorEnd> {
  const watch = new AbortController();
  const endWatching = (): void => watch.abort();
  if (signal.aborted) endWatching();
  signal.addEventListener('abort', endWatching, { once: true });
  const watching = kube.run(watch.signal);
  let end: OperatorEnd = 'stopped';
  await abortable(kube.synced, watch.signal).catch(() => {}); // kube.synced never fails; an abort is looked at below
  if (!watch.signal.aborted) {
    log.info('cache complete', { objects: [...kube.store.keys()].length });
    end = await mandate.run(signal, async (lost) => {
      const isFinished = await controller.run(signal, lost);
      await events.close(lost?.aborted ? 0 : lastEventsMs);
      return isFinished ? 'finished' : 'unfinished';
    });
  }
  endWatching();
  await watching;
  return end;
}
