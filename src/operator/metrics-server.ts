import type { KubeConfig } from '@kubernetes/client-node';
import { readCertificate, watchCertificate } from '../http/certificate.ts';
import { metricsRoutes, type RunningServer, startServer } from '../http/server.ts';
import { createGate, type Gate } from '../http/token-gate.ts';
import { createKubeClient } from '../kube/http/client.ts';
import { createReviews } from '../kube/reviews.ts';
import type { Log } from '../ports/log.ts';
import type { createMetrics } from '../telemetry/metrics.ts';
import type { Clock } from '../time/clock.ts';
import type { Config } from './config.ts';

export interface MetricsServerOptions {
  readonly config: Pick<Config, 'metricsAddress' | 'metricsRequireToken' | 'metricsTlsDir'>;
  readonly kubeConfig: KubeConfig;
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly log: Log;
  readonly clock: Clock;
}

/** What an API server takes at most for a question about a token, and how many it gets at once. */
const reviewTimeoutMs = 3_000;
const reviewsAtOnce = 4;

/** Serves /metrics, over TLS and behind a token if configured so. Rejects when it cannot. */
export async function serveMetrics(options: MetricsServerOptions): Promise<Pick<RunningServer, 'port' | 'close'>> {
  const { config, metrics, log } = options;
  const { metricsAddress, metricsRequireToken, metricsTlsDir: folder } = config;
  if (metricsRequireToken && folder === undefined) {
    log.warn('METRICS_REQUIRE_TOKEN without METRICS_TLS_DIR: tokens cross the network in the clear');
  }
  const certificate = folder === undefined ? undefined : await readCertificate(folder, AbortSignal.timeout(10_000));
  const guard = metricsRequireToken ? guardOf(options) : undefined;
  const server = await startServer(metricsAddress, metricsRoutes(metrics.registry, guard?.gate), certificate);
  if (folder === undefined || certificate === undefined) return { ...server, close: () => end(server, guard) };

  metrics.certificateRead(true);
  const stopWatching = watchCertificate({
    folder,
    current: certificate,
    onChange: server.useCertificate,
    onRead(problem) {
      metrics.certificateRead(problem === undefined);
      if (problem === undefined) log.info('serving certificate read again', { folder });
      else log.warn('serving certificate is of no use, the one before stays', { folder, problem });
    },
  });
  return {
    ...server,
    async close() {
      stopWatching();
      await end(server, guard);
    },
  };
}

interface Guard {
  readonly gate: Gate;
  /** Ends its connections to the API server. */
  close(): Promise<void>;
}

/** Its questions have connections of their own: those of the passes must not wait for strangers. */
function guardOf({ kubeConfig, metrics, log, clock }: MetricsServerOptions): Guard {
  const client = createKubeClient({
    kubeConfig,
    connections: reviewsAtOnce,
    timeoutMs: reviewTimeoutMs,
    onAnswer: metrics.kubeRequest,
  });
  const { visitorOf, mayGet } = createReviews(client);
  const gate = createGate({
    visitorOf,
    mayEnter: (visitor, signal) => mayGet(visitor, '/metrics', signal),
    clock,
    onTrouble: (error) => log.warn('a token for /metrics could not be checked', { error }),
  });
  return { gate, close: () => client.close() };
}

async function end(server: RunningServer, guard: Guard | undefined): Promise<void> {
  await Promise.all([server.close(), guard?.close()]);
}
