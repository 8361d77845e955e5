import { expect, test } from 'vitest';
import { parseBusyTicks, parseMemory, parseTicks } from './process-figures.ts';

// https://docs.kernel.org/filesystems/proc.html

test('memory is read from status in MiB', () => {
  const status = 'Name:\tnode\nVmPeak:\t 1048576 kB\nVmHWM:\t   81920 kB\nVmRSS:\t   76800 kB\nRssAnon:\t   29696 kB\n';
  expect(parseMemory(status)).toEqual({ now: 75, peak: 80, private: 29 });
});

test('memory of a process that is gone is no number', () => {
  expect(parseMemory('')).toEqual({ now: Number.NaN, peak: Number.NaN, private: Number.NaN });
});

test('processor time is that of user and kernel mode, whatever the program is called', () => {
  const stat = '4711 (a) b (c) S 1 4711 4711 0 -1 4194560 100 0 0 0 250 50 7 8 20 0 11 0 12345';
  expect(parseTicks(stat)).toBe(300);
});

test('processor time of a process that is gone is no number', () => expect(parseTicks('')).toBeNaN());

test('the machine is busy in user, nice and kernel mode and in interrupts, not while it waits for a disk', () => {
  expect(parseBusyTicks('cpu  100 10 50 9999 777 3 2 0 0 0\ncpu0 1 1 1 1 1 1 1 0 0 0\n')).toBe(165);
});
