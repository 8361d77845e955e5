import { type MetricsText, metricsRoutes, type RunningServer, startServer } from '../http/server.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Clock } from '../time/clock.ts';
import type { ConnectKube } from './mandate.ts';
import { createReviewedGate } from './reviewed-gate.ts';
import type { ServersConfig } from './servers-config.ts';
import { certificateIn, keepCertificate } from './serving-certificate.ts';
import { listenProblem } from './start-problem.ts';

export interface MetricsServerOptions {
  readonly config: Pick<ServersConfig, 'metricsAddress' | 'metricsRequireToken' | 'metricsTlsDir'>;
  readonly connectKube: ConnectKube;
  readonly metrics: Pick<Metrics, 'certificateRead'> & { readonly registry: MetricsText };
  readonly log: Log;
  readonly clock: Clock;
}

/** Serves /metrics, over TLS and behind a token if configured so. Rejects when it cannot. */
export async function serveMetrics(options: MetricsServerOptions): Promise<Pick<RunningServer, 'port' | 'close'>> {
  const { config, metrics, log } = options;
  const { metricsAddress, metricsRequireToken, metricsTlsDir: folder } = config;
  if (metricsRequireToken && folder === undefined) {
    const because = 'METRICS_REQUIRE_TOKEN without METRICS_TLS_DIR';
    log.warn('tokens for /metrics cross the network in the clear', { because });
  }
  const certificate = folder === undefined ? undefined : await certificateIn('METRICS_TLS_DIR', folder);
  const guard = metricsRequireToken ? createReviewedGate({ ...options, path: '/metrics' }) : undefined;
  const routes = metricsRoutes(metrics.registry, guard?.gate);
  const server = await startServer(metricsAddress, routes, certificate).catch(async (error: unknown) => {
    await guard?.client.close();
    throw listenProblem('METRICS_ADDRESS', metricsAddress, error);
  });
  const stopWatching =
    folder === undefined || certificate === undefined
      ? undefined
      : keepCertificate({ folder, current: certificate, server, metrics, log });
  return {
    port: server.port,
    async close() {
      stopWatching?.();
      await Promise.all([server.close(), guard?.client.close()]);
    },
  };
}
