import { hasFinalizer, isDeleting, type RegistryReplication } from '../../api/registryreplication.ts';
import { type Account, accountsOf, isAccountReady } from '../../domain/account.ts';
import { concernsOf } from '../../domain/concerns.ts';
import { isDraining } from '../../domain/drains.ts';
import type { Memory } from '../../domain/memory.ts';
import { leavesAzure } from '../../domain/outset.ts';
import { type Neighbours, ownershipAmong } from '../../domain/owners.ts';
import { isOwn } from '../../domain/ownership.ts';
import type { Finding } from '../../domain/pass.ts';
import { changeFor, confirms, type Decision, type Deletion, type Pause, plan, prunes } from '../../domain/plan.ts';
import type { Region } from '../../domain/region.ts';
import {
  type Actual,
  type Change,
  type Desired,
  isHomeWell,
  type NewReplica,
  ownerTags,
  type Replica,
  type Tags,
} from '../../domain/replication.ts';
import { type Situation, situationOf } from '../../domain/situation.ts';

/** What changes in Azure. */
export type Doing = 'create' | 'delete' | 'update';

/** A setting, and what becomes of it; `from` is undefined where there was none. */
export interface Setting {
  readonly name: string;
  readonly from: string | undefined;
  readonly to: string;
}

/** What the operator's next pass does about one region. */
export interface Line {
  readonly region: Region;
  readonly kind: Doing | 'keep' | 'held';
  /** Name of the replica; undefined where there is none. */
  readonly name: string | undefined;
  /** Empty unless the replica is created or updated, or would be. */
  readonly settings: readonly Setting[];
  /** Why; empty where the kind says it all. */
  readonly why: string;
  /**
   * What would be done if it weren't held; of a region that is updated what is done later. Undefined of all others, and
   * where nothing is to be done anyway.
   */
  readonly would: Doing | undefined;
  /** Whether what would be done comes by itself: without an edit, and without a person who clears something away. */
  readonly comes: boolean;
  /** Until when it is held; undefined when that depends on something else than time. */
  readonly until: Date | undefined;
  /** The replica is deleted to be created again. */
  readonly again: boolean;
  /** Regions whose update, in the same pass, may put the deletion off to the next one: whichever comes first. */
  readonly mayWaitFor: readonly Region[];
}

/** Why the operator does nothing at all about an object, after "because". */
export type Stop = string;

export interface Known {
  readonly memory: Memory;
  readonly neighbours: Neighbours;
  readonly now: Date;
}

/**
 * What the next pass would do, by the functions of the pass itself; nothing is asked and nothing waits. Where `stop` is
 * given all that it would do is held.
 */
export function forecast(
  object: RegistryReplication,
  { desired, actual }: { readonly desired: Desired; readonly actual: Actual },
  { memory, neighbours, now }: Known,
  stop?: Stop,
): readonly Line[] {
  const owner = ownershipAmong(object, neighbours);
  const situation = situationOf(object, { desired, actual }, { memory, owner, now });
  if (isDeleting(object) && (leavesAzure(object) || !hasFinalizer(object))) return letGo(situation);
  const accounts = accountsOf(situation, plan(situation), new Map());
  const finding: Finding = { kind: 'observed', desired, registry: actual.registry, accounts };
  const concerns = new Map(
    concernsOf({ object, memory, owner, now, retries: 0, finding }, finding).map((one) => [one.region, one]),
  );
  const held = stop ?? (desired.mode === 'Observe' ? 'mode: Observe only tells of it' : undefined);
  return accounts
    .flatMap((account) => lineOf(account, situation, accounts, (region) => concerns.get(region)?.text ?? ''))
    .map((line) => (held === undefined ? line : stopped(line, held)));
}

/** Whether Azure changes now. */
export function isChange(line: Line): line is Line & { readonly kind: Doing } {
  return line.kind === 'create' || line.kind === 'delete' || line.kind === 'update';
}

function stopped(line: Line, why: Stop): Line {
  const would = line.would ?? (isChange(line) ? line.kind : undefined);
  return would === undefined ? line : { ...line, kind: 'held', would, why, comes: false, until: undefined };
}

const nothing = {
  name: undefined,
  settings: [],
  why: '',
  would: undefined,
  comes: false,
  until: undefined,
  again: false,
  mayWaitFor: [],
};

/** What is left in Azure when the object goes. */
function letGo({ actual }: Situation): readonly Line[] {
  return [...actual.replicas.values()]
    .map(({ region, name }): Line => ({ ...nothing, region, name, kind: 'keep', why: 'it stays when the object goes' }))
    .sort((a, b) => (a.region < b.region ? -1 : 1));
}

