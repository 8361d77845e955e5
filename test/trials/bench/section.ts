import type { Entrant, Lab } from './lab.ts';

export type Unit = 'ms' | 's' | 'MiB' | '%' | '';

/** A figure of a scenario. */
export interface Figure {
  /** Its name for programs, which stays. */
  readonly id: string;
  readonly name: string;
  readonly unit: Unit;
}

/** What one run gave, by the ids of figures. A figure that a run could not take is absent or NaN. */
export type Sample = Readonly<Record<string, number>>;

/** What a scenario gave. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  /** The samples of each contender, in the order in which they were taken. */
  readonly results: readonly { readonly contender: string; readonly samples: readonly Sample[] }[];
  /** What the figures mean, to the letter: lines of at most 116 characters. */
  readonly legend: readonly string[];
}

/** Takes a sample of each contender in turn, A B A B, so that what changes meanwhile on the machine strikes all alike. */
export async function inTurn(
  { entrants, say }: Lab,
  { runs, what }: { readonly runs: number; readonly what: string },
  sample: (entrant: Entrant, run: number) => Promise<Sample>,
): Promise<Section['results']> {
  const results = entrants.map(({ name }) => ({ contender: name, samples: [] as Sample[] }));
  for (let run = 0; run < runs; run++)
    for (const [index, entrant] of entrants.entries()) {
      say(`${what}, run ${run + 1} of ${runs}${entrants.length > 1 ? `, ${entrant.name}` : ''}`);
      results[index]?.samples.push(await sample(entrant, run));
    }
  return results;
}

/** Joins what several labs gave for the same contenders. */
export function joined(all: readonly Section['results'][]): Section['results'] {
  return (all[0] ?? []).map(({ contender }, index) => ({
    contender,
    samples: all.flatMap((results) => results[index]?.samples ?? []),
  }));
}

export const figure = (id: string, name: string, unit: Unit): Figure => ({ id, name, unit });

/** Processor time of everybody, as figures; `cpuSample` gives their values. */
const cpuFigures: readonly Figure[] = [
  figure('operatorCpuS', 'CPU of the operator', 's'),
  figure('apiserverCpuS', 'CPU of the API server', 's'),
  figure('etcdCpuS', 'CPU of etcd', 's'),
  figure('azureCpuS', 'CPU of the emulated Azure', 's'),
  figure('othersCpuS', 'CPU of all other programs', 's'),
];

/** What an operator asks of Kubernetes, what everybody computes, and the most memory that it takes. */
export const costFigures: readonly Figure[] = [
  figure('kubeWrites', 'writes to Kubernetes, without Events', ''),
  figure('kubeEvents', 'Events', ''),
  ...cpuFigures,
  figure('peakMiB', 'resident, peak', 'MiB'),
  figure('peakPrivateMiB', 'private, peak', 'MiB'),
];

export function cpuSample(cpu: {
  readonly operatorS: number;
  readonly apiserverS: number;
  readonly etcdS: number;
  readonly azureS: number;
  readonly othersS: number;
}): Sample {
  return {
    operatorCpuS: cpu.operatorS,
    apiserverCpuS: cpu.apiserverS,
    etcdCpuS: cpu.etcdS,
    azureCpuS: cpu.azureS,
    othersCpuS: cpu.othersS,
  };
}
