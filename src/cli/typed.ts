import { globalOptions } from './global-options.ts';
import { program } from './help.ts';
import type { Parsed } from './parse.ts';

/** A word as a shell takes it for one. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The command line as it was typed; options that are added at its end count. */
export function typedLine(words: readonly string[]): string {
  return [program, ...words.map(quoted)].join(' ');
}

/**
 * A command line of kubectl or the plugin with the options by which the namespace, the cluster and the user of this call
 * were chosen, so that it is about the same when it is pasted. Other texts stay as they are.
 */
export function here(line: string, { text, texts }: Pick<Parsed, 'text' | 'texts'>): string {
  const [, command = ''] = /^kubectl (\S+)/.exec(line) ?? [];
  if (command === '' || / --help\b/.test(line)) return line;
  const names = command === 'config' ? ['kubeconfig'] : whereabouts;
  const isNamespaced = namespaced.has(command) && !/ (?:-n|--namespace|-A|--all-namespaces)\b/.test(line);
  const namespace = text('namespace');
  const given = [
    ...(namespace === undefined || !isNamespaced ? [] : ['-n', namespace]),
    ...names
      .filter((name) => !line.includes(` --${name} `))
      .flatMap((name) => texts(name).flatMap((value) => [`--${name}`, value])),
  ];
  return [line, ...given.map(quoted)].join(' ');
}

/** Options that say which cluster is meant, and who asks; kubectl has the same. */
const whereabouts = globalOptions.flatMap(({ name, value }) =>
  value === undefined || name === 'namespace' ? [] : name,
);

/** Commands of kubectl that are shown here for objects of the call's namespace. */
const namespaced: ReadonlySet<string> = new Set(['acr-replication', 'edit', 'patch']);
