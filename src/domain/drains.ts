import type { Memory } from './memory.ts';
import type { Region } from './region.ts';
import { type Actual, type Desired, type Drain, isProvisioned, type Replica, type Switch } from './replication.ts';

/** A drain begins at most so long before its end: a slip in a date must not take a region out for years. */
export const longestDrainMs = 30 * 24 * 3_600_000;

/** What a drain makes of one region's routing. */
export type Course =
  /** The drain is due, and status does not say yet what routing was before it. */
  | { readonly kind: 'begin'; readonly until: Date }
  /** Routing is to be Disabled until then. */
  | { readonly kind: 'drained'; readonly until: Date; readonly before: Switch }
  /** No drain is due any more, and routing was not seen yet to be put back. */
  | { readonly kind: 'end'; readonly until: Date; readonly before: Switch };

/**
 * Why a drain that is due has not begun, or had to yield: it would leave no region in routing; its end is more than 30 days
 * away; its region is neither in the set nor home.
 */
export type Waiting = 'last' | 'far' | 'elsewhere';

/** What the drains of an object come to in one pass. */
export interface Drainage {
  readonly courses: ReadonlyMap<Region, Course>;
  readonly waiting: ReadonlyMap<Region, Waiting>;
  /**
   * Replicas that serve, are in routing by LIST, and are to stay there. Undefined where no drain is in course or waits for
   * one: then nothing is kept in routing against what the spec states or a person asks for.
   */
  readonly staying: readonly Replica[] | undefined;
  /** Whether any region would be in routing without drains. Else nothing is kept there that is to be deleted. */
  readonly isRouted: boolean;
  /** Regions whose replica is to be made anew and stays for now: without it no region would be in routing. */
  readonly held: ReadonlySet<Region>;
  /** Regions that the spec states to be out of routing, where without any drain none would be in it: that is done as stated. */
  readonly statedOut: ReadonlySet<Region>;
}

const none: Drainage = {
  courses: new Map(),
  waiting: new Map(),
  staying: undefined,
  isRouted: true,
  held: new Set(),
  statedOut: new Set(),
};

interface Given {
  readonly desired: Pick<Desired, 'wishes' | 'drains' | 'readyWhen'>;
  readonly actual: Pick<Actual, 'registry' | 'replicas'>;
  readonly memory: Pick<Memory, 'regions' | 'recreate'>;
  /** While the object is being deleted no drain is due. */
  readonly deleting: boolean;
  readonly now: Date;
}

/**
 * Which regions are drained. The last region in routing never is: a drain that has begun goes before one that has not, and
 * of several the one with the oldest end goes first. Only home and regions of the set count as routed, for the others may be
 * deleted.
 */
export function drainageOf(given: Given): Drainage {
  const { desired, memory } = given;
  if (desired.drains.length === 0 && !hasDrained(memory)) return none;
  const regions = [...new Set([given.actual.registry.home, ...desired.wishes.keys()])];
  const routed = new Set(regions.filter((region) => routingWithout(region, given) === 'Enabled'));
  const out = [...desired.wishes.values()].filter(({ routing }) => routing === 'Disabled').map(({ region }) => region);
  const isRouted = routed.size > 0;
  const statedOut = new Set(isRouted ? [] : out);
  const courses = new Map<Region, Course>();
  const waiting = new Map<Region, Waiting>();
  for (const { region, until: stated } of inTurn(given)) {
    const drained = memory.regions.get(region)?.drained;
    const until = endOf(stated, drained, given.now);
    if (!regions.includes(region)) waiting.set(region, 'elsewhere');
    else if (until === undefined) waiting.set(region, 'far');
    else if (routed.has(region) && !mayLeave(region, routed, given)) waiting.set(region, 'last');
    else {
      routed.delete(region);
      courses.set(region, drained === undefined ? { kind: 'begin', until } : { ...drained, kind: 'drained', until });
    }
  }
  for (const { region, drained } of memory.regions.values()) {
    if (drained === undefined || courses.has(region)) continue;
    // From its end on, changes that do not last are counted.
    const until = drained.until > given.now ? given.now : drained.until;
    courses.set(region, { ...drained, until, kind: 'end' });
  }
  const isInPlay = courses.size > 0 || [...waiting.values()].includes('last');
  if (!isInPlay) return { ...none, waiting };
  const serving = [...routed].flatMap((region) => servingIn(region, given) ?? []);
  const going = serving.filter(({ region }) => memory.recreate.has(region));
  // Where all that serve are to be made anew, one stays until another one is back.
  const held = new Set(isRouted && going.length === serving.length ? going.slice(-1).map(({ region }) => region) : []);
  const staying = serving.filter(({ region }) => held.has(region) || !memory.recreate.has(region));
  return { courses, waiting, staying, isRouted, held, statedOut };
}

