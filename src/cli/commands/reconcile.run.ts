import { setTimeout as delay } from 'node:timers/promises';
import { isDeleting, type RegistryReplication, requestedAt } from '../../api/registryreplication.ts';
import { KubeError } from '../../kube/http/error.ts';
import type { Cluster } from '../cluster.ts';
import { type Call, Problem } from '../command.ts';
import { optionMs } from '../duration.ts';
import { told } from '../output/told.ts';
import { mergePatch } from '../steering/patch.ts';
import { type Progress, progressOf } from '../steering/settled.ts';

/** One GET a second: by polling, whoever may get and patch the object needs no more rights. */
const lookEveryMs = 1_000;
/** Without an answer for so long, the operator may not run. It answers within a second or two. */
const unansweredMs = 15_000;

export async function run(call: Call): Promise<number> {
  const { args: [name = ''], cluster, flag, text, terminal, now, signal, typed } = call; // biome-ignore format: as one
  const timeout = text('timeout') ?? '10m';
  const timeoutMs = optionMs(timeout, '--timeout');
  const opened = cluster();
  const before = await opened.object(name, signal);
  refuseSuspended(before);
  const start = now().getTime();
  const requested = now().toISOString();
  await mergePatch(opened, name, { metadata: { annotations: { [requestedAt]: requested } } }, signal);
  if (flag('no-wait')) {
    terminal.out(`${name} will be looked at\n`);
    return 0;
  }
  let said = '';
  const say = (line: string): void => {
    if (line !== said) terminal.err(terminal.paint('faint', told(terminal, line)));
    said = line;
  };
  let progress: Progress = { kind: 'unseen' };
  let wasDeleting = isDeleting(before);
  let trouble: KubeError | undefined;
  for (let spentMs = 0; spentMs < timeoutMs; spentMs = now().getTime() - start) {
    const seen = await lookAt(opened, name, signal);
    if (seen === undefined) {
      if (!wasDeleting) throw new Problem(`${name} was deleted meanwhile`, 'kubectl acr-replication list');
      terminal.out(`${name} is gone\n`);
      return 0;
    }
    trouble = seen instanceof KubeError ? seen : undefined;
    if (seen instanceof KubeError) say(seen.message);
    else {
      refuseSuspended(seen);
      wasDeleting = isDeleting(seen);
      progress = progressOf(seen, requested);
      switch (progress.kind) {
        case 'done':
          terminal.out(`${name} ${progress.text}\n`);
          return 0;
        case 'stuck':
          throw new Problem(`${name} is stuck, ${progress.text}`, `kubectl acr-replication logs ${name}`);
        case 'working':
          say(progress.text);
          break;
        case 'unseen':
          say(spentMs < unansweredMs ? 'waiting for the operator' : `still waiting for the operator; ${isItRunning}`);
      }
    }
    await delay(lookEveryMs, undefined, { signal });
  }
  if (trouble !== undefined) throw trouble;
  if (progress.kind === 'unseen') {
    throw new Problem(`the operator did not look at ${name} within ${timeout}`, operatorPods);
  }
  throw new Problem(`${name} is not settled after ${timeout}; the operator goes on`, `${typed} --timeout 1h`);
}

/** The object; undefined when it is gone. The error, when the API server is out of reach or in trouble: that may pass. */
async function lookAt(
  { object }: Cluster,
  name: string,
  signal: AbortSignal,
): Promise<RegistryReplication | KubeError | undefined> {
  try {
    return await object(name, signal);
  } catch (error) {
    if (error instanceof Problem) return undefined; // what the cluster says of an object that is not there
    if (error instanceof KubeError && (error.status === 0 || error.status === 429 || error.status >= 500)) return error;
    throw error;
  }
}

function refuseSuspended(object: RegistryReplication): void {
  if (object.spec.suspend !== true || isDeleting(object)) return;
  const { name } = object.metadata;
  throw new Problem(`${name} is suspended, so nobody looks at it`, `kubectl acr-replication resume ${name}`);
}

const operatorPods = 'kubectl get pods -A -l app.kubernetes.io/name=acr-replication-operator';
const isItRunning = `is it running? ${operatorPods}`;
