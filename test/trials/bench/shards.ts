import { bulkFigures, bulkOf, startBulkLab } from './bulk.ts';
import { restart, restartFigures } from './fleet.ts';
import type { Bench, Lab } from './lab.ts';
import type { Sample, Section } from './section.ts';

const names = { two: 'two processes', one: 'one process' } as const;
const legend = [
  'Each process looks after half of the objects, by WATCH_SELECTOR; figures of two are sums.',
  'API server and Azure share the processors with both: CPU tells better than wall time what two can do beyond one.',
];

/** Many new objects by two processes of our own operator, beside one. */
export async function measureShardedBulk(bench: Bench, objects: number): Promise<Section> {
  const { contenders, runs, pace, say } = bench;
  const samples: Record<keyof typeof names, Sample[]> = { two: [], one: [] };
  for (let run = 0; run < runs; run++)
    for (const [which, processes] of [
      ['two', 2],
      ['one', 1],
    ] as const) {
      await using lab = await startBulkLab({ ...bench, contenders: contenders.slice(0, 1) }, objects);
      say(`${objects} new objects by ${names[which]}, run ${run + 1} of ${runs}`);
      for (const entrant of lab.entrants) samples[which].push(await bulkOf(lab, entrant, { objects, pace, processes }));
    }
  return {
    id: 'shards.bulk',
    title: `${objects.toLocaleString('en')} new objects, two shards beside one process`,
    figures: bulkFigures,
    results: resultsOf(samples),
    legend,
  };
}

/** A restart over a fleet by two processes of our own operator, beside one. */
export async function measureShardedRestart(lab: Lab, objects: number, runs: number): Promise<Section> {
  const mine = lab.entrants.slice(0, 1);
  const samples: Record<keyof typeof names, Sample[]> = { two: [], one: [] };
  for (let run = 0; run < runs; run++)
    for (const [which, processes] of [
      ['two', 2],
      ['one', 1],
    ] as const) {
      lab.say(`restart over ${objects} objects by ${names[which]}, run ${run + 1} of ${runs}`);
      for (const entrant of mine)
        samples[which].push(await restart(lab, entrant, objects, { settleMs: 2_000, processes }));
    }
  return {
    id: `shards.restart.${objects}`,
    title: `Restart over ${objects.toLocaleString('en')} objects, two shards beside one process`,
    figures: restartFigures,
    results: resultsOf(samples),
    legend,
  };
}

function resultsOf({ two, one }: Record<keyof typeof names, readonly Sample[]>): Section['results'] {
  return [
    { contender: names.two, samples: two },
    { contender: names.one, samples: one },
  ];
}
