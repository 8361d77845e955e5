/** One part of the configuration, or what is wrong between the settings that it is made from. */
export type Part<T> =
  | { readonly ok: true; readonly value: T }
  /** No problem is here when wrong values kept the part from being made: the values' own problems are told elsewhere. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** The files of the machine, as parsing may look at them. */
export interface Readers {
  /** Whether the path is a file that this process may read. */
  isFile(path: string): boolean;
  /** The file's text; undefined when there is no such file. */
  readText(path: string): string | undefined;
}

/** The problems of these parts, in the order of the parts. */
export function problemsOf(...parts: readonly Part<unknown>[]): readonly string[] {
  return parts.flatMap((part) => (part.ok ? [] : part.problems));
}

/** A part that could not be made, with the problems between its settings. */
export function unmade(...problems: readonly string[]): Part<never> {
  return { ok: false, problems };
}
