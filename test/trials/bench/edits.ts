import { setTimeout as delay } from 'node:timers/promises';
import type { FaultRule } from '../../sandbox/emulator/fault-rules.ts';
import { firstCalls, fleetRegions, forget, looks } from './fleet.ts';
import { type Entrant, homes, type Lab, type Running, start, troubledOf, until } from './lab.ts';
import { figure, inTurn, type Sample, type Section } from './section.ts';
import { median, percentile } from './statistics.ts';

/** What is wrong with one subscription of 20 registries meanwhile. No object of these is edited. */
const troubles = {
  none: undefined,
  throttled: { match: { homeRegion: homes.troubled }, effect: { kind: 'throttle', retryAfterSeconds: 30 } },
  hanging: { match: { homeRegion: homes.troubled }, effect: { kind: 'hold' } },
} as const satisfies Record<string, FaultRule | undefined>;

const titles = {
  none: '',
  throttled: ' beside a subscription that answers 429',
  hanging: ' beside a subscription that does not answer',
} as const satisfies Record<keyof typeof troubles, string>;

const everyMs = 100;
/** An operator that is held up would be edited for ever. */
const mostEdits = 300;
/** How long a call is waited for after the last edit. */
const lateMs = 30_000;

/** Edits while a fleet is being looked at again after a restart: how long until the edited registry's first call. */
export async function measureEdits(lab: Lab, objects: number, runs: number): Promise<readonly Section[]> {
  const sections: Section[] = [];
  const edited = { count: 0 };
  for (const trouble of Object.keys(troubles) as (keyof typeof troubles)[]) {
    const what = `edits${titles[trouble]}, during a restart over ${objects} objects`;
    const results = await inTurn(lab, { runs, what }, (entrant) => editsOf(lab, entrant, { objects, trouble, edited }));
    sections.push({
      id: `edits.${objects}.${trouble}`,
      title: `Edit → first call${titles[trouble]}, restart over ${objects.toLocaleString('en')} objects`,
      figures: [
        figure('medianMs', 'median of the edits', 'ms'),
        figure('p99Ms', '99th percentile', 'ms'),
        figure('maxMs', 'slowest', 'ms'),
        figure('edits', 'edits', ''),
        figure('missed', `without a call within ${lateMs / 1_000} s`, ''),
      ],
      results,
      legend: [
        `A region is added to an object's spec, or taken away, every ${everyMs} ms until all were looked at, ${mostEdits} times at most:`,
        'from sending the edit to the arrival at Azure of the next call about its registry.',
      ],
    });
  }
  return sections;
}

interface Editing {
  readonly objects: number;
  readonly trouble: keyof typeof troubles;
  /** How many edits there were so far, in the lab's life. */
  readonly edited: { count: number };
}

async function editsOf(lab: Lab, entrant: Entrant, { objects, trouble, edited }: Editing): Promise<Sample> {
  const { control } = lab.azure;
  await forget(control);
  const rule = troubles[trouble];
  if (rule !== undefined) await control.addFault(rule);
  const operator = await start(lab, entrant, { run: 'edits' });
  const healthy = objects - troubledOf(objects);
  const waited = trouble === 'none' ? objects : healthy;
  const running = [operator];
  try {
    await until(async () => (await looks(control)) > 0 || undefined, {
      what: 'the first look',
      deadlineMs: 60_000,
      running,
    });
    const sentAt = new Map<string, number>();
    const most = Math.min(healthy, mostEdits);
    do {
      const registry = await edit(lab, entrant, objects, edited.count++, sentAt);
      operator.mustRun();
      await delay(Math.max(0, (sentAt.get(registry) ?? 0) + everyMs - Date.now()));
    } while (sentAt.size < most && (await looks(control)) < waited);
    const calls = await callsAfter(lab, sentAt, operator);
    const took = [...sentAt].map(([registry, sent]) => (calls.get(registry) ?? Number.POSITIVE_INFINITY) - sent);
    const answered = took.filter(Number.isFinite);
    return {
      medianMs: median(took),
      p99Ms: percentile(took, 0.99),
      maxMs: Math.max(...took),
      edits: took.length,
      missed: took.length - answered.length,
    };
  } finally {
    await control.clearFaults();
    await operator.stop();
  }
}

/** Edits the object that is next; those that are in trouble are left alone. Returns its registry. */
async function edit(
  { plane }: Lab,
  entrant: Entrant,
  objects: number,
  count: number,
  sentAt: Map<string, number>,
): Promise<string> {
  const [first, editable] = [troubledOf(objects), objects - troubledOf(objects)];
  // A stride that has no divisor in common with most sizes: all over the fleet, none twice before all were edited.
  const index = first + ((count * 7_919) % editable);
  const isGrown = Math.floor(count / editable) % 2 === 0;
  const subject = entrant.subject(index, isGrown ? [...fleetRegions, 'uksouth'] : fleetRegions);
  const { spec } = entrant.manifest(subject);
  sentAt.set(subject.registry, Date.now());
  await plane.kube.patch(`${entrant.path}/${subject.name}`, { spec });
  return subject.registry;
}

/** The first call about each registry after its edit, as far as there is one in time. */
async function callsAfter({ azure }: Lab, sentAt: ReadonlyMap<string, number>, operator: Running) {
  const after = async () => {
    const calls = await azure.control.journal();
    return firstCalls(calls.filter(({ registry = '', at }) => at >= (sentAt.get(registry) ?? Number.NaN)));
  };
  const deadline = Date.now() + lateMs;
  for (;;) {
    const calls = await after();
    if (calls.size >= sentAt.size || Date.now() > deadline) return calls;
    operator.mustRun();
    await delay(200);
  }
}
