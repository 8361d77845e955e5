import { setTimeout as delay } from 'node:timers/promises';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { cpuSeconds } from '../bench/process-figures.ts';
import { keyOf } from './agreement.ts';
import { chanceFrom } from './chance.ts';
import { Findings, messageOf } from './findings.ts';
import { type ForeignHands, foreignHandsOf } from './foreign-hands.ts';
import { type LogCounts, logCounts } from './log-classes.ts';
import { asksToLookNow, type Observer, observerOf } from './observer.ts';
import { type OldData, oldDataOf } from './old-data.ts';
import { type Lives, livesOf } from './operator-lives.ts';
import { type Outage, outagesOf, slackMs } from './outages.ts';
import { type Person, personOf } from './person.ts';
import { type Spells, spellsOf } from './spells.ts';
import { soakWorld } from './world.ts';

export interface HourOptions {
  readonly minutes: number;
  readonly objects: number;
  readonly seed: number;
  readonly say: (line: string) => void;
  /** Aborts when the person interrupts the run. */
  readonly signal: AbortSignal;
}

/** All that there is to report. */
export interface Hour {
  readonly seconds: number;
  readonly findings: Findings;
  readonly person: Person;
  readonly hands: ForeignHands;
  readonly spells: Spells;
  readonly oldData: OldData;
  readonly lives: Lives;
  readonly outages: readonly Outage[];
  readonly observer: Observer;
  readonly log: LogCounts;
  readonly calls: Readonly<Record<string, number>>;
  /** Seconds until all agreed, after faults and edits had stopped; undefined: they never did. */
  readonly settledS: number | undefined;
  /** Objects whose message asked the person for something, and got it. */
  readonly nudges: number;
  readonly cpuS: Readonly<Record<string, number>>;
  readonly interrupted: boolean;
}

const second = 1_000;
const quietDeadlineMs = 12 * 60 * second;
/** For so long nothing may be written after all agree. */
const stillMs = 10 * second;

