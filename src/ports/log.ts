/** Structured log: a constant message, facts in fields. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Ask before collecting fields in a hot place: a debug line that nobody sees still costs its fields. */
  isDebugEnabled(): boolean;
}
