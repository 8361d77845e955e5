import { describe, expect, test } from 'vitest';
import { correlationIdOf } from '../../../src/domain/correlation.ts';
import { localThrottle } from '../../../src/domain/failure.ts';
import type { Judged } from '../../../src/domain/judgement.ts';
import * as arm from '../../support/arm-stub.ts';
import { stubbedApi } from '../../support/arm-stub.ts';
import { desired, judgedFinding, judgedPass, minutesAfter, noon, resource } from '../../support/builders.ts';

const uid = '7c5c6f0e-3ad2-4b3a-9a6b-5a1f0e6a7d21';
const id = '7c5c6f0e-3ad2-4b3a-9a6b-000000000012';
const object = resource(['japaneast'], { metadata: { uid, generation: 12 } });
const never = new AbortController().signal;

test('the id is the uid with the generation for its last twelve digits: a GUID, and the same in every pass', () => {
  expect(correlationIdOf(object)).toBe(id);
});

test('a uid that is no UUID gives none, and Azure makes one up', () => {
  expect(correlationIdOf(resource(['japaneast'], { metadata: { uid: 'u1' } }))).toBeUndefined();
});

test('every request carries it, and none when there is none', async () => {
  for (const given of [{ correlationId: id }, {}] as { readonly correlationId?: string }[]) {
    const { api, sent } = stubbedApi([{ status: 404, body: { error: { code: 'ResourceNotFound' } } }], given);
    const replica = { ...desired(['japaneast']).wishes.values().next().value };
    await api.observe(arm.ref, undefined, never);
    await api.observe(arm.ref, arm.known, never);
    await api.get(arm.ref, 'japaneast', never);
    await api.create(arm.ref, { ...replica, tags: {} } as never, never);
    await api.update(arm.ref, 'japaneast', { routing: 'Enabled' }, never);
    await api.remove(arm.ref, 'japaneast', never);
    expect(sent.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'PUT', 'PATCH', 'DELETE']);
    expect(new Set(sent.map(({ headers }) => headers['x-ms-correlation-request-id']))).toEqual(
      new Set([given.correlationId]),
    );
  }
});

describe('the message of a condition gives it', () => {
  const wanted = desired(['japaneast']);
  const refused = { kind: 'terminal', reason: 'Rejected', code: 'BadRequest', message: 'It is not to be.' } as const;
  const failed = { japaneast: { kind: 'failed', failure: refused } } as const;
  const given = { metadata: object.metadata };
  const { code, reason, message } = refused;
  const error = { code, reason, message, since: noon.toISOString() };
  const waiting = {
    remembered: [{ location: 'japaneast', notBefore: minutesAfter(4).toISOString(), error }],
    status: { observedGeneration: object.metadata.generation },
  };
  const rows: readonly (readonly [what: string, judged: Judged, isThere: boolean])[] = [
    [
      'when Azure could not be read',
      judgedFinding({ kind: 'unobserved', failure: refused, desired: wanted }, given),
      true,
    ],
    ['when Azure refused a write', judgedPass({ ...given, results: failed }), true],
    ['and goes on to while the next try waits', judgedPass({ ...given, ...waiting }), true],
    [
      'not when a call waits its turn',
      judgedFinding({ kind: 'unobserved', failure: localThrottle('', noon), desired: wanted }, given),
      false,
    ],
    ['not when Azure was not asked', judgedFinding({ kind: 'invalid', problems: ['wrong'] }, given), false],
    ['not when all goes well', judgedPass(given), false],
  ];
  for (const [what, { verdict }, isThere] of rows) {
    test(what, () => {
      expect(verdict.message.endsWith(` Correlation id: ${id}.`)).toBe(isThere);
    });
  }
});
