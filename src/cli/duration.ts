import { durationMs } from '../domain/desired.ts';
import { misused, Problem } from './command.ts';

/** Milliseconds of an option such as --timeout, which must be a duration of some length. Throws a Problem that names it. */
export function optionMs(text: string, option: string): number {
  const ms = durationMs(text);
  if (ms > 0) return ms;
  throw new Problem(`${option} ${text} is no duration such as 90s, 5m, 1h30m or 2d`, `${option} 10m`, misused);
}
