import { expect, test } from 'vitest';
import { recreate, requestedAt } from '../../../src/api/registryreplication.ts';
import { type Urgency, urgencyOf } from '../../../src/domain/urgency.ts';
import { resource } from '../../support/builders.ts';

const seen = { observedGeneration: 1 };
const reconciling = (status: 'True' | 'False') => [
  { type: 'Reconciling', status, reason: 'Creating', message: '', lastTransitionTime: '2026-09-10T06:45:00Z' },
];
type Given = Parameters<typeof resource>[1];
const cases: readonly { readonly name: string; readonly given: Given; readonly is: Urgency }[] = [
  { name: 'an object that nobody has looked at yet', given: {}, is: 'edited' },
  { name: 'a spec that is newer than the status', given: { status: { observedGeneration: 0 } }, is: 'edited' },
  {
    name: 'a request to look now',
    given: { status: seen, metadata: { annotations: { [requestedAt]: 'now' } } },
    is: 'edited',
  },
  {
    name: 'a request that the status tells of',
    given: { status: { ...seen, lastHandledRequest: 'now' }, metadata: { annotations: { [requestedAt]: 'now' } } },
    is: 'steady',
  },
  {
    name: 'a request to make a replica anew',
    given: { status: seen, metadata: { annotations: { [recreate]: 'japaneast' } } },
    is: 'edited',
  },
  {
    name: 'a replica that was made anew as requested',
    given: {
      status: { ...seen, lastHandledRecreate: 'japaneast' },
      metadata: { annotations: { [recreate]: 'japaneast' } },
    },
    is: 'steady',
  },
  {
    name: 'an object that Azure works on',
    given: { status: { ...seen, conditions: reconciling('True') } },
    is: 'moving',
  },
  {
    name: 'a region that is drained, or to be put back',
    given: {
      status: {
        ...seen,
        replicas: [{ location: 'japaneast', drained: { until: '2026-09-10T18:00:00Z', before: 'Enabled' } }],
      },
    },
    is: 'edited',
  },
  { name: 'an object at rest', given: { status: { ...seen, conditions: reconciling('False') } }, is: 'steady' },
];
for (const { name, given, is } of cases) {
  test(`${name} is ${is}`, () => expect(urgencyOf(resource(['japaneast'], given))).toBe(is));
}

test('an object that is gone is done with first', () => expect(urgencyOf(undefined)).toBe('edited'));
