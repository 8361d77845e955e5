import { expect, test } from 'vitest';
import type { RegistryReplication, Status } from '../../../../src/api/registryreplication.ts';
import { type Progress, progressOf } from '../../../../src/cli/steering/settled.ts';

const asked = '2026-09-10T12:00:00.000Z';
const condition = (type: string, status: 'True' | 'False', reason: string, message = '') => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: asked,
});
const answered = { observedGeneration: 3, lastHandledRequest: asked };
const cases: readonly { when: string; status: Status | undefined; then: Progress }[] = [
  { when: 'nobody has looked', status: undefined, then: { kind: 'unseen' } },
  {
    when: 'an earlier request was answered',
    status: { ...answered, lastHandledRequest: 'before' },
    then: { kind: 'unseen' },
  },
  { when: 'status is about an older spec', status: { ...answered, observedGeneration: 2 }, then: { kind: 'unseen' } },
  {
    when: 'regions are being made',
    status: {
      ...answered,
      summary: '1/3',
      conditions: [
        condition('Ready', 'False', 'Creating', 'japaneast is being created'),
        condition('Reconciling', 'True', 'Creating', 'japaneast is being created'),
      ],
    },
    then: { kind: 'working', text: '1/3 Creating: japaneast is being created' },
  },
  {
    when: 'all is well',
    status: {
      ...answered,
      summary: '3/3',
      conditions: [condition('Ready', 'True', 'InSync', 'all regions are ready')],
    },
    then: { kind: 'done', text: '3/3 InSync: all regions are ready' },
  },
  {
    when: 'differences are only reported',
    status: { ...answered, summary: '2/3', conditions: [condition('Ready', 'False', 'PlanPending')] },
    then: { kind: 'done', text: '2/3 PlanPending' },
  },
  {
    when: 'a person must act',
    status: {
      ...answered,
      conditions: [
        condition('Ready', 'False', 'Forbidden'),
        condition('Stalled', 'True', 'Forbidden', 'grant the role'),
      ],
    },
    then: { kind: 'stuck', text: 'Forbidden: grant the role' },
  },
];
for (const { when, status, then } of cases) {
  test(`${when}: ${then.kind}`, () => {
    const object = { metadata: { generation: 3 }, ...(status && { status }) } as RegistryReplication;
    expect(progressOf(object, asked)).toEqual(then);
  });
}

test('the answer to who has asked since is an answer to both', () => {
  const conditions = [condition('Ready', 'True', 'InSync')];
  const later = '2026-09-10T12:00:01.000Z';
  const seen = (lastHandledRequest: string) =>
    progressOf(
      {
        metadata: { generation: 3, annotations: { 'acr-replication.dev/requested-at': later } },
        status: { ...answered, lastHandledRequest, conditions },
      } as unknown as RegistryReplication,
      asked,
    ).kind;
  expect([seen(asked), seen(later)]).toEqual(['unseen', 'done']);
});
