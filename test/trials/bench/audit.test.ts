import { expect, test } from 'vitest';
import { trafficOf } from './audit.ts';

const asker = { username: 'system:serviceaccount:x:operator', namespace: 'bench' };

function line(
  verb: string,
  resource: string,
  more: { subresource?: string; stage?: string; of?: string; in?: string } = {},
): string {
  const { subresource, stage = 'ResponseComplete', of = asker.username, in: namespace = asker.namespace } = more;
  return JSON.stringify({ verb, stage, user: { username: of }, objectRef: { resource, subresource, namespace } });
}

test('writes are all but get, list and watch; Events and Leases are counted apart', () => {
  const traffic = trafficOf(
    [
      line('patch', 'registryreplications'),
      line('patch', 'registryreplications', { subresource: 'status' }),
      line('create', 'events'),
      line('update', 'leases'),
      line('get', 'registryreplications'),
      line('list', 'registryreplications'),
    ],
    asker,
  );
  expect(traffic).toMatchObject({ writes: 2, events: 1 });
  expect(traffic.byKind).toEqual({
    'patch registryreplications': 1,
    'patch registryreplications status': 1,
    'create events': 1,
    'update leases': 1,
  });
});

test('what others do, or in another namespace, is not counted', () => {
  const lines = [line('patch', 'registryreplications', { of: 'admin' }), line('create', 'events', { in: 'other' })];
  expect(trafficOf(lines, asker)).toEqual({ writes: 0, events: 0, byKind: {}, watches: 0 });
});

test('a watch counts when it begins, once', () => {
  const lines = ['ResponseStarted', 'ResponseComplete'].map((stage) =>
    line('watch', 'registryreplications', { stage }),
  );
  expect(trafficOf(lines, asker)).toMatchObject({ watches: 1, writes: 0 });
});