export async function hour({ minutes, objects, seed, say, signal }: HourOptions): Promise<Hour> {
  const chance = (stream: number) => chanceFrom(seed * 1_000 + stream);
  const findings = new Findings(say);
  const end = new AbortController();
  say('starting API server, Azure and operator');
  await using world = await soakWorld(objects, chance(0));
  const { plane, azure, registries, actors } = world;
  const { kube } = plane;
  const { control } = azure;
  const began = Date.now();
  const plannedMs = minutes * 60 * second;
  const quietAt = began + plannedMs - Math.min(8 * 60 * second, plannedMs * 0.15);

  const outages = outagesOf(plane.apiserver, chance(1), findings);
  const spells = spellsOf(control, registries, chance(2));
  const oldData = oldDataOf(control, registries, chance(7));
  const hands = foreignHandsOf(control, registries, chance(3), end.signal);
  const rotateSecret = (namespace: string) => world.rotateSecret(namespace);
  const person = personOf({ kube, actors, chance: chance(4), findings, rotateSecret, signal: end.signal });
  const log = logCounts(
    (line) => findings.add('unknown log line', line.slice(0, 2_000)),
    (at) => outages.all.some(({ kind, from, to }) => kind === 'killed' && at >= from && at <= to + 30 * second),
  );
  const lives = livesOf({
    startOperator: () => world.startOperator(),
    line: (line) => log.read(line),
    findings,
    chance: chance(5),
    signal: end.signal,
    mayLoseLease: () => outages.all.some(({ to }) => to > Date.now() - 30 * second),
  });
  const slack = (at: number) => slackMs(at, outages.all);
  // An object that has gone is noticed within a second or two, once the API server answers again.
  const noticedUpTo = () =>
    Math.min(Date.now(), ...outages.all.filter(({ to }) => to > Date.now() - 10 * second).map(({ from }) => from)) -
    10 * second;
  const observer = observerOf({ kube, control, actors, places: registries, slackMs: slack, noticedUpTo, findings });
  const cpuS: Record<string, number> = {};
  const apiservers = new Map<number, number>();
  let phase = 'creating the objects';
  let seen: readonly RegistryReplication[] | undefined;
  let settledS: number | undefined;
  let nudges = 0;

  const progress = (): string => {
    const counts = new Map<string, number>();
    for (const { status } of seen ?? [])
      counts.set(status?.phase ?? 'new', (counts.get(status?.phase ?? 'new') ?? 0) + 1);
    const life = lives.all.at(-1);
    const last = life?.samples.at(-1);
    const deletions = [...observer.deletions.values()].reduce((sum, n) => sum + n, 0);
    return [
      clock(Date.now() - began),
      phase,
      [...counts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, n]) => `${n} ${name}`)
        .join(' '),
      `edits ${total(person.counts)} hands ${total(hands.counts)} deletions ${deletions}`,
      `faults ${spells.active().join(' ') || 'none'}`,
      `API server ${outages.current()?.kind ?? 'up'}`,
      `operator ${lives.all.length}${life?.endedAt === undefined ? '' : ' gone'} ${last?.rssMiB.toFixed(0) ?? '–'} MiB ${last?.files ?? '–'} files`,
      `findings ${findings.all.length}`,
    ].join(' · ');
  };
  const measureCpu = (): void => {
    apiservers.set(plane.apiserver.pid(), cpuSeconds(plane.apiserver.pid()));
    cpuS['API server'] = [...apiservers.values()].reduce((sum, s) => sum + (Number.isNaN(s) ? 0 : s), 0);
    cpuS['emulated Azure'] = cpuSeconds(azure.pid);
    const own = process.cpuUsage();
    cpuS['this program'] = (own.user + own.system) / 1_000_000;
    cpuS['operator'] = lives.all.reduce((sum, life) => sum + life.cpuS, 0);
  };

  /** Does something again and again until the end; what it throws is a finding. */
  async function every(ms: number | (() => number), until: AbortSignal, what: string, work: () => unknown) {
    while (!until.aborted) {
      await delay(typeof ms === 'number' ? ms : ms(), undefined, { signal: until }).catch(() => {});
      if (until.aborted) return;
      try {
        await work();
      } catch (error) {
        findings.add('the soak itself failed', `${what}: ${messageOf(error)}`);
      }
    }
  }

  const trouble = new AbortController();
  const stopTrouble = () => trouble.abort();
  signal.addEventListener('abort', stopTrouble, { once: true });
  const pace = chance(6);
  const spread = (ms: number) => () => pace.whole(Math.round(ms * 0.6), Math.round(ms * 1.4));
  const killsFrom = began + plannedMs / 3;
  const killsTo = began + (plannedMs * 2) / 3;
  const betweenLives = () => Date.now() >= killsFrom && Date.now() <= killsTo;
  let ends = 0;
  try {
    await lives.start();
    const watching = [
      every(10 * second, end.signal, 'progress', () => say(progress())),
      every(5 * second, end.signal, 'samples', () => lives.sample()),
      every(2 * second, end.signal, 'log', () => lives.readLog()),
      every(2 * second, end.signal, 'deletions', () => observer.judgeDeletions()),
      every(5 * second, end.signal, 'writes', () => observer.judgeWrites()),
      every(10 * second, end.signal, 'objects', async () => {
        seen = (await observer.look()) ?? seen;
      }),
      every(30 * second, end.signal, 'processor time', measureCpu),
    ];
    await Promise.race([person.createAll(), new Promise((resolve) => signal.addEventListener('abort', resolve))]);
    phase = 'trouble';
    const outagePause = () => spread(Math.max(plannedMs / (betweenLives() ? 40 : 20), 25 * second))();
    // So many that an hour holds 20 outages and 20 deaths, and a life before them and one after for the slopes.
    const troubles = [
      every(spread((200 / objects) * second), trouble.signal, 'edits', () => person.editOne()),
      every(spread((800 / objects) * second), trouble.signal, 'hands', () => hands.changeOne()),
      every(
        () => outagePause(),
        trouble.signal,
        'API server',
        () => outages.one(betweenLives() ? 'hard' : 'gently', trouble.signal),
      ),
      every(spread(Math.max(plannedMs / 60, 20 * second)), trouble.signal, 'operator', async () => {
        if (betweenLives()) await lives.end((ends += 1) % 2 === 1 ? 'SIGKILL' : 'SIGTERM');
      }),
      spells.run(trouble.signal),
      oldData.run(trouble.signal),
    ];
    await delay(Math.max(quietAt - Date.now(), 0), undefined, { signal }).catch(() => {});
    trouble.abort();
    await Promise.all(troubles);
    if (!signal.aborted) {
      phase = 'quiet';
      await settle();
      await delay(Math.max(began + plannedMs - Date.now(), 0), undefined, { signal }).catch(() => {});
    }
    measureCpu();
    end.abort();
    await Promise.all(watching);
    await observer.judgeDeletions('last');
    await observer.judgeWrites();
    await lives.stop();
    return {
      seconds: (Date.now() - began) / second,
      findings,
      person,
      hands,
      spells,
      oldData,
      lives,
      outages: outages.all,
      observer,
      log,
      calls: await control.counters(),
      settledS,
      nudges,
      cpuS,
      interrupted: signal.aborted,
    };
  } finally {
    trouble.abort();
    end.abort();
    plane.apiserver.thaw();
    await lives.stop();
  }

  /** Waits until all agree, doing what the messages of the objects ask a person for; then nothing may move. */
  async function settle(): Promise<void> {
    const from = Date.now();
    const nudged = new Set<string>();
    let wrong: Awaited<ReturnType<Observer['compareAll']>>;
    while (Date.now() - from < quietDeadlineMs && !signal.aborted) {
      const objects = await observer.look();
      for (const object of objects ?? []) {
        const actor = actors.find(({ key }) => key === keyOf(object));
        if (actor === undefined || !asksToLookNow(object) || nudged.has(actor.key)) continue;
        nudged.add(actor.key);
        nudges += 1;
        await person.lookNow(actor);
      }
      wrong = await observer.compareAll();
      const pending = person.pending() + hands.pending();
      phase = `quiet, ${wrong?.size ?? 'unknown'} left`;
      if (wrong?.size === 0 && pending === 0) {
        settledS = (Date.now() - from) / second;
        return staysStill();
      }
      await delay(3 * second, undefined, { signal }).catch(() => {});
    }
    if (signal.aborted) return;
    for (const [key, problems] of [...(wrong ?? [])].slice(0, 10))
      findings.add('does not agree', `${key}: ${problems.join('; ')}\n${await observer.evidence(key)}`);
    if ((wrong?.size ?? 1) > 10) findings.add('does not agree', `${wrong?.size} objects in all`);
    if (person.pending() > 0) findings.add('an edit never ended', `${person.pending()} are under way`);
  }

  async function staysStill(): Promise<void> {
    const before = writesOf(await control.counters());
    await delay(stillMs, undefined, { signal }).catch(() => {});
    const after = writesOf(await control.counters());
    if (after !== before) findings.add('Azure written to although nothing was to change', `${after - before} writes`);
  }
}

function writesOf(counters: Readonly<Record<string, number>>): number {
  return ['PUT', 'PATCH', 'DELETE'].reduce((sum, verb) => sum + (counters[`${verb} replication`] ?? 0), 0);
}

export function total(counts: Readonly<Partial<Record<string, number>>>): number {
  return Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / second);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
