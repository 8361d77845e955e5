import { isDeleting } from '../api/registryreplication.ts';
import { type Account, isAccountReady, isPuttingBack } from './account.ts';
import { alteredSettings } from './differences.ts';
import { isDraining } from './drains.ts';
import { type Failure, waitsItsTurn } from './failure.ts';
import type { Remembered } from './memory.ts';
import type { Facts, Observed } from './pass.ts';
import type { Decision } from './plan.ts';
import { type FailureReason, type ProgressReason, reasons } from './reasons.ts';
import { judgedFailure, refusedSince } from './refusal.ts';
import type { Region } from './region.ts';
import { maxChanges, vanishedText } from './repair.ts';
import { type Change, isBroken, isHomeWell, type Replica, type Wish } from './replication.ts';
import { plainText, shortened } from './text.ts';

/** What keeps one region from being as wanted. */
export interface Concern {
  readonly region: Region;
  readonly reason: FailureReason | ProgressReason;
  /** For people, after the region's name. */
  readonly text: string;
}

type Worry = Omit<Concern, 'region'>;

/** One concern at most for each region about which something was decided, and for a home region that does not serve. */
export function concernsOf({ object, now }: Facts, { desired, accounts }: Observed): readonly Concern[] {
  const deleting = isDeleting(object);
  return accounts.flatMap((account) => {
    const worry = account.isHome ? homeWorry(account, now) : worryOf(account, desired, deleting, now);
    return worry === undefined ? [] : [{ region: account.region, ...worry }];
  });
}

/** The home region serves unless Azure says otherwise; nobody but Azure can mend it. */
function homeWorry(account: Account, now: Date): Worry | undefined {
  const { result, replica } = account;
  if (result?.kind === 'failed') return failedWorry(account, result.failure, now);
  const decision = account.decision && toldAs(account.decision, result);
  if (decision?.kind === 'blocked') return blockedWorry(decision, account);
  if (decision?.kind === 'pause') return pauseWorry(decision, account);
  if (replica === undefined) return undefined;
  if (replica.state === 'Updating') return progressOf(replica);
  if (isHomeWell(replica)) return differingWorry(account);
  const said = replica.state === 'Succeeded' ? replica.status : replica.state;
  return { reason: 'Syncing', text: `is the home region, of which Azure reports ${said}; only Azure can mend it.` };
}

/** One more try of what did not last is no news: until it lasts, it is told as the pauses between the tries are. */
function toldAs(decision: Decision, result: Account['result']): Decision {
  if (result?.kind !== 'updated' && result?.kind !== 'deleting') return decision;
  if (decision.kind !== 'update' && decision.kind !== 'delete') return decision;
  if (decision.attempt <= maxChanges || (decision.kind === 'delete' && decision.then !== 'nothing')) return decision;
  const { region, replica } = decision;
  const change = decision.kind === 'update' ? decision.change : undefined;
  return { kind: 'blocked', reason: 'Overridden', region, replica, change };
}

function worryOf(account: Account, desired: Observed['desired'], deleting: boolean, now: Date): Worry | undefined {
  const { wish, result, replica } = account;
  if (account.decision === undefined) return undefined;
  if (result?.kind === 'failed') return failedWorry(account, result.failure, now);
  const decision = toldAs(account.decision, result);
  if (decision.kind === 'blocked') return blockedWorry(decision, account);
  if (decision.kind === 'pause' && decision.why.kind !== 'repair') return pauseWorry(decision, account);
  if (isPuttingBack(account) && !deleting)
    return replica?.state === 'Updating' ? progressOf(replica) : differingWorry(account);
  if (wish === undefined || deleting) {
    if (decision.kind === 'keep') return undefined;
    if (replica === undefined)
      return deleting && account.isListed ? { reason: 'Deleting', text: contradictedText } : undefined;
    return { reason: 'Deleting', text: leavingText(decision, replica) };
  }
  if (decision.kind === 'lag' && result === undefined) {
    return { reason: 'Creating', text: 'accepted by Azure, which does not show it yet.' };
  }
  if (replica !== undefined && isAccountReady(account, desired)) {
    if (decision.kind === 'delete')
      return { reason: 'Deleting', text: 'to be deleted and created anew, as was asked for.' };
    return differingWorry(account);
  }
  return isRepair(account, decision)
    ? { reason: 'Repairing', text: repairText(decision, replica) }
    : progressOf(replica);
}

