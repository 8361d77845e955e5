import { once } from 'node:events';
import { createLogger, format, transports } from 'winston';
import { directionMarks } from '../domain/text.ts';
import type { Log } from '../ports/log.ts';
import type { Clock } from '../time/clock.ts';
import { loggable } from './redact.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';

export interface LogOptions {
  readonly level: Level;
  readonly clock: Clock;
  /** Where lines go. Default: standard output. */
  readonly stream?: NodeJS.WritableStream;
  /** Texts that must never appear in a line, wherever they come from, such as the client secret. */
  readonly secrets?: readonly string[];
}

/** The fields that every line has; others of these names get a prefix. */
const reserved: ReadonlySet<string> = new Set(['timestamp', 'level', 'message']);
/** The symbol under which winston looks for the finished line: MESSAGE of triple-beam. */
const finishedLine = Symbol.for('message');
/** How long closing waits for the reader of the log: one that has stopped reading must not keep the process alive. */
const closeTimeoutMs = 2_000;

/** DEL, C1 controls, line breaks and marks of direction, which JSON leaves as they are and on which a terminal acts. */
const actedOn = new RegExp(String.raw`[\u007f-\u009f\u2028\u2029${directionMarks}]`, 'g');

/** The same JSON, with the characters escaped on which a terminal acts. */
function harmless(json: string): string {
  return json.replace(actedOn, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A log of one JSON object per line. `close` resolves when the operating system has all lines; later lines are lost. */
export function createLog({ level, clock, stream = process.stdout, secrets = [] }: LogOptions): Log & {
  close(): Promise<void>;
} {
  const line = format((info) => {
    const { level, message, fields } = info as { level: string; message: unknown; fields?: object };
    const entry: Record<string, unknown> = { timestamp: clock.now().toISOString(), level, message };
    for (const [key, value] of Object.entries(loggable(fields ?? {}, secrets) as object)) {
      entry[reserved.has(key) ? `field_${key}` : key] = value;
    }
    return Object.assign(info, { [finishedLine]: harmless(JSON.stringify(entry)) });
  });
  const transport = new transports.Stream({ stream });
  const logger = createLogger({ level, format: line(), transports: [transport] });
  // A broken pipe must not end the operator: there is nobody left to tell.
  stream.on('error', () => {});

  let closed: Promise<void> | undefined;
  const writeLine = (level: Level, message: string, fields?: Readonly<Record<string, unknown>>): void => {
    if (closed === undefined && logger.isLevelEnabled(level)) logger.log({ level, message, fields });
  };
  async function flush(): Promise<void> {
    const finished = once(logger, 'finish', { signal: AbortSignal.timeout(closeTimeoutMs) });
    logger.end();
    await finished.catch(() => {});
    await Promise.race([
      new Promise<void>((resolve) => stream.write('', () => resolve())),
      new Promise<void>((resolve) => setTimeout(resolve, closeTimeoutMs).unref()),
    ]);
  }
  return {
    debug: (message, fields) => writeLine('debug', message, fields),
    info: (message, fields) => writeLine('info', message, fields),
    warn: (message, fields) => writeLine('warn', message, fields),
    error: (message, fields) => writeLine('error', message, fields),
    isDebugEnabled: () => logger.isLevelEnabled('debug'),
    close: () => (closed ??= flush()),
  };
}
