import { describe, expect, test } from 'vitest';
import { isWanted, lineIn, sentence, timeOf } from '../../../../src/cli/logs/line.ts';

const at = '2026-09-10T12:04:31.250Z';
const about = { object: 'platform/contoso', generation: 3, correlationId: '0f0c8e4e-9d7c-4d8e-b1d2-000000000003' };
const line = (message: string, fields: object = {}, level = 'info') => {
  const parsed = lineIn(JSON.stringify({ timestamp: at, level, message, ...fields }));
  if (parsed === undefined) throw new Error('no line');
  return parsed;
};

describe('a line as a sentence', () => {
  const cases: readonly (readonly [ReturnType<typeof line>, string])[] = [
    [
      line('creating replica', { ...about, region: 'japaneast', because: 'wanted, and not listed; a GET comes first' }),
      'creating replica in japaneast, because wanted and not listed; a GET comes first',
    ],
    [
      line('deleting replica', { ...about, region: 'uksouth', because: 'outside the set, all of which is ready' }),
      'deleting replica in uksouth, because outside the set, all of which is ready',
    ],
    [
      line('azure refused', {
        ...about,
        region: 'japaneast',
        because: 'wanted, and not there',
        decision: 'create',
        reason: 'Forbidden',
        code: 'AuthorizationFailed',
        cause: 'the identity may not create replications',
      }),
      'azure refused to create the replica in japaneast: the identity may not create replications ' +
        '(Forbidden, AuthorizationFailed), because wanted and not there',
    ],
    [
      line('azure could not be read', {
        ...about,
        reason: 'RegistryNotFound',
        code: 'ResourceNotFound',
        cause: 'no registry',
      }),
      'azure could not be read: no registry (RegistryNotFound, ResourceNotFound)',
    ],
    [
      line('pass failed', { object: 'platform/contoso', retryInMs: 500, error: { message: 'no answer', stack: 'x' } }),
      'pass failed, retryInMs 500, error no answer',
    ],
    [line('cache complete', { objects: 3 }), 'cache complete, objects 3'],
    [line('creating replica', { region: 'a\u001b[2Jb' }), 'creating replica in a [2Jb'],
  ];
  for (const [given, then] of cases) test(then, () => expect(sentence(given, true)).toBe(then));

  test('names the object among several', () => {
    expect(sentence(line('creating replica', { ...about, region: 'japaneast' }), false)).toBe(
      'platform/contoso: creating replica in japaneast',
    );
  });
});

test.each(['', 'Error: boom', '[]', 'null', '{"level":"info"}', '{"timestamp":"x","level":"a","message":"b"}'])(
  '%j is no line of the log',
  (text) => expect(lineIn(text)).toBeUndefined(),
);

describe('what is wanted', () => {
  const given = line('creating replica', { ...about, region: 'japaneast' });
  const nothing = { object: undefined, region: undefined, correlationId: undefined };
  const cases: readonly (readonly [string, object, boolean])[] = [
    ['everything', {}, true],
    ['its object', { object: 'platform/contoso' }, true],
    ['an object of that name elsewhere', { object: 'other/contoso' }, false],
    ['its region in other letters', { region: 'Japan East' }, true],
    ['another region', { region: 'uksouth' }, false],
    ['its correlation id in other letters', { correlationId: about.correlationId.toUpperCase() }, true],
    ['its object in another region', { object: 'platform/contoso', region: 'uksouth' }, false],
  ];
  for (const [what, wanted, then] of cases) {
    test(`${what}: ${then}`, () => expect(isWanted(given, { ...nothing, ...wanted })).toBe(then));
  }
});

describe('the time', () => {
  const local = new Date(at);
  const clock = local.toTimeString().slice(0, 8);
  test('of today is a time of day', () => expect(timeOf(line('x'), local)).toBe(clock));
  test('of another day has its date', () => {
    expect(timeOf(line('x'), new Date(local.getTime() + 3 * 86_400_000))).toMatch(
      new RegExp(`^2026-09-1\\d ${clock}$`),
    );
  });
});
