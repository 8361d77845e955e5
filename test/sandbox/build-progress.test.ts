import { expect, test } from 'vitest';
import { remainingMs, remainingText } from './build-progress.ts';

/**
 * A build of kube-apiserver and etcd that was measured: empty cache, two cores that others used, too. Seconds since the first
 * compilation could begin, and packages that had begun; linking began after 451 s.
 */
const packages = 2_128;
const tookSeconds = 468;
const measured = [
  [23, 100],
  [47, 184],
  [70, 301],
  [94, 539],
  [117, 653],
  [140, 705],
  [164, 785],
  [187, 820],
  [211, 885],
  [234, 1041],
  [257, 1175],
  [281, 1309],
  [304, 1416],
  [327, 1614],
  [351, 1803],
  [374, 1829],
  [398, 1953],
  [421, 2048],
  [444, 2126],
  [451, 2128],
] as const;

const at = (seconds: number, begun: number) =>
  remainingMs({ begun, packages, elapsedMs: seconds * 1_000, linking: begun === packages });

test('after the first quarter the remaining time is within a third of what it then was', () => {
  const after = measured.filter(([seconds]) => seconds >= tookSeconds / 4);
  const shares = after.map(([seconds, begun]) => (at(seconds, begun) ?? 0) / 1_000 / (tookSeconds - seconds));
  expect(shares.length).toBeGreaterThan(15);
  for (const share of shares) {
    expect(share).toBeGreaterThan(2 / 3);
    expect(share).toBeLessThan(4 / 3);
  }
});

test('nothing is said before it can be told', () => {
  expect(at(1, 0)).toBeUndefined();
  expect(at(5, 100)).toBeUndefined();
  expect(remainingText({ begun: 0, packages, elapsedMs: 1_000, linking: false })).toBe('');
});

test('it is said with as few figures as it is good for', () => {
  const text = (begun: number, seconds: number, linking = false) =>
    remainingText({ begun, packages: 1_000, elapsedMs: seconds * 1_000, linking });
  expect(text(530, 200)).toBe(', about 3 min left');
  expect(text(901, 240)).toBe(', about 40 s left');
  expect(text(1_000, 240)).toBe(', a few seconds left');
  expect(text(1_000, 240, true)).toBe(', a few seconds left');
});

test('a program of which nothing has to be compiled is linked at once', () => {
  expect(remainingText({ begun: 1, packages: 1, elapsedMs: 0, linking: true })).toBe(', a few seconds left');
});
