import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../time/clock.ts';
import { createPassMetrics, type PassMetrics } from './pass-metrics.ts';
import { createQueueMetrics, type QueueMetrics } from './queue-metrics.ts';

/** What controller-runtime and client-go count, under their names and labels, so that dashboards for them work. */
export interface RuntimeMetrics extends PassMetrics {
  readonly queue: QueueMetrics;
  /** Call when this process begins or ceases to lead; `name` is the lease's. */
  leads(name: string, leads: boolean): void;
  /** Call when a request to the API server has been answered, or has not been (`status` is then undefined). */
  readonly kubeRequest: (host: string, method: string, status: number | undefined) => void;
  /** Call when the serving certificate was read again; false means that it is of no use and the one before stays. */
  certificateRead(good: boolean): void;
}

/** Registers these metrics; `passed` is called at the end of each pass that ended without error. */
export function createRuntimeMetrics(registry: Registry, clock: Clock, passed: () => void): RuntimeMetrics {
  const registers = [registry];
  const { runningSeconds, ...passes } = createPassMetrics(registry, clock, passed);
  const leader = new Gauge({
    name: 'leader_election_master_status',
    help: '1 while this process leads, 0 while it waits to; name is the lease.',
    labelNames: ['name'] as const,
    registers,
  });
  const kubeRequests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the API server by HTTP status, method and host; code "<error>" when no answer came.',
    labelNames: ['code', 'method', 'host'] as const,
    registers,
  });
  const certificates = new Counter({
    name: 'certwatcher_read_certificate_total',
    help: 'Readings of the serving certificate.',
    registers,
  });
  const badCertificates = new Counter({
    name: 'certwatcher_read_certificate_errors_total',
    help: 'Readings that gave no usable serving certificate; the one before stays.',
    registers,
  });
  return {
    ...passes,
    queue: createQueueMetrics(registry, runningSeconds),
    leads: (name, leads) => leader.set({ name }, leads ? 1 : 0),
    kubeRequest: (host, method, status) =>
      kubeRequests.inc({ code: status === undefined ? '<error>' : String(status), method, host }),
    certificateRead(good) {
      certificates.inc();
      if (!good) badCertificates.inc();
    },
  };
}