/** A GET showed other settings than LIST, or Azure accepted a change and answers without it: the next pass plans from that. */
function differingWorry(account: Account): Worry | undefined {
  const { result, replica } = account;
  const isNews = result?.kind === 'found' || result?.kind === 'updated';
  const differs = isNews && alteredSettings(account, replica).length > 0;
  return differs ? { reason: 'Updating', text: 'to be updated.' } : undefined;
}

/** A call that waits its turn is work under way, not a failure. */
function failedWorry(account: Account, failure: Failure, now: Date): Worry {
  const { decision } = account;
  if (!waitsItsTurn(failure)) {
    const { reason, message } = judgedFailure(failure, refusedSince(account, failure, now), now);
    return { reason, text: `${message}${refusedDrainText(account, reason)}` };
  }
  const kind = decision?.kind;
  const reason =
    kind === 'delete'
      ? 'Deleting'
      : kind === 'update' || kind === 'note'
        ? 'Updating'
        : kind === 'restore'
          ? 'Repairing'
          : 'Creating';
  return { reason, text: "waits its turn within Azure's request limits." };
}

/** For whom a drain that Azure does not carry out makes no difference; whoever pulls from the region's own host still does. */
export const localPullHelps = "Pods elsewhere that pull from their own region's host are not sent there.";

/** What helps while Azure refuses to begin or to end a drain; empty where there is nothing to add. */
function refusedDrainText({ course, replica, settings }: Account, reason: Concern['reason']): string {
  if (course?.kind === 'end' && replica?.routing === 'Disabled' && settings?.routing === 'Enabled')
    return ' Its drain is over; it stays out of routing until Azure accepts that, and its own host goes on serving.';
  if (!isDraining(course) || replica?.routing === 'Disabled' || reason !== 'Retrying') return '';
  return ` Until Azure accepts its drain it stays in routing; while the registry's home region is down Azure changes no replica. ${localPullHelps}`;
}

/** What is told of a replica that somebody else made and that is to go. */
export const noticeText =
  'was made by somebody else; it will be deleted, at the earliest five minutes after it was first seen to be unwanted. To keep it: list it, or set prune: Owned, or mode: Observe.';

type Paused = Decision & { readonly kind: 'pause' };

/** A change that waits: because Azure refused it, because the last one did not last, or to give notice. */
function pauseWorry({ why }: Paused, account: Account): Worry {
  const { replica } = account;
  switch (why.kind) {
    case 'refused': {
      const { reason, message } = why.refusal;
      return { reason, text: `${message}${refusedDrainText(account, reason)}` };
    }
    case 'notice':
      return { reason: 'Deleting', text: noticeText };
    case 'deletion':
      return { reason: 'Deleting', text: 'is still there after it was deleted; the next try waits its turn.' };
    case 'change':
      if (replica === undefined)
        return { reason: 'Creating', text: 'is gone since it was changed; it is made again after a pause.' };
      return { reason: 'Updating', text: 'was changed, and is not so any more; the next change waits its turn.' };
    case 'repair':
      return { reason: 'Repairing', text: repairText({ kind: 'pause' }, replica) };
  }
}

/** What is told of a region stays a repair until the replica is provisioned again. */
function isRepair({ before, replica }: Account, decision: Decision): boolean {
  if (replica?.state === 'Creating' && (before?.attempts ?? 0) > 0) return true;
  if (decision.kind === 'pause' || decision.kind === 'restore') return true;
  if (decision.kind === 'delete') return decision.then === 'repaired';
  if (decision.kind === 'verify') return replica === undefined || isBroken(replica.state);
  return decision.kind === 'create' && decision.attempt > 0 && replica?.state !== 'Succeeded';
}

/** A wanted replica on its way. */
function progressOf(replica: Replica | undefined): Worry {
  switch (replica?.state) {
    case undefined:
    case 'Creating':
    case 'Unknown':
      return { reason: 'Creating', text: 'being created.' };
    case 'Updating':
      return { reason: 'Updating', text: 'being updated.' };
    case 'Deleting':
      return { reason: 'Deleting', text: 'being deleted; it will be created again.' };
    case 'Failed':
    case 'Canceled':
      return { reason: 'Repairing', text: 'failed and is being made again.' };
    case 'Succeeded':
      return { reason: 'Syncing', text: syncingText(replica) };
  }
}

function syncingText({ status, message }: Replica): string {
  if (status === '') return 'provisioned; Azure does not say whether the images have arrived.';
  return `provisioned; Azure reports ${status}${message === '' ? '' : ` (${message})`}.`;
}

/** One of the two is behind its time: absence is proven when they agree. */
const contradictedText = "is in Azure's list of replications and not found by its name; it is asked for again.";

