/** A label that wants to stand beside its marker. */
export interface Label {
  readonly id: string;
  /** The middle of the marker, and how far from it the text may begin. */
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly width: number;
  readonly height: number;
  /** 0 is placed first. */
  readonly rank: number;
}

/** Where its text begins and on which side of the marker. */
export interface LabelPlace {
  readonly x: number;
  /** The top of the text. */
  readonly y: number;
  readonly side: 'start' | 'middle' | 'end';
  /** It stands a little off: a line must lead to it. */
  readonly off: boolean;
  readonly height: number;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * Finds for each label, the first in rank first, a place beside its marker where it covers neither a marker nor another
 * label and is wholly in sight. A label without such a place is left out.
 */
export function placeLabels(
  labels: readonly Label[],
  markers: readonly { readonly x: number; readonly y: number; readonly radius: number }[],
  { width, height }: { readonly width: number; readonly height: number },
): ReadonlyMap<string, LabelPlace> {
  const taken: Box[] = markers.map(({ x, y, radius }) => boxAround(x, y, radius * 0.8));
  const places = new Map<string, LabelPlace>();
  for (const label of labels.toSorted((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1))) {
    const fits = candidates(label).find(
      ({ box, place }) =>
        box.left >= 2 &&
        box.top >= 2 &&
        box.right <= width - 2 &&
        box.bottom <= height - 2 &&
        !taken.some((other) => overlap(box, other)) &&
        !(place.off && markers.some((marker) => isBetween(marker, label, lineEnd(place, label)))),
    );
    if (fits === undefined) continue;
    taken.push(fits.box);
    places.set(label.id, fits.place);
  }
  return places;
}

/** The most urgent may also stand a little off, where all places beside the marker are taken. */
function candidates(label: Label) {
  const beside = around(label);
  if (label.rank > urgent) return beside;
  const off = [2.1, 2.9].flatMap((times) => around({ ...label, radius: label.radius * times }));
  return [...beside, ...off.map(({ place, box }) => ({ place: { ...place, off: true }, box }))];
}

const urgent = 2;

function around({ x, y, radius, width, height }: Omit<Label, 'id' | 'rank'>) {
  const up = y - radius - height;
  const down = y + radius;
  const middle = y - height / 2;
  const right = x + radius + 2;
  const left = x - radius - 2;
  const near = radius * 0.85;
  const sides = [
    { x: right, y: middle, side: 'start' },
    { x: left, y: middle, side: 'end' },
    { x, y: down, side: 'middle' },
    { x, y: up, side: 'middle' },
    { x: x + near, y: y + near, side: 'start' },
    { x: x + near, y: y - near - height, side: 'start' },
    { x: x - near, y: y + near, side: 'end' },
    { x: x - near, y: y - near - height, side: 'end' },
  ] as const;
  return sides.map((place) => {
    const start = { start: 0, middle: width / 2, end: width }[place.side];
    const corner = place.x - start;
    return {
      place: { ...place, off: false, height },
      box: { left: corner, right: corner + width, top: place.y, bottom: place.y + height },
    };
  });
}

/** Where the line to a label that stands off ends: at the edge that is nearer to the marker. */
export function lineEnd({ x, y, side, height }: LabelPlace, marker: Point): Point {
  return { x, y: side === 'middle' ? (y > marker.y ? y : y + height) : y + height / 2 };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Whether another marker stands on the line between two points. */
function isBetween({ x, y, radius }: Point & { readonly radius: number }, from: Point, to: Point): boolean {
  if (Math.hypot(x - from.x, y - from.y) < 1) return false; // its own
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const along = Math.min(Math.max(((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy), 0), 1);
  return Math.hypot(from.x + along * dx - x, from.y + along * dy - y) < radius * 0.7;
}

function boxAround(x: number, y: number, radius: number): Box {
  return { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
