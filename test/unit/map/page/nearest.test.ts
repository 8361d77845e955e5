import { describe, expect, test } from 'vitest';
import { spread } from '../../../../src/map/page/layout.ts';
import { type Direction, nearestIn } from '../../../../src/map/page/nearest.ts';
import { regionTable } from '../../../../src/map/page/world.generated.ts';

const spots = regionTable
  .filter(([name, , , , , cloud]) => cloud === 'AzurePublic' && !name.endsWith('euap'))
  .map(([id, , , , , , x, y]) => ({ id, x, y }));
const spot = (id: string) => spots.find((one) => one.id === id) ?? { id, x: Number.NaN, y: Number.NaN };

describe('an arrow key', () => {
  const steps: readonly (readonly [string, Direction, string])[] = [
    ['japanwest', 'right', 'japaneast'],
    ['uksouth', 'up', 'ukwest'],
    ['brazilsouth', 'left', 'chilecentral'],
    ['southafricanorth', 'down', 'southafricawest'],
    ['newzealandnorth', 'left', 'australiacentral'],
  ];
  for (const [from, direction, to] of steps)
    test(`${direction} leads from ${from} to ${to}`, () => {
      expect(nearestIn(direction, spot(from), spots)).toBe(to);
    });

  test('leads nowhere where nothing lies in its direction', () => {
    expect(nearestIn('right', spot('newzealandnorth'), spots)).toBeUndefined();
  });

  test('leads from West Europe to every region, where markers are moved apart', () => {
    const scale = 0.9;
    const stands = spread(
      spots.map(({ id, x, y }) => ({ id, x: x * scale, y: y * scale, rank: 1, optional: false })),
      29,
    );
    const moved = [...stands].map(([id, { x, y }]) => ({ id, x, y }));
    const reached = new Set(['westeurope']);
    for (const id of reached)
      for (const direction of ['left', 'right', 'up', 'down'] as const) {
        const from = moved.find((one) => one.id === id);
        const next = from === undefined ? undefined : nearestIn(direction, from, moved);
        if (next !== undefined) reached.add(next);
      }
    expect(spots.map(({ id }) => id).filter((id) => !reached.has(id))).toEqual([]);
  });
});
