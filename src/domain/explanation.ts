import type { Account, Result } from './account.ts';
import { settingsIn } from './differences.ts';
import type { Desired, Replica } from './replication.ts';

/** Why it was so decided about a region, in one line for a log; undefined when nothing was decided. */
export function because({ isHome, wish, decision }: Account, { prune }: Desired): string | undefined {
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
      if (decision.repair) return `wanted, and broken: repair ${decision.attempt} begins by deleting it`;
      return wanted ? 'the object is being deleted' : 'outside the set, all of which serves';
    case 'update':
      return `the spec states other ${settingsIn(decision.change).join(' and ')}`;
    case 'hold':
      return 'outside the set, and stays until every wanted region is provisioned';
    case 'verify':
      return `listed as ${decision.replica.state}: a GET must confirm that`;
    case 'pause':
      return `broken; the next repair may begin at ${decision.until.toISOString()}`;
    case 'blocked':
      return decision.reason === 'Conflict' ? `it belongs to ${decision.owner}` : 'all repairs have failed';
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
