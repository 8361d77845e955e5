import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import manifest from '../../../package.json' with { type: 'json' };
import { regionStates, stalledReasons } from '../../../src/telemetry/inventory.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { obtainTool } from '../../sandbox/tool.ts';
import { expressionsOf } from '../../support/dashboard.ts';

const rulesFile = 'deploy/chart/files/alerts.yaml';
const dashboardFile = 'deploy/chart/files/dashboard.json';
const runbooksFile = 'deploy/monitoring/runbooks.md';

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly labels: { readonly severity: string };
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}
const { groups } = parse(readFileSync(rulesFile, 'utf8')) as Rules;
const alerts = groups.flatMap(({ rules }) => rules);
const runbooks = new Map(
  readFileSync(runbooksFile, 'utf8')
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section]),
);
const unitTests = readFileSync('test/integration/monitoring/alerts_test.yaml', 'utf8');

/** Output of promtool; rejects with it when it fails. */
async function promtool(...args: readonly string[]): Promise<string> {
  const program = await obtainTool('promtool');
  const { stdout } = await promisify(execFile)(program, args, { timeout: 60_000 });
  return stdout;
}

test('promtool finds nothing wrong with the rules', async () => {
  expect(await promtool('check', 'rules', '--lint=all', '--lint-fatal', rulesFile)).toContain('SUCCESS');
});

test('every alert fires when it should, and not when it should not', async () => {
  expect(await promtool('test', 'rules', 'test/integration/monitoring/alerts_test.yaml')).toContain('SUCCESS');
});

describe('each alert', () => {
  for (const { alert, labels, annotations } of alerts) {
    test(`${alert} has a severity, a summary, a runbook with commands, and a unit test in which it fires`, () => {
      expect(['critical', 'warning', 'info']).toContain(labels.severity);
      expect(annotations['summary']).toBeTruthy();
      expect(annotations['description']).toBeTruthy();
      const repository = manifest.repository.url.replace(/^git\+|\.git$/g, '');
      expect(annotations['runbook_url']).toBe(`${repository}/blob/main/${runbooksFile}#${alert.toLowerCase()}`);
      for (const part of ['**Meaning.**', '**Impact.**', '**First look.**', '**Fix.**'])
        expect(runbooks.get(alert), part).toContain(part);
      expect(unitTests).toContain(`{alertname="${alert}"}`);
    });
  }

  test('has a runbook, and no runbook is about anything else', () => {
    expect([...runbooks.keys()].toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
  });
});

describe('the dashboard', () => {
  interface Panel {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets?: readonly { readonly datasource: { readonly uid: string } }[];
  }
  const { panels } = JSON.parse(readFileSync(dashboardFile, 'utf8')) as { readonly panels: readonly Panel[] };

  test('has a row for each thing one asks', () => {
    const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    expect(rows).toEqual(['Health', 'Regions', 'Azure', 'Local pull', 'Queue', 'Process']);
  });

  test('asks the data source that the reader chooses', () => {
    const uids = panels.flatMap(({ targets = [] }) => targets.map(({ datasource }) => datasource.uid));
    expect(new Set(uids)).toEqual(new Set(['${datasource}'])); // Grafana's variable
  });

  test('has no two panels of one id or in one place', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});

describe('every metric that is named exists in the program', () => {
  const known = new Set(
    createMetrics({ version: manifest.version, clock: systemClock })
      .registry.getMetricsAsArray()
      .map(({ name }) => name),
  );
  const named = (text: string) =>
    [
      ...text.matchAll(
        /\b(?:acr_replication|controller_runtime|workqueue|rest_client|leader_election|certwatcher|process|nodejs)_\w+/g,
      ),
    ]
      .map(([name]) => name.replace(/_(bucket|sum|count)$/, (suffix) => (known.has(name) ? suffix : '')))
      .filter((name) => !known.has(name));
  const dashboard = expressionsOf(readFileSync(dashboardFile, 'utf8')).map(({ expr }) => expr);

  test('by the rules', () => expect(alerts.flatMap(({ expr }) => named(expr))).toEqual([]));
  test('by the dashboard', () => expect(dashboard.flatMap(named)).toEqual([]));
  test('by the runbooks', () => expect([...runbooks.values()].flatMap(named)).toEqual([]));
  test('by the unit tests of the alerts', () => expect(named(unitTests)).toEqual([]));
  test('and so does each reason and state that the rules choose by', () => {
    const chosen = alerts.flatMap(({ expr }) =>
      [...expr.matchAll(/(?:reason|state)[=!]~?"([^"]+)"/g)].flatMap(([, values = '']) => values.split('|')),
    );
    expect(chosen.length).toBeGreaterThan(5);
    const all: readonly string[] = [...stalledReasons, ...regionStates];
    expect(chosen.filter((value) => !all.includes(value))).toEqual([]);
  });
  test('else it is found out', () => expect(named('rate(acr_replication_typo_total[5m])')).toHaveLength(1));
});
