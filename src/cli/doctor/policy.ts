import { type Region, regionOf } from '../../domain/region.ts';
import type { Tags } from '../../domain/replication.ts';
import { fields, list, type Places, text } from './features.ts';
import { type Check, failing, warning, well } from './finding.ts';

/** The api-version of Microsoft.PolicyInsights in which answers tell the effect. */
export const policyVersion = '2024-10-01';

/**
 * What Azure Policy is asked: what it would make of a replica in any of these regions. Azure only evaluates it, and the
 * right for it is one to read, Microsoft.PolicyInsights/checkPolicyRestrictions/read:
 * https://learn.microsoft.com/rest/api/policy/policy-restrictions/check-at-resource-group-scope
 */
export function policyQuestion(registryId: string, regions: readonly Region[], tags: Tags): object {
  const resourceContent = { type: 'Microsoft.ContainerRegistry/registries/replications', tags, properties: {} };
  return {
    resourceDetails: { resourceContent, apiVersion: '2025-11-01', scope: registryId },
    pendingFields: [{ field: 'location', values: regions }],
  };
}

/**
 * Policies that refuse a replica: whatever its region, or in some of `regions`. It is a ✗ only for a region that is still
 * to come. Whether Azure heeds exemptions here is not documented, so that one may be there already.
 */
export function policyChecks(
  answer: unknown,
  registryId: string,
  regions: readonly Region[],
  { missing }: Pick<Places, 'missing'>,
): readonly Check[] {
  const { fieldRestrictions, contentEvaluationResult } = fields(answer);
  const refused = new Map<string, Set<Region>>();
  const refuse = (policy: unknown, these: readonly Region[]): void => {
    const assignment = text(fields(policy)['policyAssignmentId']);
    const known = refused.get(assignment) ?? new Set<Region>();
    for (const region of these) known.add(region);
    if (known.size > 0) refused.set(assignment, known);
  };
  for (const restrictions of list(fieldRestrictions).map(fields)) {
    if (text(restrictions['field']).toLowerCase() !== 'location') continue;
    for (const { result, values, policy } of list(restrictions['restrictions']).map(fields)) {
      const named = list(values).map((value) => regionOf(text(value)));
      if (result === 'Deny')
        refuse(
          policy,
          regions.filter((region) => named.length === 0 || named.includes(region)),
        );
      if (result === 'Required')
        refuse(
          policy,
          regions.filter((region) => named.length > 0 && !named.includes(region)),
        );
    }
  }
  for (const { policyInfo, evaluationResult, effectDetails } of list(
    fields(contentEvaluationResult)['policyEvaluations'],
  ).map(fields)) {
    const effect = text(fields(effectDetails)['policyEffect']);
    if (evaluationResult === 'NonCompliant' && (effect === '' || /^deny$/i.test(effect))) refuse(policyInfo, regions);
  }
  const checks = [...refused].map(([assignment, these]) => {
    const cure = `az policy exemption create --name acr-replication --policy-assignment ${assignment} --exemption-category Waiver --scope ${registryId}`;
    const name = assignment.split('/').at(-1) ?? '';
    const coming = missing.filter((region) => these.has(region));
    if (coming.length > 0) return failing(`policy ${name} refuses a replica in ${coming.sort().join(', ')}`, cure);
    return warning(`policy ${name} refuses changes of the replica in ${[...these].sort().join(', ')}`, cure);
  });
  return checks.length > 0 ? checks : [well('no policy refuses a replica')];
}
