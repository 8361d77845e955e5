import type { State } from '../wire.ts';

/** What a state looks like, about 0,0 in a circle of radius 10. */
export interface Sign {
  /** Filled with the state's colour. */
  readonly fill?: string;
  /** Drawn with a line of the state's colour on the map's ground. */
  readonly line?: string;
  /** Drawn with a line of the ground's colour upon `fill`. */
  readonly cut?: string;
}

const point = (radius: number, degrees: number): string => {
  const angle = (degrees * Math.PI) / 180;
  return `${(radius * Math.cos(angle)).toFixed(1)},${(radius * Math.sin(angle)).toFixed(1)}`;
};
const arc = (radius: number, from: number, to: number): string =>
  `M${point(radius, from)}A${radius},${radius} 0 ${to - from > 180 ? 1 : 0} 1 ${point(radius, to)}`;
const circle = (radius: number): string =>
  `M${radius},0A${radius},${radius} 0 1 1 ${-radius},0A${radius},${radius} 0 1 1 ${radius},0Z`;
const polygon = (radius: number, corners: number, turn: number): string =>
  `M${Array.from({ length: corners }, (_, i) => point(radius, turn + (360 / corners) * i)).join('L')}Z`;
const dashes = [0, 90, 180, 270].map((from) => arc(8, from + 18, from + 72)).join('');

/** One shape for each state, told apart without colour. */
export const signs: Readonly<Record<State, Sign>> = {
  ready: { fill: circle(8.5), cut: 'M-3.8,0.2L-1.1,3L4,-3' },
  syncing: { line: `${arc(7.8, -60, 210)}M-8.4,-8.1L-6.9,-3.7L-2.5,-5.2`, fill: circle(2.8) },
  creating: { fill: circle(8.5), cut: 'M0,-4.2V4.2M-4.2,0H4.2' },
  updating: { fill: polygon(10, 4, 0), cut: 'M-4.2,0.8C-2.6,-3 -1,-1.6 0,0S2.6,3 4.2,-0.8' },
  deleting: { fill: circle(8.5), cut: 'M-4.4,0H4.4' },
  held: {
    fill: 'M-5.5,-8H5.5A2.5,2.5 0 0 1 8,-5.5V5.5A2.5,2.5 0 0 1 5.5,8H-5.5A2.5,2.5 0 0 1 -8,5.5V-5.5A2.5,2.5 0 0 1 -5.5,-8Z',
    cut: 'M-2.6,-3.8V3.8M2.6,-3.8V3.8',
  },
  failed: { fill: polygon(10, 8, 22.5), cut: 'M-3.4,-3.4L3.4,3.4M-3.4,3.4L3.4,-3.4' },
  missing: { line: `${dashes}M0,-4.2V0.8M0,3.8V4` },
  unknown: { line: `${circle(8)}M-2.6,-2A2.7,2.7 0 1 1 0.7,0.5Q0,0.9 0,1.9M0,4.3V4.4` },
  unlisted: { line: 'M-7,-7H7V7H-7Z', fill: circle(2.6) },
  drained: { fill: 'M-7.5,-9H7.5V-6.5L1.6,0L7.5,6.5V9H-7.5V6.5L-1.6,0L-7.5,-6.5Z', cut: 'M-3.6,-6H3.6M-3.6,6H3.6' },
  routingOff: { line: `${circle(7.8)}M-5.4,5.4L5.4,-5.4` },
};

/** Home is a house, whatever its state; a state that is not ready stands beside it. */
export const house: Sign = { fill: 'M0,-10.5L10.5,-1.5H8V8.5H-8V-1.5H-10.5Z', cut: 'M0,8V2.5' };
/** A region where a replica could be had. */
export const free: Sign = { line: circle(3.6) };
/** What the draft adds and what it takes away, around or upon the sign. */
export const drafted = {
  add: { line: circle(9.2), fill: '', cut: 'M0,-4.5V4.5M-4.5,0H4.5' },
  remove: { line: 'M-10,-10L10,10M-10,10L10,-10' },
} as const;
