import { expect, test } from 'vitest';
import { cautionsOf } from '../../../../src/cli/plan/cautions.ts';
import { memoryOf } from '../../../../src/domain/memory.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import { actual, desired, noon, registry, replica, resource } from '../../../support/builders.ts';

const none = memoryOf(resource([]));

test('a plan for regions that there are needs no caution', () => {
  expect(cautionsOf(desired(['japaneast', 'eastus']), actual(replica('uksouth')), none)).toEqual([]);
});

test('a region that is none is told, with what may be meant', () => {
  expect(cautionsOf(desired(['westeurpoe', 'atlantis']), actual(), none)).toEqual([
    'westeurpoe is no Azure region that this version knows (did you mean westeurope?): where Azure has none, it refuses the replica.',
    'atlantis is no Azure region that this version knows: where Azure has none, it refuses the replica.',
  ]);
});

test('a region where there is a replica is one, and so may be any of another cloud', () => {
  expect(cautionsOf(desired(['newregion']), actual(replica('newregion')), none)).toEqual([]);
  const china = { ...actual(), registry: registry({ home: regionOf('chinaeast2') }) };
  expect(cautionsOf(desired(['chinanorth3']), china, none)).toEqual([]);
});

test('credentials of the object are told of, for the plan was read with others', () => {
  const credentials = { kind: 'secret', namespace: 'platform', name: 'azure-contoso' } as const;
  expect(cautionsOf(desired([], { credentials }), actual(), none).join()).toMatch(
    /^The operator works with Secret platform\/azure-contoso/,
  );
});

test('an operator that could not read the registry is told of, with its own words', () => {
  const lastTransitionTime = noon.toISOString();
  const ready = {
    type: 'Ready',
    status: 'False',
    reason: 'Forbidden',
    message: 'Grant it.',
    lastTransitionTime,
  } as const;
  const status = { readError: { code: '403', startTime: lastTransitionTime }, conditions: [ready] };
  expect(cautionsOf(desired([]), actual(), memoryOf(resource([], { status })))).toEqual([
    'When the operator last looked it could not read the registry, and it does nothing before it can (Forbidden): Grant it.',
  ]);
});
