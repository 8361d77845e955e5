import { apiVersion, plural, type RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { EmulatorControl } from '../../sandbox/emulator/control.ts';
import type { JournalEntry } from '../../sandbox/emulator/journal.ts';
import type { KubeAdmin } from '../../sandbox/kube-admin.ts';
import { brokenLaws } from '../../support/status-laws.ts';
import { condition, disagreements, type Ending, keyOf } from './agreement.ts';
import type { Actor, Place } from './cast.ts';
import { judge } from './deletions.ts';
import type { Findings } from './findings.ts';
import { isLed } from './led-writes.ts';
import { cluster } from './world.ts';

export interface Observer {
  /**
   * Judges every deletion that Azure has carried out since the last call. Those of the last moments wait, unless it is
   * the last call: it must have been noticed what was there then.
   */
  judgeDeletions(last?: 'last'): Promise<void>;
  /** Judges every write that was sent to Azure since the last call: the provider's own answer must have led to it. */
  judgeWrites(): Promise<void>;
  /** Number of writes that were judged so. */
  readonly writes: () => number;
  /** Number of deletions by the reason that made them right. */
  readonly deletions: ReadonlyMap<string, number>;
  /** All objects, each status checked against the laws. Undefined while the API server does not answer. */
  look(): Promise<readonly RegistryReplication[] | undefined>;
  readonly looks: () => number;
  /** What does not agree yet, by object; empty when all is as the specs say. */
  compareAll(): Promise<ReadonlyMap<string, readonly string[]> | undefined>;
  /** How the objects ended, once `compareAll` found nothing. */
  readonly endings: ReadonlyMap<Ending, number>;
  /** Status and last calls of an object, to stand in the report. */
  evidence(key: string): Promise<string>;
}

interface ObserverOptions {
  readonly kube: KubeAdmin;
  readonly control: EmulatorControl;
  readonly actors: readonly Actor[];
  readonly places: readonly Place[];
  readonly slackMs: (at: number) => number;
  /** Up to when it is known which objects were there. */
  readonly noticedUpTo: () => number;
  readonly findings: Findings;
}

export function observerOf({
  kube,
  control,
  actors,
  places,
  slackMs,
  noticedUpTo,
  findings,
}: ObserverOptions): Observer {
  const byKey = new Map(actors.map((actor) => [actor.key, actor]));
  const byName = new Map(places.map((place) => [place.name, place]));
  const historyOf = (key: string) => byKey.get(key)?.history;
  const judged = new Set<string>();
  const deletions = new Map<string, number>();
  const endings = new Map<Ending, number>();
  const agreed = new Set<string>();
  const complained = new Set<string>();
  const ledWrites = new Set<string>();
  let looks = 0;
  let judgedUpTo = 0;

  const list = async (): Promise<readonly RegistryReplication[] | undefined> => {
    try {
      return await kube.list<RegistryReplication>(`/apis/${apiVersion}/${plural}`);
    } catch {
      return undefined; // the API server is away
    }
  };

  function judgeOne(entry: JournalEntry): void {
    const { registry = '', region, at, status, was } = entry;
    const place = byName.get(registry);
    const verdict =
      place === undefined
        ? { wrong: 'nobody asked for anything there' }
        : judge(entry, { registry, home: place.location, objects: place.objects }, { cluster, slackMs, historyOf });
    if ('right' in verdict) {
      deletions.set(verdict.right, (deletions.get(verdict.right) ?? 0) + 1);
      return;
    }
    deletions.set('WRONG', (deletions.get('WRONG') ?? 0) + 1);
    const versions = [...(place?.objects ?? [])].map(([key, history]) => {
      const lately = history.during(at - slackMs(at) - 30_000, at + 1_000);
      return `${key} ${JSON.stringify(lately, undefined, 1)}`;
    });
    const what = `DELETE ${registry}/${region} at ${new Date(at).toISOString()} (${status}, was ${JSON.stringify(was)})`;
    findings.add('wrong deletion', [`${what}: ${verdict.wrong}`, ...versions].join('\n'));
  }

  async function callsOf(registry: string): Promise<string> {
    const entries = await control.journal({ registry });
    return entries
      .slice(-15)
      .map(({ at, verb, kind, region, status, code }) =>
        [new Date(at).toISOString(), verb, kind, region, status, code].filter((part) => part !== undefined).join(' '),
      )
      .join('\n');
  }

  return {
    deletions,
    endings,
    looks: () => looks,
    async judgeDeletions(last) {
      const upTo = last === undefined ? noticedUpTo() : Number.POSITIVE_INFINITY;
      const entries = await control.journal({ verb: 'DELETE', kind: 'replication' });
      for (const entry of entries) {
        const { at, status } = entry;
        const id = idOf(entry);
        if (at > upTo || at < judgedUpTo - 120_000 || judged.has(id) || status < 200 || status >= 300) continue;
        judged.add(id);
        judgedUpTo = Math.max(judgedUpTo, at);
        judgeOne(entry);
      }
    },
    writes: () => ledWrites.size,
    async judgeWrites() {
      const journals = await Promise.all(
        (['PUT', 'PATCH', 'DELETE'] as const).map((verb) => control.journal({ verb, kind: 'replication' })),
      );
      const fresh = journals.flat().filter((entry) => !ledWrites.has(idOf(entry)));
      for (const [registry = '', writes] of Map.groupBy(fresh, (entry) => entry.registry)) {
        const lists = await control.journal({ verb: 'LIST', kind: 'replications', registry });
        for (const write of writes) {
          ledWrites.add(idOf(write));
          if (isLed(write, lists)) continue;
          const what = `${write.verb} ${registry}/${write.region} at ${new Date(write.at).toISOString()}`;
          findings.add('a write that no LIST of the provider led to', `${what}\n${await callsOf(registry)}`);
        }
      }
    },
    async look() {
      const objects = await list();
      for (const object of objects ?? []) {
        looks += 1;
        const { status, metadata } = object;
        if (status?.observedGeneration === undefined) continue;
        const then = { ...object, metadata: { ...metadata, generation: status.observedGeneration } };
        for (const law of brokenLaws(then, status)) {
          if (complained.has(`${keyOf(object)} ${law}`)) continue;
          complained.add(`${keyOf(object)} ${law}`);
          findings.add('status breaks a law', `${keyOf(object)}: ${law}\n${JSON.stringify(status, undefined, 1)}`);
        }
      }
      return objects;
    },
    async compareAll() {
      const objects = await list();
      if (objects === undefined) return undefined;
      const living = new Set(objects.map(keyOf));
      const wrong = new Map<string, readonly string[]>();
      endings.clear();
      for (const actor of actors) if (!living.has(actor.key)) wrong.set(actor.key, ['there is no such object']);
      const compare = async (object: RegistryReplication): Promise<void> => {
        const place = byName.get(object.spec.registry.name);
        if (place === undefined) return;
        const about = objects.filter(({ spec }) => spec.registry.name === place.name);
        const replicas = await control.replicas(place.name).catch(() => []);
        const { ending, problems } = disagreements({ object, about, home: place.location, replicas, cluster, living });
        if (problems.length > 0) wrong.set(keyOf(object), problems);
        else agreed.add(keyOf(object));
        endings.set(ending, (endings.get(ending) ?? 0) + 1);
      };
      // Those that did not agree last time first: while there are many of them, the others need not be looked at.
      const first = objects.filter((object) => !agreed.has(keyOf(object)));
      for (const object of first) await compare(object);
      if (wrong.size > 0) return wrong;
      for (const object of objects) if (!first.includes(object)) await compare(object);
      for (const key of wrong.keys()) agreed.delete(key);
      return wrong;
    },
    async evidence(key) {
      const actor = byKey.get(key);
      const object = (await list())?.find((seen) => keyOf(seen) === key);
      const registry = actor?.registry.name ?? '';
      const replicas = await control.replicas(registry).catch(() => []);
      const azure = replicas.map(({ location, tags, properties }) => JSON.stringify({ location, tags, ...properties }));
      const { spec, status, metadata } = object ?? {};
      const { generation, annotations, deletionTimestamp, finalizers, creationTimestamp } = metadata ?? {};
      const about = { generation, annotations, deletionTimestamp, finalizers, creationTimestamp };
      return [JSON.stringify({ metadata: about, spec, status }, undefined, 1), ...azure, await callsOf(registry)].join(
        '\n',
      );
    },
  };
}

/** Tells calls apart. */
function idOf({ at, verb, path, status }: JournalEntry): string {
  return `${at} ${verb} ${path} ${status}`;
}

/** Whether the object's message asks a person to have the operator look again. */
export function asksToLookNow(object: RegistryReplication): boolean {
  return condition(object, 'Stalled')?.reason === 'RepairExhausted';
}
