import type { Cluster } from './cluster.ts';
import type { Terminal } from './output/terminal.ts';

/** What a word on the command line stands for, which tells how it is completed. */
export type Completed = 'object' | 'region' | 'context' | 'namespace' | 'file' | 'command' | readonly string[];

/** An option, with which help, parsing, completion and docs/cli.md are made. */
export interface Option {
  /** Without dashes. */
  readonly name: string;
  readonly short?: string;
  /** The placeholder of its value; undefined: it takes none. */
  readonly value?: string;
  /** It may be given more than once. */
  readonly many?: true;
  readonly says: string;
  readonly completes?: Completed;
}

/** A word that is no option. */
export interface Argument {
  readonly name: string;
  readonly optional?: true;
  readonly many?: true;
  readonly completes: Completed;
}

/** A way of use, as typed after `kubectl acr-replication`. */
export interface Example {
  readonly does: string;
  readonly line: string;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** More about it, a paragraph per text. */
  readonly details?: readonly string[];
  readonly args: readonly Argument[];
  /** Those beside the options of all commands. */
  readonly options: readonly Option[];
  readonly examples: readonly [Example, Example, ...Example[]];
  /** The rights it needs, in Kubernetes and in Azure. */
  readonly needs: string;
  /** Loads what runs it, so that other commands and help need not. */
  readonly load: () => Promise<{ readonly run: Run }>;
}

/** Resolves to the exit code. Throws a Problem, or what the API server or Azure refused. */
export type Run = (call: Call) => Promise<number>;

/** One use of a command. */
export interface Call {
  readonly args: readonly string[];
  readonly flag: (name: string) => boolean;
  readonly text: (name: string) => string | undefined;
  readonly texts: (name: string) => readonly string[];
  /** The command line as it was typed. Options added at its end count. */
  readonly typed: string;
  /** A command line of kubectl or the plugin with the namespace, cluster and user of this call, as it is to be pasted. */
  readonly here: (line: string) => string;
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The cluster of the chosen context; nothing is sent before the first request. */
  readonly cluster: () => Cluster;
  readonly now: () => Date;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Something that a person can mend; told without a stack. */
export class Problem extends Error {
  /** The command, or the step, that helps. */
  readonly cure: string | undefined;
  readonly exitCode: number;

  constructor(message: string, cure?: string, exitCode = 1) {
    super(message);
    this.name = 'Problem';
    this.cure = cure;
    this.exitCode = exitCode;
  }
}

/** The exit code of a command line that cannot be understood. */
export const misused = 2;
