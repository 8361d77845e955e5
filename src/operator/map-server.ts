import { clouds } from '../azure/cloud.ts';
import type { Kube } from '../kube/kube.ts';
import { createNodeRegions, readNodeRegions } from '../map/node-regions.ts';
import { serveMap } from '../map/server.ts';
import { createSignIn } from '../map/sign-in.ts';
import type { Hello } from '../map/wire.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Clock } from '../time/clock.ts';
import { version } from '../version.ts';
import { readHappened } from '../view/happened.ts';
import type { Config } from './config.ts';
import type { ConnectKube } from './mandate.ts';
import { createReviewedGate } from './reviewed-gate.ts';
import type { MapConfig } from './servers-config.ts';
import { certificateIn, keepCertificate } from './serving-certificate.ts';
import { listenProblem } from './start-problem.ts';

export interface MapServerOptions {
  readonly map: MapConfig;
  readonly config: Pick<Config, 'azure' | 'clusterName'>;
  readonly kube: Pick<Kube, 'store' | 'isSynced' | 'trouble'>;
  readonly connectKube: ConnectKube;
  readonly metrics: Pick<Metrics, 'certificateRead'>;
  readonly log: Log;
  readonly clock: Clock;
}

/** Behind an Ingress all people come from one address: more of their tokens are asked about than of a scraper's. */
const pace = { atOnce: 50, everyMs: 50 } as const;
/** What the map asks of the API server goes over so many connections, which are not those of passes. */
const askLimits = { connections: 4, timeoutMs: 10_000 } as const;

/**
 * Serves the map of the objects that this operator looks after, for reading only. It is served by any name, for nobody
 * knows by which an Ingress makes it known. Rejects when it cannot be.
 */
export async function serveOperatorMap(
  options: MapServerOptions,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const { map, config, kube, connectKube, metrics, log, clock } = options;
  const { address, requireToken, tlsDir: folder } = map;
  const certificate = folder === undefined ? undefined : await certificateIn('MAP_TLS_DIR', folder);
  const guard = requireToken ? createReviewedGate({ ...options, path: '/map', pace }) : undefined;
  const client = connectKube(askLimits);
  const end = new AbortController();
  const nodes = createNodeRegions((signal) => readNodeRegions(client, signal), clock, end.signal);
  const close = async (): Promise<void> => {
    end.abort();
    await Promise.all([guard?.client.close(), client.close()]);
  };
  nodes();
  const server = await serveMap({
    address,
    certificate,
    objects: kube.store,
    isSynced: kube.isSynced,
    trouble: kube.trouble,
    hello: () => helloOf(config, nodes()),
    happened: (object, signal) => readHappened({ client }, object, signal, 'the operator'),
    isOurHost: () => true,
    onError: (error) => log.error('the map failed to answer', { error }),
    ...(guard === undefined
      ? { gate: async () => undefined }
      : { gate: createSignIn({ gate: guard.gate, isTls: certificate !== undefined }), hasForm: true }),
    clock,
  }).catch(async (error: unknown) => {
    await close();
    throw listenProblem('MAP_ADDRESS', address, error);
  });
  const stopWatching =
    folder === undefined || certificate === undefined
      ? undefined
      : keepCertificate({ folder, current: certificate, server, metrics, log });
  return {
    port: server.port,
    async close() {
      stopWatching?.();
      await server.close();
      await close();
    },
  };
}

/** The clouds by the name that the map has for each. Regions of another one are taken to be those of the public cloud. */
const cloudNames = new Map([
  [clouds.AzureChinaCloud.resourceManagerEndpoint, 'AzureChinaCloud'],
  [clouds.AzureUSGovernment.resourceManagerEndpoint, 'AzureUSGovernment'],
]);

function helloOf({ azure, clusterName: cluster }: MapServerOptions['config'], nodes: Hello['nodes']): Hello {
  return {
    version,
    host: 'operator',
    cloud: cloudNames.get(azure.cloud.resourceManagerEndpoint) ?? 'AzurePublic',
    cluster,
    ...(nodes === undefined ? {} : { nodes }),
  };
}