function lineOf(
  account: Account,
  situation: Situation,
  accounts: readonly Account[],
  concern: (region: Region) => string,
): readonly Line[] {
  const { region, decision, replica } = account;
  const base = { ...nothing, region, name: replica?.name };
  if (decision === undefined) return undecided(account, situation).map((why) => ({ ...base, kind: 'keep', why }));
  switch (decision.kind) {
    case 'keep':
      return [{ ...base, kind: 'keep', why: keptBecause(account, situation.desired) }];
    case 'create': {
      const { attempt } = decision;
      const why = attempt > 0 ? `repair ${attempt} of 3: it vanished while it was being created` : '';
      return [{ ...base, kind: 'create', name: decision.replica.name, settings: madeWith(decision.replica), why }];
    }
    case 'update': {
      const settings = changed(decision.replica, decision.change);
      const why = isDraining(account.course) ? 'drained' : account.course === undefined ? '' : 'its drain is over';
      if (settings.length === 0) return [{ ...base, kind: 'keep', why: `${why}; Azure is asked once more` }];
      if (!isToGo(account, decision.replica, situation)) return [{ ...base, kind: 'update', settings, why }];
      const later = `${why}; it is deleted once every wanted region is ready`;
      return [{ ...base, kind: 'update', settings, why: later, would: 'delete', comes: true }];
    }
    case 'note':
      return [
        { ...base, kind: 'update', settings: changed(decision.replica, { routing: 'Disabled' }), why: 'drained' },
      ];
    case 'restore':
      return [
        {
          ...base,
          kind: 'update',
          why: `it is ${decision.replica.state}: sent its own settings again, repair ${decision.attempt} of 3`,
        },
      ];
    case 'delete':
      // The GET before a DELETE will show what LIST shows.
      if (!account.isListed)
        return [{ ...base, name: undefined, kind: 'held', why: 'Azure lists none, and is asked for it by name' }];
      if (!confirms(decision, decision.replica)) return [{ ...base, kind: 'keep', why: 'it is not of this object' }];
      return [deleted(decision, situation, accounts)];
    case 'wait':
    case 'lag':
    case 'verify':
    case 'hold':
    case 'pause':
    case 'blocked': {
      const would = wouldBe(account, situation);
      const settings = would === undefined ? [] : settingsOf(account, would);
      const isBlocked = decision.kind === 'blocked';
      const until = decision.kind === 'pause' ? decision.until : undefined;
      const why = heldBecause(decision, accounts, situation.desired, concern(region));
      return [{ ...base, kind: 'held', settings, why, would, comes: would !== undefined && !isBlocked, until }];
    }
  }
}

/** Whether a replica that is changed now has left the set, and is deleted later. */
function isToGo({ wish, isHome, before }: Account, replica: Replica, { desired, owner }: Situation): boolean {
  if (wish !== undefined || isHome) return false;
  return prunes(desired, isOwn(replica, owner, before) ? 'Created' : before?.managed);
}

function deleted(decision: Deletion, situation: Situation, accounts: readonly Account[]): Line {
  const { region, replica, then, confirm } = decision;
  const serving = new Set(confirm.serving.map((one) => one.region));
  const mayWaitFor = accounts.flatMap((account) => {
    const kind = account.decision?.kind;
    return serving.has(account.region) && (kind === 'update' || kind === 'restore') ? [account.region] : [];
  });
  const waiting =
    mayWaitFor.length === 0
      ? ''
      : `; it may wait until ${mayWaitFor.join(', ')} ${mayWaitFor.length === 1 ? 'is' : 'are'} updated`;
  const why = `${deletedBecause(decision, situation)}${waiting}`;
  return { ...nothing, region, name: replica.name, kind: 'delete', why, again: then !== 'nothing', mayWaitFor };
}

/** Why a region stays as it is about which nothing was decided; empty when there is nothing to tell of it. */
function undecided({ isHome, replica }: Account, { deleting }: Situation): readonly string[] {
  if (isHome) return ['home region of the registry'];
  if (replica === undefined) return [];
  return [deleting ? 'it is not of this object' : ''];
}

function keptBecause({ isHome, wish, replica }: Account, { prune }: Desired): string {
  if (wish === undefined) return `not in the spec, and prune is ${prune}`;
  const said = replica === undefined || /^(ready|)$/i.test(replica.status) ? '' : `; Azure reports ${replica.status}`;
  return isHome ? `home region, as the spec has it${said}` : `as the spec has it${said}`;
}

function deletedBecause({ then, attempt, replica }: Deletion, { deleting }: Situation) {
  if (then === 'recreated') return 'to be created anew, as the annotation asks';
  if (then === 'repaired') return `it is ${replica.state}: to be created anew, repair ${attempt} of 3`;
  return deleting ? 'the object is being deleted' : 'not in the spec';
}

