import { isDeleting, type RegistryReplication } from '../api/registryreplication.ts';
import { durationMs } from '../domain/desired.ts';
import { pollAfterMs } from '../domain/poll.ts';
import { maxRepairs, nextRepairAt } from '../domain/repair.ts';
import type { ReplicaRow } from './replicas.ts';

/** What a region waits for, and when the operator looks at it next. */
export interface Awaited {
  /** In words; undefined: nothing, it is as it should be. */
  readonly what?: string;
  /** The moment before which nothing is changed, while it is to come. */
  readonly notBefore?: string;
  /** The next look comes within so many milliseconds; undefined: it is not looked at. */
  readonly withinMs?: number;
}

type About = { readonly object: RegistryReplication; readonly now: Date };

const busy: Readonly<Record<string, string>> = {
  Creating: 'Azure to finish creating it',
  Updating: 'Azure to finish changing it',
  Deleting: 'Azure to finish deleting it',
};

/** What is said of one region, from the status that the operator wrote last. */
export function awaitedBy(row: ReplicaRow, { object, now }: About): Awaited {
  const { spec, status } = object;
  const deleting = isDeleting(object);
  if (spec.suspend === true && !deleting) return { what: 'somebody to resume it: spec.suspend is true' };
  const intervalMs = durationMs(status?.interval ?? spec.interval ?? '5m');
  const { provisioningState: state } = row;
  const running = busy[state];
  const syncs = row.standing === 'busy' && state === 'Succeeded' && row.wanted;
  if (running !== undefined || (syncs && !deleting)) {
    const ageMs = row.since === undefined ? 0 : Math.max(now.getTime() - Date.parse(row.since), 0);
    return { what: running ?? 'its images to arrive', withinMs: Math.min(pollAfterMs(state, ageMs), intervalMs) };
  }
  const what = deleting ? leavingText(row, object) : wantedText(row, object, now);
  if (what === undefined) return { withinMs: intervalMs };
  const isObserved = spec.mode === 'Observe' && status?.registry !== undefined;
  if (isObserved) return { what: `${what}; mode Observe leaves it undone`, withinMs: intervalMs };
  const notBefore = laterOf(row, now);
  return {
    what,
    ...(notBefore === undefined ? {} : { notBefore: notBefore.toISOString().replace(/\.\d+Z$/, 'Z') }),
    withinMs: intervalMs,
  };
}

function wantedText(row: ReplicaRow, object: RegistryReplication, now: Date): string | undefined {
  const { provisioningState: state, standing, wanted, location, message } = row;
  if (state === 'unknown') return "the operator's first look at Azure";
  if (wanted && isBroken(state)) return repairText(row);
  if (wanted && state === 'missing') return message === '' ? 'its creation' : 'its creation, which Azure refused';
  const settings = settingsOf(object, location);
  if (settings !== undefined) return `a change of ${settings}`;
  if (standing !== 'unlisted' && !(isBroken(state) && !wanted)) return undefined;
  if (!isSurplus(object, location)) return undefined;
  const isNoticed = row.notBefore !== undefined && Date.parse(row.notBefore) > now.getTime();
  return isNoticed ? 'its deletion, of which notice is given' : 'its deletion, once every wanted region is ready';
}

function leavingText({ managed, provisioningState: state }: ReplicaRow, { spec }: RegistryReplication) {
  if (managed === 'Home' || state === 'missing' || state === 'unknown' || state === 'home') return undefined;
  if (spec.deletionPolicy === 'Retain') return 'the object to let go of it; it stays in Azure';
  return managed === 'Unlisted' ? undefined : 'its deletion';
}

function repairText({ attempts = 0 }: ReplicaRow): string {
  return attempts >= maxRepairs
    ? 'a person: it was repaired three times in vain'
    : `its repair, number ${attempts + 1} of ${maxRepairs}`;
}

function laterOf({ notBefore, since, provisioningState, attempts = 0 }: ReplicaRow, now: Date): Date | undefined {
  const moments = [
    ...(notBefore === undefined ? [] : [new Date(notBefore)]),
    ...(isBroken(provisioningState) && attempts < maxRepairs ? [nextRepairAt(since, attempts)] : []),
  ];
  return moments.filter((moment) => moment > now).sort((a, b) => b.getTime() - a.getTime())[0];
}

function isBroken(state: string): boolean {
  return state === 'Failed' || state === 'Canceled';
}

function isSurplus({ status }: RegistryReplication, location: string): boolean {
  return status?.plan?.includes(`-${location}`) ?? false;
}

/** `routing and tags`, when status.plan says that they differ. */
function settingsOf({ status }: RegistryReplication, location: string): string | undefined {
  const line = status?.plan?.find((one) => one.startsWith(`~${location} `));
  return line?.split(' ').slice(1).join(' and ');
}
