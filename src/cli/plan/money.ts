import { misused, Problem } from '../command.ts';
import { isChange, type Line } from './forecast.ts';

/** What a replica costs. */
export interface Price {
  /** For one replica and day; 0: money is not told of. */
  readonly perDay: number;
  readonly currency: string;
  /** Where the price comes from, for people. */
  readonly source: string;
}

/** FACTS: each replica is billed like another Premium registry. */
export const quoted: Price = {
  perDay: 1.667,
  currency: 'USD',
  source: 'as publicly quoted for a Premium registry, without storage over 500 GiB and traffic; --price sets your own',
};

/** A price as --price takes it: `1.5`, `1.5EUR`; undefined when it is none. */
export function priceIn(text: string): Price | undefined {
  const [, amount, currency = 'USD'] = /^(\d+(?:\.\d+)?) ?([A-Z]{3})?$/.exec(text.trim()) ?? [];
  if (amount === undefined) return undefined;
  return { perDay: Number(amount), currency, source: 'as --price says' };
}

/** The price that `--price` of a command says, or the quoted one. Throws a Problem. */
export function priceSaid(text: string | undefined, command: string): Price {
  const price = text === undefined ? quoted : priceIn(text);
  if (price !== undefined) return price;
  throw new Problem(
    `--price is ${text}, and is an amount such as 1.5 or 1.4EUR`,
    `kubectl acr-replication ${command} --help`,
    misused,
  );
}

const daysPerMonth = 365 / 12;

export interface Difference {
  /** Replicas more, or fewer when negative. */
  readonly replicas: number;
  /** In the price's currency, to the cent. */
  readonly perMonth: number;
}

/** What the lines make of the bill now, and what comes on top once what is held, and comes by itself, is done. */
export function differenceOf(
  lines: readonly Line[],
  { perDay }: Price,
): { readonly now: Difference; readonly later: Difference } {
  const sum = (count: (line: Line) => number): Difference => {
    const replicas = lines.reduce((total, line) => total + count(line), 0);
    return { replicas, perMonth: Math.round(replicas * perDay * daysPerMonth * 100) / 100 };
  };
  return {
    now: sum((line) => (isChange(line) ? weigh(line.kind, line) : 0)),
    later: sum((line) => (line.comes ? weigh(line.would, line) : 0)),
  };
}

function weigh(doing: Line['would'], { again }: Line): number {
  if (doing === 'create') return 1;
  return doing === 'delete' && !again ? -1 : 0;
}
