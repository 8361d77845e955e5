import { isDeleting, type RegistryReplication } from '../api/registryreplication.ts';
import { durationMs } from '../domain/desired.ts';
import { leavesAzure } from '../domain/outset.ts';
import { pollAfterMs } from '../domain/poll.ts';
import { regionOf } from '../domain/region.ts';
import { maxRepairs, nextRepairAt, vanishedCode } from '../domain/repair.ts';
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
  const isObserved = spec.mode === 'Observe' && !deleting && status?.registry !== undefined;
  if (isObserved) return { what: `${what}; mode Observe leaves it undone`, withinMs: intervalMs };
  const notBefore = laterOf(row, now);
  return {
    what,
    ...(notBefore === undefined ? {} : { notBefore: notBefore.toISOString().replace(/\.\d+Z$/, 'Z') }),
    withinMs: intervalMs,
  };
}

function wantedText(row: ReplicaRow, object: RegistryReplication, now: Date): string | undefined {
  const { provisioningState: state, wanted, location } = row;
  if (state === 'unknown') return "the operator's first look at Azure";
  const error = errorIn(object, location);
  if (!wanted) return isSurplus(object, location) ? prunedText(row, object, now) : undefined;
  if (isBroken(state) || error?.code === vanishedCode) return repairText(row);
  if (state === 'missing') return error === undefined ? 'its creation' : 'its creation, which Azure refused';
  const settings = settingsOf(object, location);
  return settings === undefined ? undefined : settings === 'drain' ? 'its drain' : `a change of ${settings}`;
}

/** A replica outside the set that is to go. */
function prunedText({ location, notBefore, managed }: ReplicaRow, object: RegistryReplication, now: Date): string {
  if (isContested(object, location)) return 'a person: it belongs to another owner, so it is not deleted';
  if (errorIn(object, location) !== undefined) return 'its deletion, which Azure refused';
  const isNoticed = managed === 'Unlisted' && notBefore !== undefined && Date.parse(notBefore) > now.getTime();
  return isNoticed ? 'its deletion, of which notice is given' : 'its deletion, once every wanted region is ready';
}

function errorIn({ status }: RegistryReplication, location: string) {
  return status?.replicas?.find((entry) => regionOf(entry.location) === location)?.error;
}

/** Whether the conditions say of the region that it is another owner's: `japaneast, uksouth: belongs to …`. */
function isContested({ status }: RegistryReplication, location: string): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.reason === 'Conflict' && ready.message.split(/: |, | /).includes(location);
}

function leavingText({ managed, provisioningState: state }: ReplicaRow, object: RegistryReplication) {
  if (managed === 'Home' || state === 'missing' || state === 'unknown' || state === 'home') return undefined;
  if (leavesAzure(object)) return 'the object to let go of it; it stays in Azure';
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
