/** A marker that wants to stand at a place. */
export interface Spot {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  /** Who stands nearest to its own place when it is narrow: 0 before 1. */
  readonly rank: number;
  /** Whether it may do without being hit where there is no room. */
  readonly optional: boolean;
}

export interface Stand {
  readonly x: number;
  readonly y: number;
  /** Whether it is a target for finger and keyboard; else it is a dot at its own place. */
  readonly target: boolean;
  /** Whether it stands so far from its place that a line must lead there. */
  readonly moved: boolean;
}

type Point = { x: number; y: number };

/** Where the middles of targets may be. */
export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const rounds = 160;
/** How far an optional marker may stand from its place, in sizes of a target. */
const reach = 0.75;
const golden = Math.PI * (3 - Math.sqrt(5));

/**
 * Moves markers apart until the round targets of `size` pixels of no two of them overlap. Equal spots give equal stands;
 * moving all spots and the bounds moves all stands. Those that are not optional always get a target, within the bounds if
 * there is room.
 */
export function spread(spots: readonly Spot[], size: number, bounds?: Bounds): ReadonlyMap<string, Stand> {
  const ordered = spots.toSorted((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1));
  const firm = ordered.filter(({ optional }) => !optional);
  const relaxed = pushedApart(firm, size, bounds);
  const taken: Point[] = [];
  const stands = new Map<string, Stand>();
  const settle = (spot: Spot, at: Point | undefined): void => {
    if (at !== undefined) taken.push(at);
    const { x, y } = at ?? spot;
    const moved = at !== undefined && Math.hypot(x - spot.x, y - spot.y) > size * 0.4;
    stands.set(spot.id, { x, y, target: at !== undefined, moved });
  };
  const anywhere = Number.POSITIVE_INFINITY;
  for (const [i, spot] of firm.entries()) {
    const wish = relaxed[i] ?? spot;
    settle(spot, freePlace(wish, taken, size, anywhere, bounds) ?? freePlace(wish, taken, size, anywhere));
  }
  for (const spot of ordered.filter(({ optional }) => optional))
    settle(spot, freePlace(spot, taken, size, reach * size, bounds));
  return stands;
}

/** A few rounds of pushing what overlaps, and of drawing each back to its place; the first in rank moves least. */
function pushedApart(spots: readonly Spot[], size: number, bounds?: Bounds): readonly Point[] {
  const points = spots.map(({ x, y }) => ({ x, y }));
  for (let round = 0; round < rounds; round += 1) {
    const pull = round < rounds / 2 ? 0.04 : 0;
    let still = true;
    for (const [i, a] of points.entries()) {
      for (let j = i + 1; j < points.length; j += 1) {
        const b = points[j];
        if (b === undefined || Math.abs(a.x - b.x) >= size || Math.abs(a.y - b.y) >= size) continue;
        const away = Math.hypot(b.x - a.x, b.y - a.y);
        const overlap = size * 1.02 - away;
        if (overlap <= 0) continue;
        still = false;
        const angle = away > 1e-6 ? Math.atan2(b.y - a.y, b.x - a.x) : golden * (j + 1);
        const share = 0.3; // of the overlap, for the first in rank
        a.x -= Math.cos(angle) * overlap * share;
        a.y -= Math.sin(angle) * overlap * share;
        b.x += Math.cos(angle) * overlap * (1 - share);
        b.y += Math.sin(angle) * overlap * (1 - share);
      }
    }
    if (still && round > 0) break;
    for (const [i, point] of points.entries()) {
      const { x, y } = spots[i] ?? point;
      point.x += (x - point.x) * pull;
      point.y += (y - point.y) * pull;
      if (bounds !== undefined) Object.assign(point, within(point, bounds));
    }
  }
  return points;
}

/** The nearest place in rings around `wish` where nothing is hit; undefined: none within `reachPx`. */
function freePlace(
  wish: Point,
  taken: readonly Point[],
  size: number,
  reachPx: number,
  bounds?: Bounds,
): Point | undefined {
  const isFree = (at: Point): boolean =>
    (bounds === undefined || isWithin(at, bounds)) && taken.every(({ x, y }) => Math.hypot(x - at.x, y - at.y) >= size);
  if (isFree(wish)) return { x: wish.x, y: wish.y };
  const step = size / 6;
  // In a ring of radius r there is room once r exceeds what all taken places cover, so this ends.
  for (let radius = step; radius <= Math.min(reachPx, size * (taken.length + 2)); radius += step) {
    const many = Math.max(8, Math.ceil((2 * Math.PI * radius) / step));
    for (let i = 0; i < many; i += 1) {
      const angle = (2 * Math.PI * i) / many;
      const at = { x: wish.x + Math.cos(angle) * radius, y: wish.y + Math.sin(angle) * radius };
      if (isFree(at)) return at;
    }
  }
  return undefined;
}

function isWithin({ x, y }: Point, { left, top, right, bottom }: Bounds): boolean {
  return x >= left && x <= right && y >= top && y <= bottom;
}

function within({ x, y }: Point, { left, top, right, bottom }: Bounds): Point {
  return { x: Math.min(Math.max(x, left), right), y: Math.min(Math.max(y, top), bottom) };
}
