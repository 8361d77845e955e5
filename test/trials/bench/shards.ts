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
  const results = await besideOne(runs, async (processes, turn) => {
    await using lab = await startBulkLab({ ...bench, contenders: contenders.slice(0, 1) }, objects);
    say(`${objects} new objects by ${turn}`);
    const samples: Sample[] = [];
    for (const entrant of lab.entrants) samples.push(await bulkOf(lab, entrant, { objects, pace, processes }));
    return samples;
  });
  return {
    id: 'shards.bulk',
    title: `${objects.toLocaleString('en')} new objects, two shards beside one process`,
    figures: bulkFigures,
    results,
    legend,
  };
}

/** A restart over a fleet by two processes of our own operator, beside one. */
export async function measureShardedRestart(lab: Lab, objects: number, runs: number): Promise<Section> {
  const mine = lab.entrants.slice(0, 1);
  const results = await besideOne(runs, async (processes, turn) => {
    lab.say(`restart over ${objects} objects by ${turn}`);
    const samples: Sample[] = [];
    for (const entrant of mine) samples.push(await restart(lab, entrant, objects, { settleMs: 2_000, processes }));
    return samples;
  });
  return {
    id: `shards.restart.${objects}`,
    title: `Restart over ${objects.toLocaleString('en')} objects, two shards beside one process`,
    figures: restartFigures,
    results,
    legend,
  };
}

/** Two processes and one in turn, in each run. */
async function besideOne(
  runs: number,
  measure: (processes: number, turn: string) => Promise<readonly Sample[]>,
): Promise<Section['results']> {
  const samples: Record<keyof typeof names, Sample[]> = { two: [], one: [] };
  for (let run = 1; run <= runs; run++) {
    samples.two.push(...(await measure(2, `${names.two}, run ${run} of ${runs}`)));
    samples.one.push(...(await measure(1, `${names.one}, run ${run} of ${runs}`)));
  }
  return [
    { contender: names.two, samples: samples.two },
    { contender: names.one, samples: samples.one },
  ];
}