function leavingText(decision: Decision, replica: Replica): string {
  const waits = decision.kind === 'delete' && decision.confirm.serving.length > 0 && replica.state !== 'Deleting';
  if (decision.kind === 'hold' && decision.until === 'routed')
    return 'will be deleted once another region is in routing.';
  if (decision.kind === 'hold' || waits) return 'will be deleted once every wanted region is ready.';
  if (decision.kind === 'lag') return 'was accepted by Azure, which does not show it yet; then it will be deleted.';
  return decision.kind === 'wait' && replica.state !== 'Deleting'
    ? 'will be deleted once Azure is done with it.'
    : 'being deleted.';
}

function blockedWorry(decision: Decision & { readonly kind: 'blocked' }, account: Account): Worry {
  return { reason: decision.reason, text: blockedText(decision, account) };
}

function blockedText(decision: Decision & { readonly kind: 'blocked' }, { wish, before }: Account): string {
  const { advice } = reasons[decision.reason];
  switch (decision.reason) {
    case 'Conflict':
      return conflictText(decision.owner, decision.wanted, wish !== undefined);
    case 'Overridden':
      return `${overriddenText(decision.change, wish, decision.replica)} ${advice}`;
    case 'RepairExhausted':
      if (decision.replica === undefined) return `vanished each time it was created. ${vanishedText} ${advice}`;
      return `is failed and could not be repaired.${refusedText(before) || saidOf(decision.replica) || causeUnknown} ${advice}`;
  }
}

/** Empty when Azure accepted the last repair. */
function refusedText(before: Remembered | undefined): string {
  return before?.refusal === undefined ? '' : ` The last repair was refused: ${before.refusal.message}`;
}

function conflictText(owner: string, wanted: 'deletion' | 'repair' | 'change', isListed: boolean): string {
  const left = wanted === 'change' ? 'its settings are left as they are' : 'it is not deleted';
  const step = isListed
    ? reasons.Conflict.advice
    : 'Let it go there, or keep it here: list it, or set prune: Owned or None.';
  return `belongs to ${owner}, so ${left}. ${step}`;
}

/** Which settings were to be what, and what they are. */
function overriddenText(change: Change | undefined, wish: Wish | undefined, replica: Replica): string {
  if (change === undefined) return 'was deleted three times, as Azure accepted, and is still there.';
  const routing = change.routing === undefined ? [] : [`routing ${change.routing}, found ${replica.routing}`];
  const differing = Object.entries(wish?.tags ?? {}).filter(([name, value]) => tagOf(replica, name) !== value);
  const tags = differing.map(([name, value]) => `tag ${name} "${value}", found "${tagOf(replica, name) ?? 'none'}"`);
  const settings = [...routing, ...tags].map((text) => plainText(text, 200)).slice(0, 5);
  return `is changed back each time: wanted ${settings.join('; ')}.`;
}

function tagOf({ tags }: Replica, name: string): string | undefined {
  return Object.entries(tags).find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1];
}

/** Azure tells the cause only to who polls the operation from its start; the replica seldom repeats it. */
const causeUnknown =
  " Azure does not say why; the registry's activity log may. A known cause is a private endpoint with static IP addresses.";

function repairText(decision: Decision | { readonly kind: 'pause' }, replica: Replica | undefined): string {
  if (decision.kind === 'restore') return `failed, and is sent its own settings again.${saidOf(replica)}`;
  const vanished = decision.kind === 'verify' && decision.replica.state === 'Creating' && replica === undefined;
  if (decision.kind !== 'pause' && !vanished) return `failed and is being made again.${saidOf(replica)}`;
  if (replica === undefined) return `${vanishedText} The next repair waits its turn.`;
  return `failed; the next repair waits its turn.${saidOf(replica)}`;
}

/** What Azure says of a failed replica, in at most 300 characters: a condition's message is bounded. */
function saidOf(replica: Replica | undefined): string {
  if (replica === undefined || replica.message === '' || replica.state === 'Creating') return '';
  return ` Azure says: ${shortened(replica.message, 300).replace(/\.$/, '')}.`;
}

/** `japaneast, westeurope: being created. brazilsouth: …`, regions with equal texts together. */
export function toldTogether(texts: readonly Pick<Concern, 'region' | 'text'>[]): string {
  const byText = Map.groupBy(texts, ({ text }) => text);
  return [...byText].map(([text, group]) => `${group.map(({ region }) => region).join(', ')}: ${text}`).join(' ');
}
