import { expect, test } from 'vitest';
import type { Condition, RegistryReplication } from '../../../src/api/registryreplication.ts';
import { storyOf } from '../../../src/view/story.ts';
import { minutesAfter, resource } from '../../support/builders.ts';

const condition = (type: string, status: Condition['status'], message = 'm'): Condition => ({
  type,
  status,
  reason: 'R',
  message,
  lastTransitionTime: '2026-09-10T11:00:00Z',
});

function says(object: RegistryReplication): readonly string[] {
  return storyOf(object, [], minutesAfter(0)).sentences.map((sentence) => sentence.says);
}

const withConditions = (...conditions: readonly Condition[]) =>
  resource(['japaneast'], { status: { observedGeneration: 1, conditions } });

test('an object that no operator has looked at says so', () => {
  expect(says(resource(['japaneast']))).toEqual(['Not looked at by an operator yet']);
});

test('conditions that say the same are told once', () => {
  expect(says(withConditions(condition('Ready', 'False'), condition('Stalled', 'True')))).toEqual([
    'Not ready, and somebody must act',
  ]);
  expect(says(withConditions(condition('Ready', 'False'), condition('Reconciling', 'True')))).toEqual([
    'Not ready yet, and goes on by itself',
  ]);
});

test('conditions that differ are told both, and an unknown one as it is', () => {
  const conditions = [
    condition('Ready', 'True'),
    condition('Reconciling', 'True', 'n'),
    condition('Frozen', 'True', 'o'),
  ];
  expect(says(withConditions(...conditions))).toEqual(['Ready', 'Goes on by itself', 'Frozen is True']);
});

test('an edit that was not looked at yet, a suspension and a deletion come first', () => {
  const status = { observedGeneration: 1, conditions: [condition('Ready', 'True')] };
  expect(says(resource(['japaneast'], { status, metadata: { generation: 2 }, spec: { suspend: true } }))).toEqual([
    'Suspended: Azure is neither read nor changed',
    'The last edit was not looked at yet',
    'Ready',
  ]);
  const metadata = { generation: 1, deletionTimestamp: '2026-09-10T11:00:00Z' };
  expect(says(resource(['japaneast'], { status, metadata }))).toEqual(['Being deleted', 'Ready']);
});

test.each([{ deletionPolicy: 'Retain' as const }, { mode: 'Observe' as const }])(
  'an object with %o that is deleted says that its replicas stay',
  (spec) => {
    const object = resource(['japaneast'], {
      spec,
      status: { observedGeneration: 1 },
      metadata: { deletionTimestamp: '2026-09-10T11:00:00Z' },
    });
    expect(storyOf(object, [], minutesAfter(0)).sentences[0]?.message).toBe('Its replicas stay in Azure.');
  },
);
