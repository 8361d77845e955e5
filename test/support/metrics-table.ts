import { createMetrics } from '../../src/telemetry/metrics.ts';
import { systemClock } from '../../src/time/clock.ts';

interface Known {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames?: readonly string[];
}

/** The operator's own metrics in Markdown, for docs/monitoring.md. */
export function metricsTable(): string {
  const { registry } = createMetrics({ version: '0.0.0', clock: systemClock });
  const own = registry.getMetricsAsArray().filter(({ name }) => name.startsWith('acr_replication_'));
  const rows = (own as unknown as readonly Known[])
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, help, type, labelNames = [] }) => {
      const labels = labelNames.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${type} | ${labels} | ${help} |`;
    });
  return ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
