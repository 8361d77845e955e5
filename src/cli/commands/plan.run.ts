import { keyOf } from '../../domain/key.ts';
import { KubeError } from '../../kube/http/error.ts';
import { azureOf } from '../azure.ts';
import { type Call, misused, Problem } from '../command.ts';
import { kubeProblem } from '../kube-words.ts';
import { readManifests, type Subject, subjectIn, subjectNamed } from '../plan/dry-run.ts';
import { isChange } from '../plan/forecast.ts';
import { foresee } from '../plan/foresight.ts';
import { jsonOf, markdownOf, textOf } from '../plan/formats.ts';
import { type Manifests, refuseTwins } from '../plan/manifests.ts';
import { differenceOf, priceSaid } from '../plan/money.ts';
import type { Said } from '../plan/neighbours.ts';
import type { ObjectPlan, Plans } from '../plan/object-plan.ts';
import { surroundingsOf } from '../plan/surroundings.ts';

export async function run(call: Call): Promise<number> {
  const { terminal, flag, text } = call;
  try {
    const { plans, problems } = await plansOf(call);
    const format = text('output');
    const width = terminal.columns();
    if (format === 'json') terminal.out(jsonOf(plans));
    else if (format === 'markdown') terminal.out(markdownOf(plans));
    else terminal.out(textOf(plans, { ...terminal, width }));
    for (const { message, cure } of problems) {
      terminal.err(`${terminal.paint('bad', 'error:')} ${message}\n`);
      if (cure !== undefined) terminal.err(`${terminal.paint('faint', 'try:')} ${cure}\n`);
    }
    if (problems.length > 0) return flag('exit-code') ? misused : 1;
    const changes = plans.plans.some(({ lines }) => lines.some((line) => isChange(line) || line.comes));
    return flag('exit-code') && changes ? 1 : 0;
  } catch (error) {
    if (!flag('exit-code') || call.signal.aborted) throw error;
    throw told(error); // 1 means that something would change
  }
}

/** The same error with an exit code of its own. */
function told(error: unknown): Problem {
  const problem = error instanceof KubeError ? kubeProblem(error) : (error as Error);
  return new Problem(problem.message, problem instanceof Problem ? problem.cure : undefined, misused);
}

/** The plans, and why there is none for some of the objects. A Problem that leaves nothing to plan for is thrown. */
async function plansOf(call: Call): Promise<{ readonly plans: Plans; readonly problems: readonly Problem[] }> {
  const { args, texts, text, cluster, signal, env, now } = call;
  const files = texts('filename');
  if ((args.length === 0) === (files.length === 0)) {
    throw new Problem('plan needs either -f FILE or NAME', 'kubectl acr-replication plan --help', misused);
  }
  const price = priceSaid(text('price'), 'plan');
  const manifests = await readManifests(files);
  const failed = new Map<string, Problem>();
  const subjects = await subjectsOf(call, manifests, failed);
  const namespaces = [...new Set(subjects.map(({ object }) => object.metadata.namespace))];
  const surroundings = await surroundingsOf(cluster(), namespaces, signal);
  const azure = call.flag('from-status') ? undefined : await azureOf(env, signal);
  const said: Said = {
    clusterName: text('cluster-name'),
    subscriptionId: text('subscription'),
    ownSubscriptionId: env['AZURE_SUBSCRIPTION_ID'] || undefined,
  };
  const among = { surroundings, planned: subjects.map(({ object }) => object), said, azure };
  const plans: ObjectPlan[] = [];
  for (const subject of subjects) {
    const foresight = await unlessProblem(keyOf(subject.object), failed, () => foresee(subject, among, now(), call));
    if (foresight !== undefined) plans.push(foresight.plan);
  }
  const [first, ...problems] = failed.values();
  if (first !== undefined && plans.length === 0) throw first;
  const unplanned = [...failed].map(([object, { message }]) => ({ object, problem: message }));
  const bill = differenceOf(
    plans.flatMap(({ lines }) => lines),
    price,
  );
  return {
    plans: { plans, unplanned, ignored: manifests.ignored, price, bill, now: now() },
    problems: first === undefined ? [] : [first, ...problems],
  };
}

/** What comes of the work; undefined when it ends in a Problem, which is kept by the object that it is about. */
async function unlessProblem<T>(
  object: string,
  failed: Map<string, Problem>,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    failed.set(object, error);
    return undefined;
  }
}

async function subjectsOf(
  { args, text, cluster, signal }: Call,
  { ours, ignored }: Manifests,
  failed: Map<string, Problem>,
): Promise<readonly Subject[]> {
  const opened = cluster();
  if (args.length > 0) return Promise.all(args.map((name) => subjectNamed(opened, name, signal)));
  if (ours.length === 0) {
    const found = ignored.length === 0 ? 'nothing' : `only ${ignored.join(', ')}`;
    throw new Problem(
      `there is no RegistryReplication in what -f names: ${found}`,
      'kubectl acr-replication plan --help',
      1,
    );
  }
  const namespace = text('namespace');
  refuseTwins(ours, opened.namespace);
  const subjects: Subject[] = [];
  for (const manifest of ours) {
    if (namespace !== undefined && manifest.namespace !== undefined && manifest.namespace !== namespace) {
      throw new Problem(
        `${manifest.file} puts ${manifest.name} into namespace ${manifest.namespace}, and -n says ${namespace}`,
        'leave out -n',
      );
    }
    const object = `${manifest.namespace ?? opened.namespace}/${manifest.name}`;
    const subject = await unlessProblem(object, failed, () => subjectIn(opened, manifest, signal));
    if (subject !== undefined) subjects.push(subject);
  }
  return subjects;
}
