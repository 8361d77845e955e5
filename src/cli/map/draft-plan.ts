import type { RegistryReplication } from '../../api/registryreplication.ts';
import { KubeError } from '../../kube/http/error.ts';
import type { Draft, DraftPlan } from '../../map/wire.ts';
import type { Azure } from '../azure.ts';
import type { Cluster } from '../cluster.ts';
import { Problem } from '../command.ts';
import { kubeProblem } from '../kube-words.ts';
import { type Subject, subjectFrom } from '../plan/dry-run.ts';
import { type Foresight, foresee } from '../plan/foresight.ts';
import { differenceOf, type Price } from '../plan/money.ts';
import type { Said, Surroundings } from '../plan/neighbours.ts';
import { signs, summaryOf } from '../plan/object-plan.ts';
import { lineText, moneyTexts, seenText } from '../plan/sentences.ts';
import { surroundingsOf } from '../plan/surroundings.ts';
import type { Stored } from './changing.ts';
import { fearsOf } from './fears.ts';

/** Tells what would become of an object: `stored` as it is, `result` as it would be. Changes neither. */
export type PlanDraft = (
  draft: { readonly stored: Stored; readonly result: Stored },
  signal: AbortSignal,
) => Promise<Pick<Draft, 'plan' | 'fears'>>;

export interface DraftPlanOptions {
  readonly cluster: Cluster;
  readonly said: Said;
  readonly price: Price;
  /** Azure with the user's login; undefined: there is none. Throws a Problem when a login is refused. */
  readonly azure: (signal: AbortSignal) => Promise<Azure | undefined>;
  readonly now: () => Date;
}

/** So long what there is beside the object is taken to be as it was read. */
const rememberedMs = 30_000;

export function draftPlanner({ cluster, said, price, azure, now }: DraftPlanOptions): PlanDraft {
  const known = new Map<string, { readonly untilMs: number; readonly surroundings: Surroundings }>();
  let login: Azure | undefined;

  async function surroundingsFor(namespace: string, signal: AbortSignal): Promise<Surroundings> {
    const found = known.get(namespace);
    if (found !== undefined && found.untilMs > now().getTime()) return found.surroundings;
    const surroundings = await surroundingsOf(cluster, [namespace], signal);
    known.set(namespace, { untilMs: now().getTime() + rememberedMs, surroundings });
    return surroundings;
  }

  /** With Azure as it is now; where the user cannot read it, with what the status last told, and why. */
  async function foreseen(
    subject: Subject,
    signal: AbortSignal,
  ): Promise<Foresight & { readonly why: readonly string[] }> {
    const { object } = subject;
    const surroundings = await surroundingsFor(object.metadata.namespace, signal);
    const among = { surroundings, planned: [object], said };
    const why: string[] = [];
    try {
      login ??= await azure(signal);
      if (login !== undefined)
        return { ...(await foresee(subject, { ...among, azure: login }, now(), asked(signal))), why };
      why.push('You are not signed in to Azure: az login.');
    } catch (error) {
      if (!(error instanceof Problem) || signal.aborted) throw error;
      why.push(sentence(error.message));
    }
    return { ...(await foresee(subject, { ...among, azure: undefined }, now(), asked(signal))), why };
  }

  return async ({ stored, result }, signal) => {
    // What is parsed is taken apart.
    const subject = subjectFrom(structuredClone(stored), structuredClone(result));
    try {
      const { plan, actual, why } = await foreseen(subject, signal);
      const bill = differenceOf(plan.lines, price);
      const object: RegistryReplication = subject.stored ?? subject.object;
      return {
        plan: {
          seen: seenText(plan, now()),
          lines: plan.lines.map((line) => ({
            sign: signs[line.kind],
            kind: line.kind,
            region: line.region,
            text: lineText(line, '\u2192'),
          })),
          summary: summaryOf(plan.lines),
          money: moneyTexts({ price, bill }),
          notes: [...why, ...plan.notes],
        },
        fears: fearsOf({ object, lines: plan.lines, actual, bill, price }),
      };
    } catch (error) {
      if (signal.aborted) throw error;
      return { plan: untold(problemOf(error)), fears: [] };
    }
  };
}

/** A draft is planned for as by `plan`. */
function asked(signal: AbortSignal) {
  return { signal, typed: 'kubectl acr-replication plan' };
}

/** The manifest serves without a plan, too. */
function untold({ message, cure }: Problem): DraftPlan {
  const notes = cure === undefined ? [] : [`What helps: ${cure}`];
  return { seen: sentence(message), lines: [], summary: 'What would be done cannot be told.', money: [], notes };
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof KubeError) return kubeProblem(error);
  throw error;
}

/** As a sentence of its own. */
function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?\u2026]$/.test(text) ? '' : '.'}`;
}
