import { isDeleting } from '../api/registryreplication.ts';
import type { Account } from './account.ts';
import { explain, type Failure, waitsItsTurn } from './failure.ts';
import type { Facts, Observed } from './pass.ts';
import { changeFor, type Decision } from './plan.ts';
import { type FailureReason, type ProgressReason, reasons } from './reasons.ts';
import type { Region } from './region.ts';
import { vanishedText } from './repair.ts';
import { isBroken, isReady, type Replica } from './replication.ts';
import { shortened } from './text.ts';

/** What keeps one region from being as wanted. */
export interface Concern {
  readonly region: Region;
  readonly reason: FailureReason | ProgressReason;
  /** For people, after the region's name. */
  readonly text: string;
}

type Worry = Omit<Concern, 'region'>;

/** One concern at most for each region about which something was decided. */
export function concernsOf({ object }: Facts, { desired, accounts }: Observed): readonly Concern[] {
  const deleting = isDeleting(object);
  return accounts.flatMap((account) => {
    const { region, decision } = account;
    const worry = decision && worryOf(account, decision, desired, deleting);
    return worry === undefined ? [] : [{ region, ...worry }];
  });
}

function worryOf(
  account: Account,
  decision: Decision,
  desired: Observed['desired'],
  deleting: boolean,
): Worry | undefined {
  const { isHome, wish, result, replica } = account;
  if (result?.kind === 'failed') return failedWorry(decision, result.failure);
  if (decision.kind === 'blocked') return { reason: decision.reason, text: blockedText(decision, account) };
  if (isHome) return replica?.state === 'Updating' ? progressOf(replica) : undefined;
  if (wish === undefined || deleting) {
    if (decision.kind === 'keep' || replica === undefined) return undefined;
    return { reason: 'Deleting', text: leavingText(decision, replica) };
  }
  if (replica !== undefined && isReady(replica, desired)) {
    // A GET showed other settings than LIST: the next pass plans from them.
    const differs = result?.kind === 'found' && changeFor(wish, replica) !== undefined;
    return differs ? { reason: 'Updating', text: 'to be updated.' } : undefined;
  }
  return isRepair(account, decision)
    ? { reason: 'Repairing', text: repairText(decision, replica) }
    : progressOf(replica);
}

/** A call that waits its turn is work under way, not a failure. */
function failedWorry({ kind }: Decision, failure: Failure): Worry {
  if (!waitsItsTurn(failure)) return { reason: failure.reason, text: explain(failure) };
  const reason = kind === 'delete' ? 'Deleting' : kind === 'update' ? 'Updating' : 'Creating';
  return { reason, text: "waits its turn within Azure's request limits." };
}

/** What is told of a region stays a repair until the replica is provisioned again. */
function isRepair({ before, replica }: Account, decision: Decision): boolean {
  if (replica?.state === 'Creating' && (before?.attempts ?? 0) > 0) return true;
  if (decision.kind === 'pause') return true;
  if (decision.kind === 'delete') return decision.repair;
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

function leavingText(decision: Decision, replica: Replica): string {
  if (decision.kind === 'hold') return 'will be deleted once every wanted region is provisioned.';
  return decision.kind === 'wait' && replica.state !== 'Deleting'
    ? 'will be deleted once Azure is done with it.'
    : 'being deleted.';
}

function blockedText(decision: Decision & { readonly kind: 'blocked' }, { wish }: Account): string {
  const { advice } = reasons[decision.reason];
  if (decision.reason === 'Conflict') {
    const step =
      wish !== undefined ? advice : 'Let it go there, or keep it here: list it, or set prune: Owned or None.';
    return `belongs to ${decision.owner}, so it is not deleted. ${step}`;
  }
  if (decision.replica === undefined) return `vanished each time it was created. ${vanishedText} ${advice}`;
  return `is failed and could not be repaired.${saidOf(decision.replica) || causeUnknown} ${advice}`;
}

/** Azure tells the cause only to who polls the operation from its start; the replica seldom repeats it. */
const causeUnknown =
  " Azure does not say why; the registry's activity log may. A known cause is a private endpoint with static IP addresses.";

function repairText(decision: Decision, replica: Replica | undefined): string {
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
