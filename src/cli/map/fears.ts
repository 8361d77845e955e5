import type { RegistryReplication } from '../../api/registryreplication.ts';
import { type Region, regionOf } from '../../domain/region.ts';
import type { Actual, Replica } from '../../domain/replication.ts';
import { type Drain, drainIn } from '../../view/drains.ts';
import type { Line } from '../plan/forecast.ts';
import type { Difference, Price } from '../plan/money.ts';
import { listed } from './field-owners.ts';

export interface Feared {
  /** The object as it is. */
  readonly object: RegistryReplication;
  readonly lines: readonly Line[];
  readonly actual: Actual;
  readonly bill: { readonly now: Difference; readonly later: Difference };
  readonly price: Price;
}

/** What there is to fear of a plan, a sentence each; the worst first. */
export function fearsOf(feared: Feared): readonly string[] {
  const { object, lines } = feared;
  const rests = restsOf(object);
  const goes = ({ kind, would, comes }: Line) =>
    kind === 'delete' || (would === 'delete' && (comes || rests !== undefined));
  const going = lines.filter((line) => goes(line) && !line.again).map(({ region }) => region);
  return [
    ...routingFears(feared, going),
    ...drainFears(object, going),
    ...strangersAmong(feared, going),
    ...imagesIn(feared, going),
    ...heldFears(lines),
    ...restFears(lines, rests),
    ...costs(feared),
  ];
}

function routingFears({ object, actual }: Feared, going: readonly Region[]): readonly string[] {
  const { registry, replicas } = actual;
  const isRouted = (replica: Replica) => replica.routing !== 'Disabled';
  // Without replicas Azure lists no home region, and the registry itself serves.
  const all: readonly Region[] = [
    ...[...replicas.values()].filter(isRouted).map(({ region }) => region),
    ...(replicas.has(registry.home) ? [] : [registry.home]),
  ];
  const left = all.filter((region) => !going.includes(region));
  if (left.length === all.length) return [];
  if (left.length === 0) {
    const yielding = drainedIn(object).filter(({ region, after }) => after !== 'Disabled' && !going.includes(region));
    const names = yielding.map(({ region }) => region);
    if (names.length > 0) {
      const drain = names.length === 1 ? 'drain' : 'drains';
      return [
        `${listed(all)} ${are(all)} the last that pulls are sent to: without, the ${drain} of ${listed(names)} cannot go on, and pulls are sent there again.`,
      ];
    }
    return [
      `${listed(all)} ${are(all)} the last that pulls are sent to: without, no pull from ${registry.loginServer} works.`,
    ];
  }
  const [only] = left;
  return left.length > 1 ? [] : [`Pulls are then sent to ${only} only: if it is sick, nothing else takes its place.`];
}

/** The regions that a drain keeps out of routing. */
function drainedIn(object: RegistryReplication): readonly (Drain & { readonly region: Region })[] {
  return (object.status?.replicas ?? []).flatMap((entry) => {
    const region = regionOf(entry.location);
    const drain = drainIn(object, region, entry);
    return drain?.out === true ? [{ ...drain, region }] : [];
  });
}

function drainFears(object: RegistryReplication, going: readonly Region[]): readonly string[] {
  return drainedIn(object).flatMap(({ region, until, reason }) =>
    going.includes(region) && reason !== undefined
      ? [`${region} is drained until ${until}: a drain of a region outside the set does nothing. End it, too.`]
      : [],
  );
}

function strangersAmong({ object }: Feared, going: readonly Region[]): readonly string[] {
  const madeHere = new Set(
    (object.status?.replicas ?? []).flatMap(({ location, managed }) =>
      managed === 'Created' ? [regionOf(location)] : [],
    ),
  );
  const strange = going.filter((region) => !madeHere.has(region));
  if (strange.length === 0) return [];
  return [
    `${listed(strange)}: ${strange.length === 1 ? 'this replica was' : 'these replicas were'} not made by this object but found in Azure. Whoever made ${them(strange)} may rely on ${them(strange)}.`,
  ];
}

function imagesIn({ object, actual }: Feared, going: readonly Region[]): readonly string[] {
  const provisioned = new Map((object.status?.replicas ?? []).map((entry) => [regionOf(entry.location), entry]));
  const served = going.filter(
    (region) =>
      provisioned.get(region)?.provisionedTime !== undefined || actual.replicas.get(region)?.state === 'Succeeded',
  );
  if (served.length === 0) return [];
  return [
    `${listed(served)} ${served.length === 1 ? 'has' : 'have'} images that are deleted with the replica: added again, every image is copied anew, which may take hours and is billed as transfer.`,
  ];
}

/** Deletions that wait because of others. */
function heldFears(lines: readonly Line[]): readonly string[] {
  return lines
    .filter(({ kind, would, comes }) => kind === 'held' && would === 'delete' && comes)
    .map(({ region, why }) => `${region} is not deleted at once, because ${why}.`);
}

/** Why nothing is done about the object at all until somebody ends that; undefined: it is not so. */
function restsOf({ spec }: RegistryReplication): string | undefined {
  if (spec.suspend === true) return 'is suspended';
  return spec.mode === 'Observe' ? 'is in mode Observe' : undefined;
}

function restFears(lines: readonly Line[], rests: string | undefined): readonly string[] {
  const held = lines.filter(({ would, comes }) => would === 'delete' && !comes).map(({ region }) => region);
  if (rests === undefined || held.length === 0) return [];
  return [`${listed(held)} ${are(held)} not deleted while the object ${rests}, and would be once that is over.`];
}

function costs({ bill, price }: Feared): readonly string[] {
  const perMonth = bill.now.perMonth + bill.later.perMonth;
  if (price.perDay === 0 || perMonth <= 0) return [];
  return [`It costs ${perMonth.toFixed(2)} ${price.currency} more a month.`];
}

function are(names: readonly unknown[]): string {
  return names.length === 1 ? 'is' : 'are';
}

function them(names: readonly unknown[]): string {
  return names.length === 1 ? 'it' : 'them';
}
