import { type Certificate, readCertificate, watchCertificate } from '../http/certificate.ts';
import { type MetricsText, metricsRoutes, type RunningServer, startServer } from '../http/server.ts';
import { createGate, type Gate } from '../http/token-gate.ts';
import type { KubeClient } from '../kube/http/client.ts';
import { createReviews } from '../kube/reviews.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Clock } from '../time/clock.ts';
import type { ConnectKube } from './mandate.ts';
import type { ServersConfig } from './servers-config.ts';
import { listenProblem, StartProblem } from './start-problem.ts';

export interface MetricsServerOptions {
  readonly config: Pick<ServersConfig, 'metricsAddress' | 'metricsRequireToken' | 'metricsTlsDir'>;
  readonly connectKube: ConnectKube;
  readonly metrics: Pick<Metrics, 'certificateRead'> & { readonly registry: MetricsText };
  readonly log: Log;
  readonly clock: Clock;
}

/** The time that the API server gets for a question about a token. */
const reviewTimeoutMs = 3_000;
/** How many such questions the API server gets at once. */
const reviewsAtOnce = 4;

/** Serves /metrics, over TLS and behind a token if configured so. Rejects when it cannot. */
export async function serveMetrics(options: MetricsServerOptions): Promise<Pick<RunningServer, 'port' | 'close'>> {
  const { config, metrics, log } = options;
  const { metricsAddress, metricsRequireToken, metricsTlsDir: folder } = config;
  if (metricsRequireToken && folder === undefined) {
    const because = 'METRICS_REQUIRE_TOKEN without METRICS_TLS_DIR';
    log.warn('tokens for /metrics cross the network in the clear', { because });
  }
  const certificate = folder === undefined ? undefined : await certificateIn(folder);
  const guard = metricsRequireToken ? guardOf(options) : undefined;
  const routes = metricsRoutes(metrics.registry, guard?.gate);
  const server = await startServer(metricsAddress, routes, certificate).catch(async (error: unknown) => {
    await guard?.client.close();
    throw listenProblem('METRICS_ADDRESS', metricsAddress, error);
  });
  const stopWatching =
    folder === undefined || certificate === undefined
      ? undefined
      : keepCertificate(folder, certificate, server, options);
  return {
    port: server.port,
    async close() {
      stopWatching?.();
      await Promise.all([server.close(), guard?.client.close()]);
    },
  };
}

/** Reads the certificate to begin with. Throws a StartProblem when it is of no use. */
async function certificateIn(folder: string): Promise<Certificate> {
  try {
    return await readCertificate(folder, AbortSignal.timeout(10_000));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === undefined ? message : `${code}, ${message}`;
    throw new StartProblem(`METRICS_TLS_DIR is ${folder}, whose tls.crt and tls.key cannot be served: ${why}`);
  }
}

/** Gives the server every other certificate that the folder will hold. Returns a function that ends this. */
function keepCertificate(
  folder: string,
  current: Certificate,
  server: RunningServer,
  { metrics, log }: MetricsServerOptions,
): () => void {
  metrics.certificateRead(true);
  return watchCertificate({
    folder,
    current,
    onChange: server.useCertificate,
    onRead(problem) {
      metrics.certificateRead(problem === undefined);
      if (problem === undefined) log.info('serving certificate read again', { folder });
      else log.warn('serving certificate is of no use, the one before stays', { folder, problem });
    },
  });
}

/** Makes the gate, with connections of its own to the API server: passes must not wait for the questions of strangers. */
function guardOf({ connectKube, log, clock }: MetricsServerOptions): {
  readonly gate: Gate;
  readonly client: KubeClient;
} {
  const client = connectKube({ connections: reviewsAtOnce, timeoutMs: reviewTimeoutMs });
  const { visitorOf, mayGet } = createReviews(client);
  const gate = createGate({
    visitorOf,
    mayEnter: (visitor, signal) => mayGet(visitor, '/metrics', signal),
    clock,
    onTrouble: (error) => log.warn('a token for /metrics could not be checked', { error }),
  });
  return { gate, client };
}
