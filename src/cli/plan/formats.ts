import { wrapped } from '../help.ts';
import type { Colour, Terminal } from '../output/terminal.ts';
import type { Line } from './forecast.ts';
import { countsOf, type ObjectPlan, type Plans, signs, summaryOf } from './object-plan.ts';
import { ignoredText, lineText, moneyTexts, seenText, titleOf, unplannedText } from './sentences.ts';

const colours: Readonly<Record<Line['kind'], Colour>> = {
  create: 'good',
  delete: 'bad',
  update: 'busy',
  keep: 'faint',
  held: 'strong',
};

export type Shown = Pick<Terminal, 'paint' | 'isUnicode'> & { readonly width: number | undefined };

/** For people at a terminal. */
export function textOf(plans: Plans, shown: Shown): string {
  const allLines = plans.plans.flatMap(({ lines }) => lines);
  const blocks = plans.plans.map((plan) => blockOf(plan, plans.now, shown));
  const ignored = ignoredText(plans.ignored);
  const end = [
    ...plans.unplanned.map(unplannedText),
    summaryOf(allLines),
    ...moneyTexts(plans),
    ...(ignored === undefined ? [] : [ignored]),
  ].flatMap((text) => broken(text, shown.width));
  return `${[...blocks, end.join('\n')].join('\n\n')}\n`;
}

function blockOf(plan: ObjectPlan, now: Date, shown: Shown): string {
  const { paint, isUnicode, width } = shown;
  const regionWidth = Math.max(0, ...plan.lines.map(({ region }) => region.length));
  const start = 2 + 2 + 6 + 2 + regionWidth + 2;
  const rows = plan.lines.flatMap((line) => {
    const { kind, region } = line;
    const lead = `${signs[kind]} ${kind.padEnd(6)}`;
    const texts = broken(
      lineText(line, isUnicode ? '→' : '->'),
      width === undefined ? undefined : Math.max(width - start, 24),
    );
    const first = `  ${paint(colours[kind], lead)}  ${region.padEnd(regionWidth)}  ${texts[0] ?? ''}`.trimEnd();
    return [first, ...texts.slice(1).map((text) => ' '.repeat(start) + text)];
  });
  const told = [seenText(plan, now), ...plan.notes.map((note) => `Note: ${note}`)].flatMap((text) =>
    broken(text, width),
  );
  return [...broken(titleOf(plan), width).map((text) => paint('strong', text)), ...told, '', ...rows].join('\n');
}

function broken(text: string, width: number | undefined): readonly string[] {
  return width === undefined ? [text] : wrapped(text, width);
}

/** For a comment on a pull request. */
export function markdownOf(plans: Plans): string {
  const blocks = plans.plans.map((plan) => {
    const rows = plan.lines.map((line) => {
      const cells = [line.kind, line.region, lineText(line, '→')].map(cell);
      return `| ${[`\`${signs[line.kind]}\``, ...cells].join(' | ')} |`;
    });
    return [
      `### ${cell(titleOf(plan))}`,
      '',
      '| | plan | region | why |',
      '|---|---|---|---|',
      ...rows,
      '',
      [seenText(plan, plans.now), ...plan.notes].map(cell).join('\n'),
    ].join('\n');
  });
  const ignored = ignoredText(plans.ignored);
  const end = [
    ...plans.unplanned.map((one) => `**${cell(unplannedText(one))}**`),
    `**${summaryOf(plans.plans.flatMap(({ lines }) => lines))}**`,
    ...moneyTexts(plans),
    ...(ignored === undefined ? [] : [cell(ignored)]),
  ];
  return `${[...blocks, end.join('\n')].join('\n\n')}\n`;
}

/** A text that stays in its cell, is no markup, and refers to nobody and nothing. */
function cell(text: string): string {
  return text
    .replace(/[\\|<>*_`~$&[\]]/g, (mark) => `\\${mark}`)
    .replace(/[@#]|:(?=\/\/)|www(?=\.)/g, (mark) => `${mark}\u200b`);
}

/** For programs. The names stay; others may come. */
export function jsonOf({ plans, unplanned, ignored, price, bill, now }: Plans): string {
  const value = {
    apiVersion: 'cli.acr-replication.dev/v1',
    kind: 'Plan',
    time: now.toISOString(),
    objects: plans.map(({ namespace, name, applied, registry, seen, lines, notes }) => ({
      namespace,
      name,
      applied,
      registry,
      seen,
      regions: lines.map(({ region, kind, name: replica, settings, why, would, comes, until, again }) => ({
        region,
        plan: kind,
        name: replica,
        settings,
        why,
        ...(again ? { again } : {}),
        ...(kind === 'held' ? { would, comes, until } : {}),
      })),
      notes,
    })),
    ...(unplanned.length === 0 ? {} : { unplanned }),
    counts: countsOf(plans.flatMap(({ lines }) => lines)),
    monthly:
      price.perDay === 0
        ? undefined
        : {
            currency: price.currency,
            perReplicaAndDay: price.perDay,
            source: price.source,
            now: bill.now,
            later: bill.later,
          },
    ignored,
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}
