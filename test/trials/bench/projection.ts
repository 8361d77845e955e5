import type { Section } from './section.ts';
import { summaryOf } from './statistics.ts';

/** What is taken from elsewhere than the measurements. */
export interface Given {
  /** Memory limit of a pod of deploy/, in MiB. */
  readonly podMiB: number;
  /** Reads of a subscription a second that the operator uses: Azure's 25, of which it leaves a fifth to others. */
  readonly readsPerSecond: number;
  /** Pages of 900 registries a second that the operator asks of Resource Graph: half of what Azure allows an identity. */
  readonly graphPagesPerSecond: number;
  /** Seconds from look to look at a steady registry: the default of spec.interval. */
  readonly intervalS: number;
  /** What etcd holds unless it is told otherwise, in MiB: https://etcd.io/docs/v3.6/dev-guide/limit/ */
  readonly etcdMiB: number;
}

/** What one registry takes, measured; the ids of figures say where it comes from. */
interface PerRegistry {
  readonly size: number;
  readonly lookMs: number;
  readonly baseMiB: number;
  readonly objectKiB: number;
  readonly storedKiB: number;
  readonly writes: number;
  readonly apiserverMs: number;
}

interface Limit {
  readonly what: string;
  readonly arithmetic: string;
  readonly registries: number;
  readonly taken: (registries: number) => string;
}

/**
 * What so many registries take, with the arithmetic, from the medians of the largest restart, of the idle figures and of the
 * bulk. Nothing where one of them is missing.
 */
export function projection(sections: readonly Section[], registries: number, given: Given): readonly string[] {
  const measured = perRegistry(sections);
  if (measured === undefined) return [];
  const limits = limitsOf(measured, given).toSorted((a, b) => a.registries - b.registries);
  const { writes, apiserverMs, lookMs, size } = measured;
  const all = registries.toLocaleString('en');
  const rows = limits.flatMap(({ what, arithmetic, registries: most, taken }) => [
    `  ${what}`,
    `    ${arithmetic} = ${Math.floor(most).toLocaleString('en')} registries; ${all} take ${taken(registries)}`,
  ]);
  return [
    `${all} registries, computed from the medians above (${size.toLocaleString('en')} objects)`,
    ...rows,
    '  All looked at after a restart, one process',
    `    ${all} × ${lookMs.toFixed(2)} ms = ${minutes((registries * lookMs) / 1_000)} of one processor, shared by the shards`,
    '  All new at once',
    `    ${all} × ${writes.toFixed(1)} writes, ${apiserverMs.toFixed(1)} ms of the API server an object = ${minutes((registries * apiserverMs) / 1_000)} of one processor`,
    `  First limit: ${(limits[0]?.what ?? '').replace(/^./, (letter) => letter.toLowerCase())}.`,
  ];
}

/** Registries on a page of a query: docs/decisions/0010-resource-graph-for-objects-at-rest.md */
const perPage = 900;

function limitsOf(
  one: PerRegistry,
  { podMiB, readsPerSecond, graphPagesPerSecond, intervalS, etcdMiB }: Given,
): readonly Limit[] {
  const perSubscription = readsPerSecond * intervalS;
  const perIdentity = (graphPagesPerSecond * intervalS * perPage) / 2;
  const perPod = ((podMiB - one.baseMiB) * 1_024) / one.objectKiB;
  const perProcessor = (intervalS * 1_000) / one.lookMs;
  const perEtcd = (etcdMiB * 1_024) / one.storedKiB;
  return [
    {
      what: 'Reads of one subscription at the default interval, where Resource Graph does not answer',
      arithmetic: `${readsPerSecond}/s × ${intervalS} s`,
      registries: perSubscription,
      taken: (all) => `${Math.ceil(all / perSubscription)} subscriptions`,
    },
    {
      what: 'Queries of Resource Graph by one identity, each page read twice in an interval',
      arithmetic: `${graphPagesPerSecond}/s × ${intervalS} s × ${perPage} / 2`,
      registries: perIdentity,
      taken: (all) => `${Math.ceil((2 * all) / perPage)} pages an interval`,
    },
    {
      what: 'Memory of one process at the limit of deploy/',
      arithmetic: `(${podMiB} − ${one.baseMiB.toFixed(0)} MiB) / ${one.objectKiB.toFixed(1)} KiB`,
      registries: perPod,
      taken: (all) =>
        `${Math.ceil(all / perPod)} shards, or ${((one.baseMiB + (all * one.objectKiB) / 1_024) / 1_024).toFixed(1)} GiB in one process`,
    },
    {
      what: 'One processor for the looks of one process',
      arithmetic: `${intervalS} s / ${one.lookMs.toFixed(2)} ms`,
      registries: perProcessor,
      taken: (all) => `${((100 * all) / perProcessor).toFixed(0)} % of a processor`,
    },
    {
      what: 'etcd at its default size, two revisions of each object',
      arithmetic: `${etcdMiB.toLocaleString('en')} MiB / ${one.storedKiB.toFixed(1)} KiB`,
      registries: perEtcd,
      taken: (all) => `${((all * one.storedKiB) / 1_024).toFixed(0)} MiB`,
    },
  ];
}

function perRegistry(sections: readonly Section[]): PerRegistry | undefined {
  const largest = Math.max(
    0,
    ...sections.flatMap(({ id }) => (id.startsWith('idle.') ? [Number(id.split('.')[1])] : [])),
  );
  const bulk = sections.find(({ id }) => id.startsWith('bulk.'));
  const bulkSize = Number(bulk?.id.split('.')[1] ?? Number.NaN);
  const of = (id: string, figure: string) => medianOf(sections, id, figure);
  const base = of('idle.1', 'restMiB');
  const measured = {
    size: largest,
    lookMs: (of(`restart.${largest}`, 'operatorCpuS') * 1_000) / largest,
    baseMiB: base,
    objectKiB: ((of(`idle.${largest}`, 'restPeakMiB') - base) * 1_024) / largest,
    storedKiB: of(`idle.${largest}`, 'objectBytes') * (2 / 1_024),
    writes: (of(bulk?.id ?? '', 'kubeWrites') + of(bulk?.id ?? '', 'kubeEvents')) / bulkSize,
    apiserverMs: (of(bulk?.id ?? '', 'apiserverCpuS') * 1_000) / bulkSize,
  };
  return Object.values(measured).every(Number.isFinite) && largest > 1 ? measured : undefined;
}

/** The median of the first contender. */
function medianOf(sections: readonly Section[], id: string, figure: string): number {
  const samples = sections.find((section) => section.id === id)?.results[0]?.samples ?? [];
  return summaryOf(samples.map((sample) => sample[figure] ?? Number.NaN))?.median ?? Number.NaN;
}

function minutes(seconds: number): string {
  return seconds < 120 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(0)} min`;
}
