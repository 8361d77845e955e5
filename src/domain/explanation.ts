import type { Account, Result } from './account.ts';
import { settingsIn } from './differences.ts';
import type { Pause } from './plan.ts';
import type { Desired, Replica } from './replication.ts';

/** Why it was so decided about a region, in one line for a log; undefined when nothing was decided. */
export function because({ isHome, wish, decision, course }: Account, { prune }: Desired): string | undefined {
  const wanted = wish !== undefined;
  switch (decision?.kind) {
    case undefined:
      return undefined;
    case 'keep':
      if (isHome) return 'the home region is as the spec states it';
      if (wanted) return `as wanted: ${stateText(decision.replica)}`;
      return prune === 'None'
        ? 'outside the set; spec.prune is None'
        : 'outside the set, neither created nor adopted by this object; spec.prune is Owned';
    case 'wait':
      return `Azure is busy with it: ${stateText(decision.replica)}`;
    case 'create':
      if (decision.attempt > 0) return `wanted, and to be made again: repair ${decision.attempt}`;
      return decision.absent.length === 0 ? 'wanted, and not there' : 'wanted, and not listed; a GET comes first';
    case 'delete':
      if (decision.then === 'repaired') return `wanted, and broken: repair ${decision.attempt} begins by deleting it`;
      if (decision.then === 'recreated') return 'wanted, and asked for anew by the annotation recreate';
      return decision.confirm.serving.length === 0
        ? 'the object is being deleted'
        : 'outside the set, all of which is ready';
    case 'lag':
      return 'Azure accepted it less than a minute ago and does not show it yet';
    case 'restore':
      return `wanted, provisioned before, and broken: repair ${decision.attempt} sends it its own settings again`;
    case 'note':
      return 'a drain is due; status says first what its routing was';
    case 'update':
      if (course?.kind === 'drained') return 'a drain is due';
      if (course?.kind === 'end') return 'its drain is over';
      return `the spec states other ${settingsIn(decision.change).join(' and ')}`;
    case 'hold':
      if (wanted) return 'asked for anew by the annotation recreate; it stays until another region is in routing';
      return `outside the set, and stays until ${decision.until === 'ready' ? 'every wanted region is ready' : 'another region is in routing'}`;
    case 'verify':
      return `listed as ${decision.replica.state}: a GET must confirm that`;
    case 'pause':
      return `${pauseText(decision.why)} ${decision.until.toISOString()}`;
    case 'blocked':
      if (decision.reason === 'Conflict') return `it belongs to ${decision.owner}`;
      return decision.reason === 'Overridden' ? 'each change was undone' : 'all repairs have failed';
  }
}

function pauseText({ kind }: Pause): string {
  switch (kind) {
    case 'repair':
      return 'broken; the next repair may begin at';
    case 'change':
      return 'the last change did not last; the next one may be made at';
    case 'deletion':
      return 'it is still there after it was deleted; the next try may be made at';
    case 'refused':
      return 'Azure refused the last change; the next one may be tried at';
    case 'notice':
      return 'somebody else made it; it may be deleted at';
  }
}

/** What a GET showed where a write had been decided. */
export function foundText(result: Result | undefined): string | undefined {
  if (result?.kind !== 'found') return undefined;
  return result.replica === undefined ? 'a GET shows no replica' : `a GET shows ${stateText(result.replica)}`;
}

function stateText({ state, status }: Replica): string {
  return status === '' || status === state ? state : `${state}, ${status}`;
}
