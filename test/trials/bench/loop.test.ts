import { expect, test } from 'vitest';
import { longestDelayMs } from './loop.ts';

// https://github.com/siimon/prom-client/blob/v15.1.3/lib/metrics/eventLoopLag.js has the name.

test('what the event loop was blocked at most is read in milliseconds', () => {
  expect(longestDelayMs('# TYPE x gauge\nnodejs_eventloop_lag_max_seconds 0.0123\nup 1\n')).toBeCloseTo(12.3);
});

test('an operator that does not tell has no such figure', () => expect(longestDelayMs('up 1\n')).toBeNaN());
