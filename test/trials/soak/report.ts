import { coveredRow } from '../../support/covered.ts';
import { type Hour, total } from './hour.ts';
import { measures, overallSlope } from './measures.ts';

interface Given {
  readonly minutes: number;
  readonly objects: number;
  readonly seed: number;
}

/** The whole report; what the measures find is added to the findings first. */
export function report(hour: Hour, { minutes, objects, seed }: Given): string {
  const { findings, person, hands, spells, oldData, lives, outages, observer, log, calls, settledS, nudges, cpuS } =
    hour;
  const flat = measures(lives.all, findings);
  const kills = lives.all.filter(({ end }) => end === 'SIGKILL').length;
  const stops = lives.all.filter(({ end }) => end === 'exit code 0').length;
  const lost = lives.all.filter(({ end }) => end === 'lost the lease').length;
  const killed = outages.filter(({ kind }) => kind === 'killed').length;
  const struck = [...spells.used.values()].reduce((sum, use) => sum + use.struck, 0);
  const deletions = Object.fromEntries(observer.deletions);
  const byKind = [...spells.used].map(
    ([kind, use]) => `  ${kind.padEnd(22)}${pad(use.spells)} spells ${pad(use.struck)} calls struck`,
  );
  const unused = [...spells.used].filter(([, use]) => use.spells === 0).map(([kind]) => kind);
  const lines = [
    `Soak: ${(hour.seconds / 60).toFixed(1)} minutes, ${objects} objects, seed ${seed}${hour.interrupted ? ', INTERRUPTED' : ''}`,
    '',
    section('Edits', person.counts),
    section('Foreign hands in Azure', hands.counts),
    `API server: killed ${killed} times, frozen ${outages.length - killed} times`,
    `Operator: ${lives.all.length} lives, ${kills} ended by kill -9, ${stops} by SIGTERM, ${lost} by losing the lease`,
    section('Calls to Azure', calls),
    '',
    'Faults of Azure',
    ...byKind,
    ...(unused.length === 0 ? [] : [`  never used: ${unused.join(', ')}`]),
    '',
    section('Data of Resource Graph', oldData.counts),
    `Writes to Azure, each led to by a LIST of the provider: ${observer.writes()}`,
    section('Deletions that Azure carried out, by what justified them', deletions),
    `Statuses checked against the laws: ${observer.looks()}`,
    section('Warnings and errors in the log', Object.fromEntries(log.byClass)),
    `Log lines in all: ${log.lines()}`,
    '',
    ...flat,
    '',
    section('Processor time in seconds', mapValues(cpuS, Math.round)),
    settledS === undefined
      ? 'After faults and edits had stopped, NOT all agreed'
      : `After faults and edits had stopped, all agreed within ${Math.round(settledS)} s; ${nudges} were asked to look again, as their messages say`,
    section('The objects in the end', Object.fromEntries(observer.endings)),
    '',
    ...findings.all
      .slice(0, 40)
      .map(({ at, what, evidence }) => `${new Date(at).toISOString()} ${what.toUpperCase()}: ${evidence}\n`),
    findings.all.length > 40 ? `… and ${findings.all.length - 40} more` : '',
    verdict(hour),
    '',
    coveredRow({
      what: 'A bad hour',
      counts: {
        objects,
        edits: total(person.counts) - (person.counts.create ?? 0),
        'changes by others': total(hands.counts),
        'kinds of fault': [...spells.used.values()].filter((use) => use.struck > 0).length,
        'calls struck by faults': struck,
        'API server outages': outages.length,
        'ends of the operator': kills + stops - 1 + lost,
        'deletions judged': total(deletions),
        'writes judged': observer.writes(),
        'looks by Resource Graph': (calls['LIST replicationsGraph'] ?? 0) + (calls['POST resourceGraphQuery'] ?? 0),
        'log lines': log.lines(),
        seed,
      },
      held:
        findings.all.length > 0
          ? `${findings.all.length} findings: does not hold`
          : `all agree in the end, no wrong deletion, every error line known; per hour memory ${slope(hour, 'resident memory')} MiB, heap ${slope(hour, 'heap after collection')} MiB, files ${slope(hour, 'file handles')}, connections ${slope(hour, 'connections')}`,
      command: `npm run soak -- --minutes ${minutes}`,
      seconds: hour.seconds,
    }),
  ];
  return `${lines.filter((line) => line !== undefined).join('\n')}\n`;
}

export function holds({ findings, settledS, interrupted }: Hour): boolean {
  return findings.all.length === 0 && (settledS !== undefined || interrupted);
}

function verdict(hour: Hour): string {
  if (hour.findings.all.length > 0) {
    const kinds = Map.groupBy(hour.findings.all, ({ what }) => what);
    return `DOES NOT HOLD: ${[...kinds].map(([what, all]) => `${all.length} × ${what}`).join(', ')}`;
  }
  return hour.interrupted
    ? 'Interrupted; nothing wrong was found so far.'
    : 'HOLDS: all agree, nothing wrong was found.';
}

function slope({ lives }: Hour, name: Parameters<typeof overallSlope>[1]): string {
  const value = overallSlope(lives.all, name);
  return Number.isNaN(value) ? 'not judged' : `${value < 0 ? '' : '+'}${value.toFixed(1)}`;
}

function section(title: string, counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${title}: ${entries.length === 0 ? 'none' : entries.map(([name, count]) => `${name} ${count}`).join(', ')}`;
}

function mapValues(values: Readonly<Record<string, number>>, map: (value: number) => number): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}

function pad(count: number): string {
  return String(count).padStart(6);
}
