import type { Replica } from '../../../src/domain/replication.ts';
import type { Action, World } from './world.ts';

/** A trace for people, one line per action. */
export function linesOf(trace: readonly Action[]): string[] {
  return trace.map((action, i) => `  ${String(i + 1).padStart(3)}  ${lineOf(action)}`);
}

export function linesOfStart({ actors, replicas, policy }: World): string[] {
  return [
    ...[...actors].map(([key, { object }]) => `  ${key}: ${JSON.stringify(object.spec)}`),
    ...[...replicas.values()].map((replica) => `  there: ${replicaText(replica)}`),
    ...(Object.keys(policy).length === 0 ? [] : [`  a policy writes ${JSON.stringify(policy)}`]),
  ];
}

function lineOf(action: Action): string {
  if (action.kind === 'happening') return action.says;
  return `pass of ${action.key}${action.fault === undefined ? '' : `, in which ${action.fault.says}`}`;
}

export function replicaText({ region, name, state, tags, routing }: Replica): string {
  const called = name === region ? '' : ` called ${name}`;
  const off = routing === 'Enabled' ? '' : ' out of routing';
  return `${region}${called} ${state}${off} ${JSON.stringify(tags)}`;
}
