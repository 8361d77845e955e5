import { setTimeout as delay } from 'node:timers/promises';
import { type RegistryReplication, recreate } from '../../api/registryreplication.ts';
import type { Region } from '../../domain/region.ts';
import type { Cluster } from '../cluster.ts';
import { type Call, Problem } from '../command.ts';
import { told } from '../output/told.ts';
import { isConflict, mergePatch } from '../steering/patch.ts';
import { isHandled, pendingOf, recreationOf } from '../steering/recreation.ts';

/** The operator answers an edit within a second or two. */
const answerMs = 30_000;
const lookEveryMs = 500;

export async function run(call: Call): Promise<number> {
  const { cluster, terminal, signal, flag } = call;
  const [name = '', location = ''] = call.args;
  const opened = cluster();
  const object = await opened.object(name, signal);
  const { region, losses } = recreationOf(object, location);
  terminal.err(losses.map((loss) => told(terminal, loss)).join(''));
  const isWanted = flag('yes') || (await isAgreed(call));
  if (!isWanted) {
    terminal.out('nothing was done\n');
    return 1;
  }
  const asked = (last: RegistryReplication) => recreationOf(last, region).annotation;
  await annotated(opened, await unhandled(call, object, region), asked, signal);
  terminal.out(`the replica of ${name} in ${region} will be made anew\n`);
  terminal.err(
    `${terminal.paint('faint', 'see how it goes:')} ${call.here(`kubectl acr-replication reconcile ${name} --timeout 1h`)}\n`,
  );
  return 0;
}

async function isAgreed({ terminal, typed }: Call): Promise<boolean> {
  if (terminal.ask === undefined) throw new Problem('there is nobody to ask whether that is wanted', `${typed} --yes`);
  return /^y(es)?$/i.test((await terminal.ask('Make it anew? [y/N] ')).trim());
}

/**
 * The object when the operator will take the region for asked anew. It handles a region once, as long as the annotation
 * holds it: one that it has handled is taken out first, and the operator's answer to that is waited for.
 */
async function unhandled(call: Call, object: RegistryReplication, region: Region): Promise<RegistryReplication> {
  const { cluster, signal, now } = call;
  if (!isHandled(object, region)) return object;
  const { name } = object.metadata;
  const without = (last: RegistryReplication) =>
    pendingOf(last)
      .filter((one) => one !== region)
      .join() || null;
  let seen = await annotated(cluster(), object, without, signal);
  for (const start = now().getTime(); isHandled(seen, region); seen = await cluster().object(name, signal)) {
    if (now().getTime() - start > answerMs) {
      throw new Problem(
        `the operator did not answer within ${answerMs / 1_000} s`,
        'kubectl get pods -A -l app.kubernetes.io/name=acr-replication-operator',
      );
    }
    await delay(lookEveryMs, undefined, { signal });
  }
  return seen;
}

/** Sets the annotation to what `valueOf` makes of the newest object: whatever others asked for meanwhile stays in it. */
async function annotated(
  cluster: Cluster,
  object: RegistryReplication,
  valueOf: (last: RegistryReplication) => string | null,
  signal: AbortSignal,
): Promise<RegistryReplication> {
  let last = object;
  for (;;) {
    const { name, resourceVersion } = last.metadata;
    const body = { metadata: { resourceVersion, annotations: { [recreate]: valueOf(last) } } };
    try {
      return await mergePatch(cluster, name, body, signal);
    } catch (error) {
      if (!isConflict(error)) throw error;
      last = await cluster.object(name, signal);
    }
  }
}
