import type { JournalEntry } from '../../sandbox/emulator/journal.ts';
import type { History, Version } from './history.ts';

/** One registry as the run knows it. */
export interface Ground {
  readonly registry: string;
  readonly home: string;
  /** The objects about the registry, by `namespace/name`. */
  readonly objects: ReadonlyMap<string, History>;
}

export interface JudgeOptions {
  readonly cluster: string;
  /** How long a pass may go on after the object was edited, in milliseconds; it acts on what it began with. */
  readonly slackMs: (at: number) => number;
  /** The versions of any object of this cluster, whatever its registry. */
  readonly historyOf: (key: string) => History | undefined;
}

export type Verdict = { readonly right: string } | { readonly wrong: string };

/**
 * Whether Azure was rightly asked to delete a replica: some object about the registry must have had a version at the
 * time that justifies it, as the documentation of the spec says. Shares no code with the operator.
 */
export function judge(entry: JournalEntry, ground: Ground, options: JudgeOptions): Verdict {
  const { region = '', was, at } = entry;
  if (region === ground.home) return { wrong: 'it is the home region' };
  if (was === undefined) return { right: 'nothing was there' };
  if (was.provisioningState === 'Deleting') return { right: 'asked again while it was being deleted' };
  const from = at - options.slackMs(at);
  const reasons: string[] = [];
  for (const [key, history] of ground.objects) {
    if (blockedByElder(key, ground, from, at)) {
      reasons.push(`${key}: an older object manages the registry`);
      continue;
    }
    for (const version of history.during(from, at)) {
      const verdict = judgeVersion(key, history, version, entry, from, options);
      if ('right' in verdict) return verdict;
      reasons.push(`${key}: ${verdict.wrong}`);
    }
  }
  return { wrong: reasons.length === 0 ? 'no object is about this registry' : [...new Set(reasons)].join('; ') };
}

function judgeVersion(
  key: string,
  history: History,
  version: Version,
  { region = '', was, at }: JournalEntry,
  from: number,
  { cluster, historyOf }: JudgeOptions,
): Verdict {
  const { spec, deleting } = version;
  if (spec.mode === 'Observe') return { wrong: 'mode is Observe' };
  if (spec.suspend === true && !deleting) return { wrong: 'it is suspended' };
  const owner = Object.entries(was?.tags ?? {}).find(([name]) => name.toLowerCase() === 'acr-replication-owner')?.[1];
  const own = `${cluster}/${key}`;
  if (owner !== undefined && owner !== own && !maybeGone(owner, cluster, from, at, historyOf))
    return { wrong: `the replica is ${owner}’s` };
  const listed = lists(version, region);
  if (deleting) {
    if (!listed) return { wrong: 'it is being deleted and does not list the region' };
    if (spec.deletionPolicy === 'Retain') return { wrong: 'it is being deleted and deletionPolicy is Retain' };
    return { right: 'its object is being deleted' };
  }
  if (listed) {
    const broken = was?.provisioningState === 'Failed' || was?.provisioningState === 'Canceled';
    return broken
      ? { right: 'repair' }
      : { wrong: `it lists the region, and the replica was ${was?.provisioningState}` };
  }
  switch (spec.prune ?? 'All') {
    case 'All':
      return { right: 'outside the set' };
    case 'Owned': {
      // Of any object of this name: a replica bears the name of who made it, and it is remembered who it was.
      const mine = history.versions.some((v) => v.from <= at && lists(v, region));
      return owner === own || mine
        ? { right: 'outside the set, its own' }
        : { wrong: 'prune is Owned, and it never was' };
    }
    case 'None':
      return { wrong: 'prune is None' };
  }
}

/** Whether another object held the registry all the time. Of two made in the same second either may, as it has begun first. */
function blockedByElder(key: string, { objects }: Ground, from: number, to: number): boolean {
  const own = objects.get(key);
  const eldest = Math.min(...(own?.during(from, to).map((version) => own.createdAt(version)) ?? []));
  return [...objects].some(([other, history]) => {
    if (other === key) return false;
    const versions = history.during(from, to);
    if (!history.surelyThere(from, to) || versions.some(({ spec }) => spec.mode === 'Observe')) return false;
    return versions.every((version) => history.createdAt(version) < eldest);
  });
}

/** Whether the object that an owner tag names may have been away at some moment. Other clusters' objects never are. */
function maybeGone(
  owner: string,
  cluster: string,
  from: number,
  to: number,
  historyOf: JudgeOptions['historyOf'],
): boolean {
  if (!owner.startsWith(`${cluster}/`)) return false;
  return historyOf(owner.slice(cluster.length + 1))?.surelyThere(from, to) !== true;
}

function lists({ spec }: Version, region: string): boolean {
  return spec.regions.some(({ location }) => plain(location) === region);
}

/** "Japan East" and japaneast are one region. */
export function plain(location: string): string {
  return location.toLowerCase().replaceAll(' ', '');
}
