import { regionOf } from '../../domain/region.ts';
import { plainText } from '../../domain/text.ts';

/** A line of the operator's log. */
export interface LogLine {
  readonly timestamp: string;
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What lines are wanted; undefined wants all. */
export interface Wanted {
  /** `<namespace>/<name>` of an object. */
  readonly object: string | undefined;
  readonly region: string | undefined;
  readonly correlationId: string | undefined;
}

/** Undefined for what is no line of the log, such as Node's last words. */
export function lineIn(text: string): LogLine | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { timestamp, level, message, ...fields } = parsed as Record<string, unknown>;
  if (typeof timestamp !== 'string' || typeof level !== 'string' || typeof message !== 'string') return undefined;
  return Number.isNaN(Date.parse(timestamp)) ? undefined : { timestamp, level, message, fields };
}

export function isWanted({ fields }: LogLine, { object, region, correlationId }: Wanted): boolean {
  const has = (field: string, value: string | undefined, same: (text: string) => string): boolean =>
    value === undefined || same(wordOf(fields[field] ?? '')) === same(value);
  return (
    has('object', object, (text) => text) &&
    has('region', region, regionOf) &&
    has('correlationId', correlationId, (text) => text.toLowerCase())
  );
}

const deeds: Readonly<Record<string, string>> = {
  create: 'create',
  update: 'change',
  delete: 'delete',
  restore: 'repair',
};
/** Fields that the sentence has, or that say nothing to people. */
const told: ReadonlySet<string> = new Set([
  'object',
  'generation',
  'correlationId',
  'region',
  'because',
  'decision',
  'reason',
  'code',
  'cause',
]);
const longest = 2_000;

/** The line as a sentence, without its time. With `isAlone` all lines are about one object, which is not named. */
export function sentence({ message, fields }: LogLine, isAlone: boolean): string {
  const word = (field: string): string => wordOf(fields[field] ?? '');
  const [object, region, because, cause] = ['object', 'region', 'because', 'cause'].map(word);
  const decision = word('decision');
  const codes = ['reason', 'code'].map(word).filter((code) => code !== '');
  const about = object === '' || isAlone ? '' : `${object}: `;
  const deed = message === 'azure refused' ? ` to ${deeds[decision] ?? decision} the replica` : '';
  const place = region === '' ? '' : ` in ${region}`;
  const why = because === '' ? '' : `, because ${because?.replace(/^wanted, and /, 'wanted and ')}`;
  const refusal = cause === '' ? '' : `: ${cause}${codes.length === 0 ? '' : ` (${codes.join(', ')})`}`;
  const more = Object.keys(fields)
    .filter((name) => !told.has(name))
    .map((name) => `${name} ${word(name)}`);
  // A refusal says what was wanted in the deed; why it was wanted stands at its end.
  const text = [`${about}${message}${deed}${place}${refusal}${why}`, ...more].join(', ');
  return plainText(text, longest);
}

function wordOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { message } = (value ?? {}) as { readonly message?: unknown };
  return typeof message === 'string' ? message : JSON.stringify(value);
}

/** `12:04:31` in the time zone of this process; with its date when that is not today's. */
export function timeOf({ timestamp }: LogLine, now: Date): string {
  const time = new Date(timestamp);
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0'));
  if (time.toDateString() === now.toDateString()) return clock.join(':');
  const day = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map((part) => String(part).padStart(2, '0'));
  return `${day.join('-')} ${clock.join(':')}`;
}
