import { expect, test } from 'vitest';
import { type CoreEvent, happenedIn } from '../../../src/view/happened.ts';

const event = (name: string, times: Partial<CoreEvent>, message = name): CoreEvent => ({
  metadata: { name, creationTimestamp: '2026-09-10T12:00:05Z' },
  type: 'Normal',
  reason: 'ReplicaReady',
  message,
  ...times,
});

test('Events come oldest first, those of one second by name, whichever API they were written by', () => {
  const events = [
    event('d', {
      series: { lastObservedTime: '2026-09-10T12:00:09.123456Z' },
      eventTime: '2026-09-10T11:00:00.000000Z',
    }),
    event('c', { eventTime: '2026-09-10T12:00:01.900000Z', lastTimestamp: null }),
    event('b', { lastTimestamp: '2026-09-10T12:00:01Z', eventTime: null }),
    event('e', {}),
  ];
  expect(happenedIn(events).map(({ message, time }) => `${message} ${time.slice(11)}`)).toEqual([
    'b 12:00:01Z',
    'c 12:00:01Z',
    'e 12:00:05Z',
    'd 12:00:09Z',
  ]);
});

test('what an Event says cannot steer the terminal', () => {
  expect(happenedIn([event('a', {}, 'x\u001b[2Jy')])[0]?.message).toBe('x [2Jy');
});
