import { describe, expect, test } from 'vitest';
import { explain, type Failure } from '../../../../src/domain/failure.ts';
import { needsPerson, reasons } from '../../../../src/domain/reasons.ts';
import { failureBy } from './answered.ts';
import { type Answer, answers } from './answers.ts';

const now = new Date('2026-11-22T10:00:00Z');

/** What a Failure says, in the words of the table. */
function told(failure: Failure): Answer['then'] {
  const { kind, reason, code, message, advice = reasons[reason].advice, settles, busy, until } = failure;
  return {
    reason,
    stalled: needsPerson(reason),
    pace: failure.kind === 'retryable' ? failure.pace : (kind as 'throttled' | 'terminal'),
    ...(settles === undefined ? {} : { settles }),
    ...(busy === undefined ? {} : { busy }),
    ...(until === undefined ? {} : { waitsSeconds: (until.getTime() - now.getTime()) / 1_000 }),
    code,
    message,
    advice,
  };
}

describe('each answer is told with its cause and a next step', () => {
  for (const answer of answers) {
    test(`${answer.from}: ${answer.name}`, () => expect(told(failureBy(answer, now))).toEqual(answer.then));
  }
});

describe('each answer means the same to a read, which is about no replica', () => {
  for (const answer of answers) {
    const { reason, pace, settles, busy } = answer.then;
    test(answer.name, () => {
      const read = told(failureBy({ ...answer, call: 'read' }, now));
      expect(read).toMatchObject({ reason, pace });
      expect([read.settles, read.busy]).toEqual([settles, busy]);
    });
  }
});

test('the table holds 60 answers at least, each with a name of its own', () => {
  expect(answers.length).toBeGreaterThanOrEqual(60);
  expect(new Set(answers.map(({ name }) => name)).size).toBe(answers.length);
});

describe('whatever is answered', () => {
  for (const answer of answers) {
    test(`${answer.name}: the text stays the same at the next call, ends as a sentence and fits`, () => {
      const text = explain(failureBy(answer, now));
      expect(text).toMatch(/\.$/);
      expect(text.length).toBeLessThan(2_000);
      expect(text).not.toMatch(/trace id|correlation|timestamp|\d\d:\d\d|after '?\d+/i);
      const again = { ...answer, body: withOtherIds(answer.body) } as Answer;
      expect(explain(failureBy(again, now))).toBe(text);
    });
    if (answer.signer !== undefined && /^secret|^serviceAccount/.test(answer.signer)) {
      test(`${answer.name}: nothing is blamed on the operator's own credentials`, () => {
        expect(explain(failureBy(answer, now))).not.toMatch(/operator's (identity|credentials|workload|managed)/);
      });
    }
  }
});

/** The same answer to another call: its ids and times are others, those of lasting things are not. */
function withOtherIds(body: unknown): unknown {
  if (typeof body !== 'object') return body;
  const text = JSON.stringify(body)
    .replaceAll('86c81de3-efbd-4c0f-854d-cb8f329e5b00', '11111111-1111-4111-8111-111111111111')
    .replaceAll('a92568a5-cc37-4136-ad4d-1ba82988abc2', '11111111-1111-4111-8111-111111111112')
    .replaceAll('3fa85f64-5717-4562-b3fc-2c963f66afa6', '11111111-1111-4111-8111-111111111113')
    .replaceAll('2e51c0de-aaaa-4bbb-8ccc-dddddddddddd', '11111111-1111-4111-8111-111111111114')
    .replaceAll('2026-11-22 10:00:00Z', '2026-11-22 10:05:00Z')
    .replaceAll("after '10' seconds", "after '7' seconds");
  return JSON.parse(text) as unknown;
}
