import { expect, test } from 'vitest';
import { goalLines } from './goals.ts';
import { withTable } from './page.ts';
import { projection } from './projection.ts';
import { coloured, documentOf, type Machine, table } from './report.ts';
import { figure, type Sample, type Section } from './section.ts';

const machine: Machine = {
  takenAt: '2026-11-27 12:00',
  processors: 2,
  model: 'Some Processor',
  memoryMiB: 24 * 1_024,
  kernel: 'Linux 6.18',
  node: 'v24.0.0',
  kubernetes: 'v1.36.3',
  etcd: '3.6.8',
  load: 0.05,
};

const section = (id: string, figures: Section['figures'], ...results: readonly (readonly Sample[])[]): Section => ({
  id,
  title: `${id}, of some kind`,
  figures,
  results: results.map((samples, index) => ({ contender: ['this operator', 'Go'][index] ?? '', samples })),
  legend: ['What it means.'],
});

const wall = figure('wallS', 'until the last was looked at', 's');

test('a table has median, least and most of each contender, and the ratio of the medians', () => {
  const shown = table(
    [section('restart', [wall], [{ wallS: 20 }, { wallS: 18 }, { wallS: 19 }], [{ wallS: 9.5 }])],
    machine,
  );
  expect(shown.split('\n').slice(2)).toEqual([
    '',
    'restart, of some kind',
    '  3 runs                                    this operator                       Go                   ratio',
    '  until the last was looked at                  19.0 s  18.0 … 20.0         9.50 s                    2.00',
    '  What it means.',
  ]);
});

test('the head says machine and versions', () => {
  expect(table([], machine)).toBe(
    '2 processors Some Processor, 24 GiB, Linux 6.18; load 0.05 at the start\nNode v24.0.0, Kubernetes v1.36.3, etcd 3.6.8; 2026-11-27 12:00',
  );
});

test('a figure that nobody could take has no line, and one that the other could not take a dash', () => {
  const both = [wall, figure('loopMs', 'event loop', 'ms')];
  expect(table([section('loop', both, [{}])], machine)).not.toContain('event loop');
  expect(table([section('loop', both, [{ loopMs: 7.25 }], [{}])], machine)).toMatch(/event loop +7\.3 ms +–$/m);
});

test('colours are about emphasis alone: without them the text is the same', () => {
  const sections = [section('restart', [wall], [{ wallS: 20 }])];
  // oxlint-disable-next-line no-control-regex
  expect(table(sections, machine, coloured).replaceAll(/\x1b\[\d+m/g, '')).toBe(table(sections, machine));
});

test('the document has every value beside the summary, with null for none', () => {
  const document = documentOf([section('restart', [wall], [{ wallS: 20 }, {}, { wallS: 18 }])], machine, { runs: 3 });
  expect(document).toMatchObject({
    options: { runs: 3 },
    sections: [
      {
        id: 'restart',
        results: [
          {
            contender: 'this operator',
            figures: [{ id: 'wallS', unit: 's', runs: 2, median: 19, min: 18, max: 20, values: [20, 18] }],
          },
        ],
      },
    ],
  });
});

test('a goal is met or missed by the median; one about the other operator needs it', () => {
  const calls = figure('armCalls', 'calls to ARM', '');
  const bulk = { ...section('bulk.1000', [calls], [{ armCalls: 9_000 }]), title: '1,000 new objects, of some kind' };
  expect(goalLines([bulk])[1]).toMatch(/^ {2}1,000 new objects: calls to ARM +at most 8,000 +9,000 {2}missed$/);
  const status = figure('statusMs', 'process start → first status', 'ms');
  const start = section('start', [status], [{ statusMs: 280 }]);
  const restart = section('restart.1000', [wall], [{ wallS: 3 }], [{ wallS: 1.5 }]);
  expect(goalLines([start, section('restart.1000', [wall], [{ wallS: 3 }])])).toEqual([
    'Goals',
    expect.stringMatching(/^ {2}start: process start → first status +at most 300 ms +280 ms {2}met$/),
  ]);
  expect(goalLines([restart])[1]).toMatch(/at most 1 × Go +2\.00 × {2}missed$/);
});

test('what never came misses its goal', () => {
  const p99 = figure('p99Ms', '99th percentile', 'ms');
  const edits = section('edits.10000.hanging', [p99], [{ p99Ms: Number.POSITIVE_INFINITY }], [{ p99Ms: 50 }]);
  expect(goalLines([edits])[1]).toMatch(/at most 1,000 ms +∞ ms {2}missed$/);
});

test('sizes without a goal are told nothing of', () => {
  expect(goalLines([section('restart.7', [wall], [{ wallS: 3 }], [{ wallS: 1 }])])).toEqual([]);
});

const fleet = [
  section('bulk.1000', [], [{ kubeWrites: 4_000, kubeEvents: 2_000, apiserverCpuS: 20 }]),
  section('idle.1', [], [{ restMiB: 56, restPeakMiB: 60, objectBytes: 4_096 }]),
  section('restart.10000', [], [{ operatorCpuS: 15 }]),
  section('idle.10000', [], [{ restMiB: 100, restPeakMiB: 156, objectBytes: 4_096 }]),
];
const given = { podMiB: 256, readsPerSecond: 20, graphPagesPerSecond: 1.5, intervalS: 300, etcdMiB: 2_048 };

test('what many registries take is computed from the largest run, the arithmetic shown, the first limit named', () => {
  const lines = projection(fleet, 100_000, given).join('\n');
  expect(lines).toContain('20/s × 300 s = 6,000 registries; 100,000 take 17 subscriptions');
  expect(lines).toContain(
    '(256 − 56 MiB) / 10.2 KiB = 20,000 registries; 100,000 take 5 shards, or 1.0 GiB in one process',
  );
  expect(lines).toContain('1.5/s × 300 s × 900 / 2 = 202,500 registries; 100,000 take 223 pages an interval');
  expect(lines).toContain('300 s / 1.50 ms = 200,000 registries; 100,000 take 50 % of a processor');
  expect(lines).toContain('100,000 × 1.50 ms = 150 s of one processor'.replace('150 s', '3 min'));
  expect(lines).toContain('100,000 × 6.0 writes, 20.0 ms of the API server an object = 33 min of one processor');
  expect(lines).toMatch(/First limit: reads of one subscription/);
});

test('nothing is computed where a measurement is missing', () => {
  for (const { id } of fleet)
    expect(
      projection(
        fleet.filter((one) => one.id !== id),
        100_000,
        given,
      ),
      id,
    ).toEqual([]);
});

test('a page gets the table between its two comments, and keeps all else', () => {
  const page = '# Page\n\n<!-- bench -->\nold\n<!-- /bench -->\n\nmore\n';
  const once = withTable(page, 'new\n');
  expect(once).toBe('# Page\n\n<!-- bench -->\n\n```\nnew\n```\n\n<!-- /bench -->\n\nmore\n');
  expect(withTable(once, 'new\n')).toBe(once);
});

test('a page without the comments is refused', () =>
  expect(() => withTable('# Page\n', 'new')).toThrow('no <!-- bench -->'));
