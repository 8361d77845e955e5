export type Direction = 'left' | 'right' | 'up' | 'down';

interface Spot {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

const axes: Readonly<Record<Direction, readonly [number, number]>> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, -1],
  down: [0, 1],
};

/**
 * Where an arrow key leads: to the nearest in a quarter of the circle around that direction, or, when nothing is there,
 * in the half; what lies aside counts twice. Undefined: nothing lies there.
 */
export function nearestIn(direction: Direction, from: Spot, spots: readonly Spot[]): string | undefined {
  const [dx, dy] = axes[direction];
  const ahead = spots
    .filter(({ id }) => id !== from.id)
    .map(({ id, x, y }) => {
      const along = (x - from.x) * dx + (y - from.y) * dy;
      const aside = Math.abs((x - from.x) * dy) + Math.abs((y - from.y) * dx);
      return { id, along, aside, far: along + 2 * aside };
    })
    .filter(({ along }) => along > 0.5)
    .sort((a, b) => a.far - b.far || (a.id < b.id ? -1 : 1));
  return (ahead.find(({ along, aside }) => aside <= along) ?? ahead[0])?.id;
}
