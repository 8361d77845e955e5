/** A structured log. A message is constant text that begins in lower case and has no period; facts go into fields. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Whether debug lines are written. Ask in a hot place, because fields cost time even when nobody sees the line. */
  isDebugEnabled(): boolean;
}
