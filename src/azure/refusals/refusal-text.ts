import { nearest } from '../../domain/nearest.ts';
import { type Region, regionOf } from '../../domain/region.ts';
import type { ArmError } from '../wire/arm-error.ts';
import type { Signer } from './signer.ts';
import { steadyPhrase, steadyText } from './wording.ts';

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
export function forbiddenText({ message }: ArmRefusal, { identity }: Signer): string {
  const [, tenant, linked] =
    /tenant '([^']+)' is not authorized to access linked subscription '([^']+)'/.exec(message) ?? [];
  if (linked !== undefined)
    return `Azure forbids it: tenant ${tenant} has no access to the linked subscription ${linked}.`;
  const { action, scope } = lackedRight(message);
  if (action === undefined) {
    const said = steadyText(message);
    return said === '' ? `Azure forbids it to ${identity} and does not say why.` : `Azure forbids it: ${said}`;
  }
  const who = /client '([^']*)' with object id '([^']*)'/.exec(message);
  const principal = who === null ? identity : `client ${who[1]} (object id ${who[2]}), ${identity},`;
  const where = scope === undefined ? '' : ` on ${scope}`;
  const noScope = /scope is invalid/i.test(message) ? ', or there is no such scope' : '';
  return `Azure forbids ${principal} the action ${action}${where}${noScope}.`;
}

/** The step that gives the right: where it is lacking, or, where Azure names none, what to look at. */
export function forbiddenAdvice({ message }: ArmRefusal, { identity }: Signer): string {
  if (/is not authorized to access linked subscription/.test(message)) {
    return 'No role reaches across tenants: what the registry is linked to must be in a subscription of its own tenant.';
  }
  const { action, scope = '' } = lackedRight(message);
  if (action === undefined)
    return `See what Azure says; ${identity} may lack a role, or calls from a place that is barred.`;
  const where = scope === '' || /\/registries\//i.test(scope) ? 'on the registry' : 'there';
  return `Grant ${identity} this action ${where}; a role that was just granted takes some minutes.`;
}

/** The action that the identity lacks and its scope, of several the last; nothing where Azure speaks of no action. */
function lackedRight(message: string): { readonly action?: string; readonly scope?: string } {
  if (!/does not have (authorization|permission) to perform/i.test(message)) return {};
  const action = [...message.matchAll(/actions?(?:\(s\))? '([^']+)'/g)].at(-1)?.[1];
  const scope = [...message.matchAll(/scopes?(?:\(s\))? '([^']+)'/g)].at(-1)?.[1];
  return { ...(action === undefined ? {} : { action }), ...(scope === undefined ? {} : { scope }) };
}

/** Names the deny assignment: it forbids what a role allows, so a further role does not help. */
export function denyAssignmentText(answer: ArmRefusal, { identity }: Signer): string {
  const { message } = answer;
  const [, name, , scope] =
    /deny assignment with name '(.+?)' and Id '([^']*)' at scope '([^']*)'/s.exec(message) ?? [];
  const linked = /blocked by deny assignments on the .*?linked scope\(s\) '([^']*)'/s.exec(message)?.[1];
  const action = /perform action '([^']+)'/.exec(message)?.[1];
  if (linked !== undefined) return `A deny assignment on ${steadyPhrase(linked)} forbids it to ${identity}.`;
  if (name === undefined) return `A deny assignment forbids it: ${steadyText(message)}`;
  const what = action === undefined ? 'it' : `the action ${action}`;
  const where = scope === undefined || scope === '' ? '' : ` on ${scope}`;
  return `The deny assignment "${steadyPhrase(name)}"${where} forbids ${identity} ${what}, whatever its roles allow.`;
}

/** Says where the lock is. */
export function lockText({ message }: ArmRefusal): string {
  const scopes = /are locked: ('[^']+'(?:, ?'[^']+')*)/.exec(message)?.[1]?.replaceAll("'", '');
  return scopes === undefined
    ? 'A lock in Azure forbids the change.'
    : `A lock forbids the change, it is on ${scopes}.`;
}

/** The namespace that is not registered, which need not be the registry's own. */
export function namespaceIn({ message }: ArmRefusal): string {
  return /namespace '([\w.]+)'|provider \[?'?([\w]+\.[\w.]+)/i.exec(message)?.slice(1).find(Boolean) ?? ownNamespace;
}

const ownNamespace = 'Microsoft.ContainerRegistry';

/** Says in which tenant the subscription is and to which one was signed in, where Azure tells. */
export function otherTenantText({ message }: ArmRefusal, subscriptionId: string, { identity }: Signer): string {
  const [, wrong, right] =
    /wrong issuer '[^']*?\/\/[^/']+\/([^/']+)\/?'.*? tenant '[^']*?\/\/[^/']+\/([^/']+)\/?'/s.exec(message) ?? [];
  if (wrong === undefined || right === undefined) {
    return `Subscription ${subscriptionId} belongs to another tenant than ${identity}.`;
  }
  return `Subscription ${subscriptionId} belongs to tenant ${right}, and ${identity} is signed in to tenant ${wrong}.`;
}

/** Says that there is no such region, and suggests what was probably meant, from the list in Azure's message. */
export function regionText({ message }: ArmRefusal, { region }: { readonly region?: Region }): string {
  const asked = region ?? regionIn(message);
  const meant = nearest(asked, offeredIn(message));
  const hint = meant === undefined || meant === asked ? '.' : `; did you mean ${meant}?`;
  return `Azure offers no registry replicas in a region ${asked}${hint}`;
}

/** The regions that a refusal says there are. */
export function offeredIn(message: string): readonly Region[] {
  const list = /(?:available regions .*? (?:is|are)|supported locations are):? '([^']+)'/i.exec(message)?.[1] ?? '';
  const regions = list.split(',').map((name) => regionOf(name.trim()));
  return regions.filter((region) => region !== '');
}

/** The region that a refusal is about, by its text. */
export function regionIn(message: string): Region {
  return regionOf(/location '([^']+)'/.exec(message)?.[1] ?? '');
}

/** Says in which other region the name is taken, where Azure tells. */
export function takenNameText({ message }: ArmRefusal, { name }: { readonly name?: string }): string {
  const where = /already exists in location '([^']+)'/.exec(message)?.[1];
  const region = where === undefined ? 'another region' : regionOf(where);
  return `The registry has a replica named ${name ?? 'so'} in ${region} already.`;
}
