import type { Replica } from '../../../src/domain/replication.ts';
import type { Action, Fault, World } from './world.ts';

/** A trace for people, one line per action. */
export function linesOf(trace: readonly Action[]): string[] {
  return trace.map((action, i) => `  ${String(i + 1).padStart(3)}  ${lineOf(action)}`);
}

export function linesOfStart({ actors, replicas }: World): string[] {
  return [
    ...[...actors].map(([key, { object }]) => `  ${key}: ${JSON.stringify(object.spec)}`),
    ...[...replicas.values()].map((replica) => `  there: ${replicaText(replica)}`),
  ];
}

function lineOf(action: Action): string {
  switch (action.kind) {
    case 'pass':
      return `pass of ${action.key}${action.fault === undefined ? '' : `, in which ${faultText(action.fault)}`}`;
    case 'progress':
      return `Azure goes on in ${action.region}: ${action.fate}`;
    case 'later':
      return `${action.ms / 1_000} s later`;
    case 'restart':
      return 'the operator restarts';
    case 'apply':
      return `${action.key} is applied: ${JSON.stringify(action.spec)}`;
    case 'ask':
      return `${action.key} is annotated to be looked at`;
    case 'delete':
      return `${action.key} is deleted`;
    case 'hand':
      return `somebody ${action.replica === undefined ? `removes ${action.region}` : `puts ${replicaText(action.replica)}`}`;
  }
}

function faultText(fault: Fault): string {
  if (fault.kind === 'omit') return `LIST leaves out ${fault.region}`;
  if (fault.kind === 'stale') return `LIST shows ${replicaText(fault.replica)}`;
  return `call ${fault.nth} fails with ${fault.failure.code}${fault.lost ? ' after it was carried out' : ''}`;
}

function replicaText({ region, name, state, tags, routing }: Replica): string {
  const called = name === region ? '' : ` called ${name}`;
  const off = routing === 'Enabled' ? '' : ' out of routing';
  return `${region}${called} ${state}${off} ${JSON.stringify(tags)}`;
}