function hasDrained({ regions }: Given['memory']): boolean {
  for (const { drained } of regions.values()) if (drained !== undefined) return true;
  return false;
}

/** The drains whose end has not come, those that have begun first, then by their end. */
function inTurn({ desired, memory, deleting, now }: Given): readonly Drain[] {
  if (deleting) return [];
  const rank = ({ region }: Drain) => (memory.regions.get(region)?.drained === undefined ? 1 : 0);
  return desired.drains
    .filter(({ until }) => until > now)
    .toSorted((a, b) => rank(a) - rank(b) || a.until.getTime() - b.until.getTime() || (a.region < b.region ? -1 : 1));
}

/** When a drain ends; undefined of one that is too far from its end to begin. A drain that has begun keeps its own end then. */
function endOf(stated: Date, drained: { readonly until: Date } | undefined, now: Date): Date | undefined {
  if (stated.getTime() - now.getTime() <= longestDrainMs) return stated;
  return drained !== undefined && drained.until > now ? drained.until : undefined;
}

/** What routing of a region is to be, or is, but for drains; undefined where there is no replica. */
function routingWithout(region: Region, { desired, actual, memory }: Given): Switch | undefined {
  const replica = actual.replicas.get(region);
  const last = memory.regions.get(region);
  const isHome = region === actual.registry.home;
  // LIST may leave out what is there, and shows home only once there are others.
  const isThere =
    replica === undefined
      ? isHome || isProvisioned(last?.state)
      : replica.state !== 'Creating' && replica.state !== 'Deleting';
  if (!isThere) return undefined;
  return desired.wishes.get(region)?.routing ?? last?.drained?.before ?? replica?.routing ?? last?.routing ?? 'Enabled';
}

/** Whether others stay in routing without the region: to begin a drain, one that serves now. */
function mayLeave(region: Region, routed: ReadonlySet<Region>, given: Given): boolean {
  const others = [...routed].filter((other) => other !== region);
  if (given.memory.regions.get(region)?.drained !== undefined) return others.length > 0;
  return others.some((other) => servingIn(other, given) !== undefined && !given.memory.recreate.has(other));
}

/** The replica of a region if by LIST it is in routing and serves all images. */
function servingIn(region: Region, given: Given): Replica | undefined {
  const replica = given.actual.replicas.get(region);
  return replica !== undefined && isServing(replica) && !lacksImages(replica, given) ? replica : undefined;
}

/** Whether images have still to arrive in a replica, and the spec waits for them. What is pushed is at home first. */
function lacksImages({ region, status }: Replica, { actual, desired }: Given): boolean {
  const isHome = region === actual.registry.home;
  return !isHome && desired.readyWhen === 'Synced' && status.toLowerCase() === 'syncing';
}

/** Whether the global endpoint sends clients to a replica, and it serves them. */
export function isServing({ state, routing }: Replica): boolean {
  return isProvisioned(state) && routing === 'Enabled';
}

/** Whether a region that status tells of is out of routing by a drain. */
export function isOut({
  drained,
  routing,
}: {
  readonly drained?: unknown;
  readonly routing?: Switch | undefined;
}): boolean {
  return drained !== undefined && routing === 'Disabled';
}

/** The routing that a region is to have now. `stated`: by the spec. */
export function routingIn(
  course: Course | undefined,
  stated: Switch | undefined,
  { mode }: Pick<Desired, 'mode'>,
): Switch | undefined {
  switch (course?.kind) {
    case undefined:
      return stated;
    case 'begin': // what is to be done about it, mode Observe tells at once
      return mode === 'Observe' ? 'Disabled' : stated;
    case 'drained':
      return 'Disabled';
    case 'end':
      return stated ?? course.before;
  }
}

/** What is told of a drain that waits, after its region's name; undefined when none does. */
export function waitingText(waiting: Waiting | undefined): string | undefined {
  return waiting && waitingTexts[waiting];
}

/** What a note of status says of a drain that waits; undefined: nothing. */
export function waitingIn(note: string): string | undefined {
  return Object.values(waitingTexts).find((text) => note.startsWith(text));
}

const waitingTexts = {
  last: 'its drain waits: no other region of the set that serves, with all images, is in routing.',
  far: 'its drain waits: it begins 30 days before its end at the earliest; to begin it now, state an earlier until.',
  elsewhere: 'is in spec.drains and neither in spec.regions nor the home region: nothing is drained there.',
} as const satisfies Record<Waiting, string>;

/** What is told of a replica that is to be made anew and stays for now, after its region's name. */
export const heldText =
  'is made anew once another region of the set that serves, with all images, is in routing; until then it is the last one.';

/** Whether a drain is what wants routing Disabled. */
export function isDraining(course: Course | undefined): boolean {
  return course?.kind === 'begin' || course?.kind === 'drained';
}
