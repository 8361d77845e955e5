import { nearest } from '../../domain/nearest.ts';
import { type Region, regionOf } from '../../domain/region.ts';
import { plainText } from '../../domain/text.ts';
import { type ArmError, isRecord } from '../wire/arm-error.ts';
import { steadyText } from './wording.ts';

/** An error as ARM answered with it. */
export interface ArmRefusal extends ArmError {
  /** HTTP status; 200 for an operation that was accepted and failed later. */
  readonly status: number;
}

/** The refusal in Azure's own words. */
export function quoted({ status, code, message }: ArmRefusal): string {
  const text = steadyText(message);
  return `Azure answered ${code ?? status}${text === '' ? '.' : `: ${text}`}`;
}

/** Says who lacks the right to which action, and where. */
export function forbiddenText({ message }: ArmRefusal): string {
  const action = [...message.matchAll(/actions?(?:\(s\))? '([^']+)'/g)].at(-1)?.[1];
  const scope = [...message.matchAll(/scope(?:\(s\))? '([^']+)'/g)].at(-1)?.[1];
  const who = /client '([^']*)' with object id '([^']*)'/.exec(message);
  if (action === undefined) return `Azure forbids it: ${steadyText(message)}`;
  const principal = who === null ? "the operator's identity" : `client ${who[1]} (object id ${who[2]})`;
  return `Azure forbids ${principal} the action ${action}${scope === undefined ? '' : ` on ${scope}`}.`;
}

/** Says where the lock is. */
export function lockText({ message }: ArmRefusal): string {
  const scopes = /are locked: ('[^']+'(?:, ?'[^']+')*)/.exec(message)?.[1]?.replaceAll("'", '');
  return scopes === undefined
    ? 'A lock in Azure forbids the change.'
    : `A lock forbids the change, it is on ${scopes}.`;
}

/** Names the policy assignment, which stands in additionalInfo or in the message. */
export function policyText({ code, message, info }: ArmRefusal): string {
  const first = Array.isArray(info) ? info.find((i) => isRecord(i) && isRecord(i['info'])) : undefined;
  const fields = isRecord(first) && isRecord(first['info']) ? first['info'] : {};
  const name = [fields['policyAssignmentDisplayName'], fields['policyAssignmentName']].find(
    (v) => typeof v === 'string',
  );
  const inText = /"policyAssignment":\s*\{\s*"name":\s*"([^"]+)"/.exec(message)?.[1];
  const assignment = name === undefined ? inText : plainText(name, 200);
  if (assignment !== undefined) return `The policy assignment "${assignment}" denies it.`;
  return code === 'RequestDisallowedByAzure' ? `Azure denies it: ${steadyText(message)}` : 'An Azure policy denies it.';
}

/** Says that there is no such region, and suggests what was probably meant, from the list in Azure's message. */
export function regionText({ message }: ArmRefusal, { region }: { readonly region?: Region }): string {
  const asked = region ?? regionOf(/location '([^']+)'/.exec(message)?.[1] ?? '');
  const list = /(?:available regions .*? (?:is|are)|supported locations are):? '([^']+)'/i.exec(message)?.[1] ?? '';
  const meant = nearest(
    asked,
    list.split(',').map((name) => regionOf(name.trim())),
  );
  const hint = meant === undefined || meant === asked ? '.' : `; did you mean ${meant}?`;
  return `Azure offers no registry replicas in a region ${asked}${hint}`;
}
