import { describe, expect, test } from 'vitest';
import { failing, warning } from '../../../../src/cli/doctor/finding.ts';
import { policyChecks, policyQuestion } from '../../../../src/cli/doctor/policy.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import { told } from './told.ts';

const id = '/subscriptions/sub/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso';

describe('Azure Policy', () => {
  const regions = ['japaneast', 'westeurope'].map(regionOf);
  const assignment = '/subscriptions/sub/providers/Microsoft.Authorization/policyAssignments/geo';
  const policy = { policyAssignmentId: assignment };
  const cure = `az policy exemption create --name acr-replication --policy-assignment ${assignment} --exemption-category Waiver --scope ${id}`;
  const field = (result: string, values: readonly string[], name = 'location') => ({
    fieldRestrictions: [{ field: name, restrictions: [{ result, values, policy }] }],
  });
  const content = (policyEffect?: string) => ({
    contentEvaluationResult: {
      policyEvaluations: [
        {
          policyInfo: policy,
          evaluationResult: 'NonCompliant',
          ...(policyEffect === undefined ? {} : { effectDetails: { policyEffect } }),
        },
      ],
    },
  });
  const check = (answer: unknown, missing = regions) => policyChecks(answer, id, regions, { missing });

  test('is asked about a replica in any of the regions', () => {
    expect(policyQuestion(id, regions, { team: 'a' })).toMatchObject({
      resourceDetails: {
        resourceContent: { type: 'Microsoft.ContainerRegistry/registries/replications', tags: { team: 'a' } },
        scope: id,
      },
      pendingFields: [{ field: 'location', values: ['japaneast', 'westeurope'] }],
    });
  });

  test.each([
    ['denies a region, however it is spelled', field('Deny', ['West Europe']), 'westeurope'],
    ['requires another region', field('Required', ['japaneast']), 'westeurope'],
    ['denies every region', field('Deny', []), 'japaneast, westeurope'],
    ['denies the replica as it is', content('Deny'), 'japaneast, westeurope'],
    ['denies it without a word on the effect (before 2023-03-01)', content(), 'japaneast, westeurope'],
  ])('that %s stops a replica', (_, answer, where) => {
    expect(check(answer)).toEqual([failing(`policy geo refuses a replica in ${where}`, cure)]);
  });

  test.each([
    ['nothing', {}],
    ['an audit', content('Audit')],
    ['another field', field('Deny', ['x'], 'tags.team')],
    ['another region', field('Deny', ['uksouth'])],
    ['a region that is required and wanted', field('Required', ['japaneast', 'westeurope'])],
    ['no object', 'text'],
  ])('with %s refuses nothing', (_, answer) => {
    expect(told(check(answer))).toEqual(['ok: no policy refuses a replica']);
  });

  test('that refuses what is there already is no obstacle yet', () => {
    expect(check(field('Deny', ['westeurope']), [regionOf('japaneast')])).toEqual([
      warning('policy geo refuses changes of the replica in westeurope', cure),
    ]);
  });
});
