import { wrapped } from '../help.ts';
import type { Colour, Terminal } from '../output/terminal.ts';

export type Verdict = 'ok' | 'warning' | 'failing';

/** What one check came to. */
export interface Finding {
  /** What was looked at: `Kubernetes`, `Operator`, or an object as namespace/name. */
  readonly group: string;
  readonly verdict: Verdict;
  /** One line, whatever the verdict. */
  readonly says: string;
  /** The command, or the step, that helps. */
  readonly cure?: string;
}

/** What a check says, before it is known what it was about. */
export type Check = Omit<Finding, 'group'>;

export function well(says: string): Check {
  return { verdict: 'ok', says };
}

export function warning(says: string, cure?: string): Check {
  return { verdict: 'warning', says, ...(cure === undefined ? {} : { cure }) };
}

export function failing(says: string, cure: string): Check {
  return { verdict: 'failing', says, cure };
}

const signs: Readonly<Record<Verdict, { readonly unicode: string; readonly ascii: string; readonly colour: Colour }>> =
  {
    ok: { unicode: '✓', ascii: 'ok', colour: 'good' },
    warning: { unicode: '!', ascii: '!', colour: 'busy' },
    failing: { unicode: '✗', ascii: 'x', colour: 'bad' },
  };

/**
 * The findings by group, a line each with the cure below it, and how many of each there are. On a terminal, long ones are
 * broken between words; cures never are, for they are copied.
 */
export function report(
  findings: readonly Finding[],
  { paint, isUnicode, columns }: Pick<Terminal, 'paint' | 'isUnicode' | 'columns'>,
): string {
  const lines: string[] = [];
  for (const [group, found] of Map.groupBy(findings, (finding) => finding.group)) {
    lines.push(...(lines.length === 0 ? [] : ['']), paint('strong', group));
    for (const { verdict, says, cure } of found) {
      const { unicode, ascii, colour } = signs[verdict];
      const sign = isUnicode ? unicode : ascii.padEnd(2);
      const indent = ' '.repeat(sign.length + 3);
      const [first = '', ...more] = wrapped(says, (columns() ?? Infinity) - indent.length);
      lines.push(`  ${paint(colour, sign)} ${first}`, ...more.map((line) => indent + line));
      if (cure !== undefined) lines.push(`${indent}${paint('faint', 'try:')} ${cure}`);
    }
  }
  const count = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length;
  lines.push('', `${count('ok')} well, ${count('warning')} to look at, ${count('failing')} to cure`);
  return lines.map((line) => `${line}\n`).join('');
}
