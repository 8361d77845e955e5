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
  /** Values that must never appear, wherever they come from: the client secret, a bearer token. */
  readonly secrets?: readonly string[];
}

const reserved: ReadonlySet<string> = new Set(['timestamp', 'level', 'message']);
/** triple-beam's MESSAGE, the symbol under which winston looks for the finished line. */
const finishedLine = Symbol.for('message');
/** A reader that has stopped reading must not keep the process from ending. */
const closeTimeoutMs = 2_000;

/** Characters that JSON leaves as they are and that a terminal acts on: DEL and C1 controls, more line breaks, marks of direction. */
const actedOn = new RegExp(String.raw`[\u007f-\u009f\u2028\u2029${directionMarks}]`, 'g');

/** The same JSON with these characters escaped, so that no terminal acts on a line. */
function harmless(json: string): string {
  return json.replace(actedOn, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** One JSON object per line. `close` resolves when all lines are handed to the operating system; later lines are lost. */
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