/** What is to be done about a region for which something waits. */
function wouldBe({ wish, replica, isHome, decision }: Account, { deleting }: Situation): Doing | undefined {
  if (decision?.kind === 'verify' && deleting) return 'delete';
  if (wish === undefined || deleting) {
    const isGoing = replica === undefined || replica.state === 'Deleting';
    return isGoing || decision?.kind === 'verify' || decision?.kind === 'lag' ? undefined : 'delete';
  }
  if (replica === undefined) return 'create';
  if (replica.state === 'Deleting') return isHome ? undefined : 'create';
  if (replica.state === 'Failed' || replica.state === 'Canceled') return 'update';
  return changeFor(isHome ? { ...wish, tags: {} } : wish, replica) === undefined ? undefined : 'update';
}

function settingsOf({ wish, replica, isHome }: Account, would: Doing): readonly Setting[] {
  if (wish === undefined || would === 'delete') return [];
  if (would === 'create' || replica === undefined) return madeWith(wish);
  return changed(replica, changeFor(isHome ? { ...wish, tags: {} } : wish, replica) ?? {});
}

type Waiting = Exclude<Decision, { readonly kind: 'keep' | 'create' | 'update' | 'note' | 'restore' | 'delete' }>;

/** Why a region is left alone now. `concern` is what the object's conditions would tell of it. */
function heldBecause(decision: Waiting, accounts: readonly Account[], desired: Desired, concern: string): string {
  switch (decision.kind) {
    case 'wait':
      return decision.replica.state === 'Deleting'
        ? 'Azure is deleting it already'
        : `Azure is busy with it (${decision.replica.state})`;
    case 'lag':
      return 'Azure has just accepted it and does not show it yet';
    case 'verify':
      return "Azure's list shows something else than was known: it is asked for by name first";
    case 'hold':
      if (decision.until === 'routed') return 'it is the last region in routing while others are drained';
      return `not every wanted region is ready: ${unready(accounts, desired).join(', ')}`;
    case 'pause':
      return pausedBecause(decision.why);
    case 'blocked':
      return `${decision.reason}: it ${concern}`.replace(/\.$/, '');
  }
}

function pausedBecause(why: Pause): string {
  switch (why.kind) {
    case 'repair':
      return 'the last repair did not help: the next one waits';
    case 'change':
      return 'the last change did not last: the next one waits';
    case 'deletion':
      return 'the last deletion did not last: the next one waits';
    case 'refused':
      return `Azure refused it: ${why.refusal.message}`.replace(/\.$/, '');
    case 'notice':
      return 'somebody else made it, and it is given five minutes; list it to keep it, or set prune: Owned';
  }
}

/** What a deletion waits for: `japaneast (Creating)`. */
function unready(accounts: readonly Account[], desired: Desired): readonly string[] {
  return accounts
    .filter((account) => {
      if (account.isHome) return !isHomeWell(account.replica);
      return account.wish !== undefined && (account.decision?.kind === 'delete' || !isAccountReady(account, desired));
    })
    .map(({ region, replica, decision }) => {
      if (replica === undefined) return `${region} (missing)`;
      if (decision?.kind === 'delete') return `${region} (to be made anew)`;
      return `${region} (${replica.state === 'Succeeded' ? replica.status || 'not reported' : replica.state})`;
    });
}

/** The settings that a new replica is made with, beside the operator's own tags. */
function madeWith({ region, name, routing, zoneRedundancy, tags }: NewReplica): readonly Setting[] {
  const stated = [
    ['name', name === region ? undefined : name],
    ['routing', routing],
    ['zoneRedundancy', zoneRedundancy],
    ...Object.entries(tags)
      .filter(([tag]) => !isOperators(tag))
      .map(([tag, value]) => [`tag ${tag}`, value] as const),
  ] as const;
  return stated.flatMap(([setting, to]) => (to === undefined ? [] : [{ name: setting, from: undefined, to }]));
}

function changed(replica: Replica, { routing, tags = replica.tags }: Change): readonly Setting[] {
  const tagged = Object.entries(tags)
    .filter(([tag, value]) => replica.tags[tag] !== value)
    .map(([tag, to]): Setting => ({ name: `tag ${tag}`, from: replica.tags[tag], to }));
  return [...(routing === undefined ? [] : [{ name: 'routing', from: replica.routing, to: routing }]), ...tagged];
}

const operators: Tags = ownerTags('');
function isOperators(tag: string): boolean {
  return Object.keys(operators).some((own) => own === tag.toLowerCase());
}
