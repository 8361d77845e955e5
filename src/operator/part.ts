/** One part of the configuration, or what is wrong between the settings that it is made from. */
export type Part<T> =
  | { readonly ok: true; readonly value: T }
  /** Without problems when the part was not made because of wrong values, whose own problems are told. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** How parsing looks at the machine; it has no other way to do so. */
export interface Readers {
  /** Whether there is a file of this path that may be read. */
  isFile(path: string): boolean;
  /** The file's text; undefined when there is no such file. */
  readText(path: string): string | undefined;
}

/** The problems of all these parts, in their order. */
export function problemsOf(...parts: readonly Part<unknown>[]): readonly string[] {
  return parts.flatMap((part) => (part.ok ? [] : part.problems));
}

/** A part that is not made. */
export function unmade(...problems: readonly string[]): Part<never> {
  return { ok: false, problems };
}
