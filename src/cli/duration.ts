import { misused, Problem } from './command.ts';

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration such as 90s, 5m, 1h30m or 2d. Throws a Problem that names the option. */
export function durationMs(text: string, option: string): number {
  const parts = [...text.matchAll(/(\d+)([smhd])/g)];
  const ms = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (unitMs[unit] ?? 0), 0);
  if (ms > 0 && parts.map(([part]) => part).join('') === text) return ms;
  throw new Problem(`${option} ${text} is no duration such as 90s, 5m, 1h30m or 2d`, `${option} 10m`, misused);
}
