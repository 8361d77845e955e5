import { shortened } from '../../domain/text.ts';
import { isRecord } from '../wire/arm-error.ts';
import type { ArmRefusal } from './refusal-text.ts';
import { steadyPhrase } from './wording.ts';

/** One policy assignment that denies a request. */
interface Denial {
  readonly assignment: string;
  /** Why, in the words of whoever made the policy; empty where they gave none. */
  readonly reason: string;
  /** Names of the tags that the policy looked at; for a policy that looks at all tags an empty name. */
  readonly tags: readonly string[];
  readonly isAboutLocation: boolean;
}

/** More assignments than these are only counted. */
const mostNamed = 3;

/** Names each policy assignment that denies the request, with its reason. */
export function policyText(answer: ArmRefusal): string {
  const denials = denialsIn(answer);
  const [only] = denials;
  if (only === undefined) {
    const reasons = reasonsIn(answer.message);
    return `An Azure policy denies it${reasons === '' ? '' : `: ${reasons}`}.`;
  }
  if (denials.length === 1) {
    const reason = only.reason === '' ? reasonsIn(answer.message) : only.reason;
    return `The policy assignment "${only.assignment}" denies it${reason === '' ? '' : `: ${reason}`}.`;
  }
  const named = denials
    .slice(0, mostNamed)
    .map(({ assignment, reason }) => `"${assignment}"${reason === '' ? '' : ` (${reason})`}`);
  const more = denials.length > mostNamed ? ` and ${denials.length - mostNamed} more` : '';
  return `The policy assignments ${named.join(', ')}${more} deny it.`;
}

/** The step that the policies ask for: a tag, another region, or an exemption by their owner. */
export function policyAdvice(answer: ArmRefusal): string | undefined {
  const denials = denialsIn(answer);
  const said = `${reasonsIn(answer.message)} ${denials.map(({ reason }) => reason).join(' ')}`;
  const tags = [...new Set(denials.flatMap((denial) => denial.tags))].filter((tag) => tag !== '');
  if (tags.length > 0) return `Set ${tags.join(', ')} in spec.tags as the policy asks, ${orExemption}`;
  if (/\btags?\b/i.test(said) || denials.some((denial) => denial.tags.length > 0)) {
    return `Set in spec.tags what the policy asks for, ${orExemption}`;
  }
  if (denials.some(({ isAboutLocation }) => isAboutLocation)) {
    return `Choose a region that the policy allows, ${orExemption}`;
  }
  return undefined;
}

const orExemption = 'or ask the owner of the policy assignment for an exemption.';

/** The denials in additionalInfo, one for each assignment, or else those that the message names. */
function denialsIn({ message, info }: ArmRefusal): readonly Denial[] {
  const told = (Array.isArray(info) ? info : [])
    .map((entry: unknown) => (isRecord(entry) && isRecord(entry['info']) ? denialOf(entry['info']) : undefined))
    .filter((denial) => denial !== undefined);
  if (told.length > 0) return told;
  return [...message.matchAll(/"policyAssignment":\s*\{\s*"name":\s*"([^"]+)"/g)].map(([, name = '']) => ({
    assignment: steadyPhrase(name),
    reason: '',
    tags: [],
    isAboutLocation: false,
  }));
}

function denialOf(info: Readonly<Record<string, unknown>>): Denial | undefined {
  const name = [info['policyAssignmentDisplayName'], info['policyAssignmentName']].find(
    (value): value is string => typeof value === 'string' && value !== '',
  );
  if (name === undefined) return undefined;
  const details = isRecord(info['evaluationDetails']) ? info['evaluationDetails'] : {};
  const reason = typeof details['reason'] === 'string' ? steadyPhrase(details['reason']) : '';
  const expressions = expressionsIn(details['evaluatedExpressions']);
  const tags = expressions.map(tagIn).filter((tag) => tag !== undefined);
  const isAboutLocation = expressions.some((expression) => /^location$|\blocation'/i.test(expression));
  return { assignment: shortened(steadyPhrase(name), 200), reason, tags, isAboutLocation };
}

function expressionsIn(evaluated: unknown): readonly string[] {
  return (Array.isArray(evaluated) ? evaluated : [])
    .slice(0, 50)
    .map((entry: unknown) => (isRecord(entry) ? entry['expression'] : undefined))
    .filter((expression) => typeof expression === 'string');
}

/** The tag that an expression such as `tags[CostCenter]` looks at; an empty name for `tags` as a whole. */
function tagIn(expression: string): string | undefined {
  const [whole, inBrackets, afterDot] =
    /\btags(?:\[\s*'?([^'\]]{1,128})'?\s*\]|\.([\w-]{1,128}))?/i.exec(expression) ?? [];
  if (whole === undefined) return undefined;
  return steadyPhrase(inBrackets ?? afterDot ?? '');
}

/** The reasons that newer messages hold: `was disallowed by policy. Reasons: 'Please add a tag.'`. */
function reasonsIn(message: string): string {
  return steadyPhrase(/\bReasons?: '([^']+)'/i.exec(message)?.[1] ?? '');
}
