import type { Azure } from './azure.ts';
import type { AuthorisedCall } from './call.ts';
import { ERRORS, type Reply } from './errors.ts';
import { isObject, jsonIn } from './json.ts';
import { normalise } from './model.ts';
import { same } from './seed.ts';

/**
 * What policies would make of a replica, without anything being made. Policies are faults here: one that is about a
 * region restricts the field location, one about all regions refuses the content as it is. [policyinsights 2024-10-01,
 * PolicyRestrictions_CheckAtResourceGroupScope]
 */
export function checkPolicyRestrictions({ faults }: Azure, { text, scope }: AuthorisedCall): Reply {
  const body = jsonIn(text);
  const details = isObject(body) ? body['resourceDetails'] : undefined;
  const content = isObject(details) ? details['resourceContent'] : undefined;
  if (!isObject(body) || !isObject(details) || !isObject(content)) {
    return ERRORS.invalidContent("Required property 'resourceDetails.resourceContent' was not found");
  }
  const { scope: given } = details;
  const parent = (typeof given === 'string' ? given : '').split('/').at(-1) ?? '';
  const policies = faults.list().flatMap(({ match, effect }) => {
    if (effect.kind !== 'policy' || !same(match?.registry ?? parent, parent)) return [];
    const name = effect.assignment ?? 'allowed-locations';
    const policy = {
      policyDefinitionId: '/providers/Microsoft.Authorization/policyDefinitions/e56962a6-4747-49cd-b67b-bf8b01975c4c',
      policyAssignmentId: `${scope}/providers/Microsoft.Authorization/policyAssignments/${name}`,
    };
    return [{ region: match?.region, policy }];
  });
  const locations = pendingLocations(body['pendingFields']);
  const restrictions = policies.flatMap(({ region, policy }) => {
    const values = locations.filter((location) => region !== undefined && normalise(location) === normalise(region));
    return values.length === 0 ? [] : [{ result: 'Deny', values, policy, policyEffect: 'Deny' }];
  });
  const policyEvaluations = policies
    .filter(({ region }) => region === undefined)
    .map(({ policy: policyInfo }) => ({
      policyInfo,
      evaluationResult: 'NonCompliant',
      evaluationDetails: { evaluatedExpressions: [] },
      effectDetails: { policyEffect: 'Deny' },
    }));
  const fieldRestrictions = restrictions.length === 0 ? [] : [{ field: 'location', restrictions }];
  return { status: 200, body: { fieldRestrictions, contentEvaluationResult: { policyEvaluations } } };
}

function pendingLocations(pending: unknown): readonly string[] {
  const fields = Array.isArray(pending) ? pending.filter(isObject) : [];
  const values = fields.find(({ field }) => field === 'location')?.['values'];
  return Array.isArray(values) ? values.map(String) : [];
}
