/** What a slow suite tried, in figures. */
export interface Covered {
  /** Such as `Crash points`. */
  readonly what: string;
  /** Counts by name, in the order to be printed: `{ runs: 12345, seed: 7 }`. */
  readonly counts: Readonly<Record<string, number | string>>;
  /** What was seen to hold, in a few words. */
  readonly held: string;
  /** The command that prints this. */
  readonly command: string;
  readonly seconds: number;
}

/** One row of the table in docs/reliability.md, to be pasted as it is. */
export function coveredRow({ what, counts, held, command, seconds }: Covered): string {
  const figures = Object.entries(counts).map(([name, count]) =>
    typeof count === 'number' && name !== 'seed' ? `${count.toLocaleString('en')} ${name}` : `${name} ${count}`,
  );
  const cells = [what, figures.join(', '), held, `\`${command}\``, `${Math.round(seconds)} s`];
  return `| ${cells.join(' | ')} |`;
}
