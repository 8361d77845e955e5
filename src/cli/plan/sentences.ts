import { plainText } from '../../domain/text.ts';
import { duration } from '../output/age.ts';
import type { Line, Setting } from './forecast.ts';
import type { Difference } from './money.ts';
import type { ObjectPlan, Plans, Unplanned } from './object-plan.ts';

/** The longest name of a tag; values have at most 256 characters. */
const longestTag = 520;

const woulds = { create: 'would be created', delete: 'would be deleted', update: 'would be updated' } as const;

/** What is to be told of a region beside its kind. */
export function lineText(line: Line, arrow: string): string {
  const settings = line.settings.map((setting) => settingText(setting, arrow)).join('; ');
  if (line.kind !== 'held') return [settings, line.why].filter((text) => text !== '').join('; ');
  const would = line.would === undefined ? [] : [`${woulds[line.would]}${settings === '' ? '' : ` (${settings})`}`];
  const until = line.until === undefined ? '' : ` (until ${shortTime(line.until)})`;
  return [...would, `held because ${line.why}${until}`].join(', ');
}

/** Tags are what anybody wrote: they are shown without line breaks and what else moves a cursor. */
function settingText(setting: Setting, arrow: string): string {
  const [name = '', from, to = ''] = [setting.name, setting.from, setting.to].map((text) =>
    text === undefined ? undefined : plainText(text, longestTag),
  );
  return from === undefined ? `${name} ${to}` : `${name} ${from} ${arrow} ${to}`;
}

/** `2026-09-10 12:05 UTC`. */
function shortTime(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Where what Azure has is told from. */
export function seenText({ seen }: ObjectPlan, now: Date): string {
  if (seen.from === 'azure') return 'Azure as it is now, read with your login.';
  const age = seen.at === undefined ? '' : `, written ${duration(now.getTime() - Date.parse(seen.at))} ago`;
  return `Azure was not read: this is from what the operator last told in the object's status${age}. It may have changed since; tags are taken to be as the stored spec asks.`;
}

const appliedTexts = { new: 'new', changed: 'changed', unchanged: 'unchanged' } as const;

export function titleOf({ namespace, name, applied, registry }: ObjectPlan): string {
  const what = applied === undefined ? '' : ` (${appliedTexts[applied]})`;
  return `${namespace}/${name}${what}, registry ${registry}`;
}

/** What it makes of the bill; nothing where no money is to be told of. */
export function moneyTexts({ price, bill }: Pick<Plans, 'price' | 'bill'>): readonly string[] {
  if (price.perDay === 0) return [];
  const { currency } = price;
  const later =
    bill.later.replicas === 0 ? [] : [`once what is held is done: ${differenceText(bill.later, currency)}.`];
  const texts = [`Each month: ${differenceText(bill.now, currency)}.`, ...later.map((text) => `On top, ${text}`)];
  return [...texts, `Price: ${price.perDay} ${currency} a day for each replica, ${price.source}.`];
}

function differenceText({ replicas, perMonth }: Difference, currency: string): string {
  if (replicas === 0) return 'no difference';
  const count = Math.abs(replicas);
  const what = `${count} replica${count === 1 ? '' : 's'} ${replicas > 0 ? 'more' : 'fewer'}`;
  return `${perMonth > 0 ? '+' : ''}${perMonth.toFixed(2)} ${currency} (${what})`;
}

export function unplannedText({ object, problem }: Unplanned): string {
  return `No plan for ${object}: ${problem.replace(/\.$/, '')}.`;
}

/** The objects of files that are left out. */
export function ignoredText(ignored: readonly string[]): string | undefined {
  return ignored.length === 0 ? undefined : `Left out, because they are of other kinds: ${ignored.join(', ')}.`;
}
