import type { RegistryReplication } from '../../api/registryreplication.ts';
import { regionOf } from '../../domain/region.ts';
import type { Command } from '../command.ts';
import { optionsOf, split } from '../parse.ts';
import { type Wanted, wantedAt } from './wanted.ts';

/** A word that fits, and what it is. */
export interface Candidate {
  readonly value: string;
  readonly says?: string;
}

/** What is asked of the kubeconfig and the cluster while a person waits. */
export interface Live {
  readonly contexts: (wanted: Wanted) => readonly string[];
  /** Names of namespaces. */
  readonly namespaces: (wanted: Wanted) => Promise<readonly string[]>;
  /** The objects of the namespace that is given, or of the context's. */
  readonly objects: (wanted: Wanted) => Promise<readonly RegistryReplication[]>;
}

/** Directives of cobra, which kubectl reads. https://github.com/spf13/cobra/blob/main/site/content/completions/_index.md */
const files = 0;
const noFiles = 4;

/** What kubectl and the shells' scripts read: a candidate per line with what it is after a tab, then `:<directive>`. */
export async function complete(commands: readonly Command[], words: readonly string[], live: Live): Promise<string> {
  const wanted = wantedAt(commands, commandFirst(words));
  if (wanted.completes === 'file') return `:${files}\n`;
  // A cluster that cannot be reached, or rights that are missing, are no news for somebody who presses Tab.
  const candidates = await candidatesOf(commands, wanted, live).catch(() => []);
  const fitting = candidates.filter(({ value }) => value.startsWith(wanted.prefix));
  const lines = fitting.map(({ value, says }) => `${wanted.lead}${value}${says === undefined ? '' : `\t${says}`}\n`);
  return `${lines.join('')}:${noFiles}\n`;
}

/** The words with the command before the options that were typed before it. */
function commandFirst(words: readonly string[]): readonly string[] {
  const { name, rest } = split(words.slice(0, -1));
  return name === undefined ? words : [name, ...rest, ...words.slice(-1)];
}

async function candidatesOf(commands: readonly Command[], wanted: Wanted, live: Live): Promise<readonly Candidate[]> {
  const { completes, command } = wanted;
  switch (completes) {
    case undefined:
    case 'file':
      return [];
    case 'command':
      return commands.map(({ name, summary }) => ({ value: name, says: summary }));
    case 'option':
      return command === undefined ? [] : optionsOf(command).map(({ name, says }) => ({ value: `--${name}`, says }));
    case 'context':
      return live.contexts(wanted).map((value) => ({ value }));
    case 'namespace':
      return (await live.namespaces(wanted)).map((value) => ({ value }));
    case 'object':
      return (await live.objects(wanted))
        .map(objectCandidate)
        .filter(({ value }) => !wanted.args.includes(value))
        .toSorted((a, b) => (a.value < b.value ? -1 : 1));
    case 'region':
      return regionsOf(wanted, await live.objects(wanted)).map((value) => ({ value }));
    default:
      return completes.map((value) => ({ value }));
  }
}

function objectCandidate({ metadata, spec, status }: RegistryReplication): Candidate {
  const { phase, summary } = status ?? {};
  const state = phase === undefined ? '' : `, ${phase}${summary === undefined ? '' : ` ${summary}`}`;
  return { value: metadata.name, says: `registry ${spec.registry.name}${state}` };
}

/** The regions of the object that is named before; without one, of all objects. */
function regionsOf({ command, args }: Wanted, objects: readonly RegistryReplication[]): readonly string[] {
  const index = command?.args.findIndex(({ completes }) => completes === 'object') ?? -1;
  const name = index === -1 ? undefined : args[index];
  const regions = objects
    .filter(({ metadata }) => name === undefined || metadata.name === name)
    .flatMap(({ spec, status }) => [...spec.regions, ...(status?.replicas ?? [])])
    .map(({ location }) => regionOf(location));
  return [...new Set(regions)].toSorted();
}
