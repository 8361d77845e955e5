import { inspect } from 'node:util';
import type { OperatorProcess } from '../operator.ts';
import { type ServedMap, serveMapOf } from '../served-map.ts';
import { armClient } from './arm-client.ts';
import { logLines } from './log-lines.ts';
import { lookAround } from './look-around.ts';
import { kubectlPlugin } from './plugin.ts';
import { elapsed, type Output, type Screen } from './screen.ts';
import { applySample, causeDrift, editSet, listReplicas, readSample, type Stage } from './story.ts';
import { Missed } from './watch.ts';
import { startWorld, type World } from './world.ts';

export interface DemoOptions {
  readonly screen: Screen;
  readonly output: Output;
  readonly folder: string;
  /** Keeps everything up after the last step, until `signal`. */
  readonly stayUp: boolean;
  /** Serves the map from the beginning of the story on, and shows its address first. */
  readonly withMap: boolean;
  readonly signal: AbortSignal;
}

/**
 * Runs the demo. Failures are told on the screen, too; rejects, with all ended, when a step failed or `signal` aborted.
 */
export async function demo({ screen, output, folder, stayUp, withMap, signal }: DemoOptions): Promise<void> {
  const startedMs = Date.now();
  const stack = new AsyncDisposableStack();
  let operator: OperatorProcess | undefined;
  const operatorEnded = new AbortController();
  try {
    const world = await startWorld({ screen, output, signal, stack });
    operator = world.operator;
    void operator.ended.then((how) => operatorEnded.abort(new Missed(`the operator ended by itself: ${how}`)));

    const map = withMap ? await openMap(screen, world, screen.interactive, signal, stack) : undefined;
    const sample = await readSample();
    const { resourceGroup, name } = sample.spec.registry;
    const arm = stack.adopt(await armClient(world.azure, resourceGroup, name), (it) => it.close());
    const alive = AbortSignal.any([signal, operatorEnded.signal]);
    const stage: Stage = { screen, kube: world.cluster.kube, arm, sample, signal: alive };
    const edited = ['eastus', 'japaneast', 'uksouth', 'westeurope'];
    await applySample(stage);
    await editSet(stage);
    await listReplicas(stage, edited);
    const { namespace, name: object } = sample.metadata;
    const user = { screen, kubeconfig: world.cluster.adminKubeconfig, signal: alive };
    await kubectlPlugin(user, ['list', '-n', namespace]);
    await causeDrift(stage);
    await listReplicas(stage, edited);
    await kubectlPlugin(user, ['status', object, '-n', namespace]);
    screen.say();
    screen.say(`All steps done in ${elapsed(Date.now() - startedMs)}.`, 'bold');
    if (stayUp) {
      screen.say();
      const { link } = map ?? (await openMap(screen, world, false, alive, stack));
      await lookAround({ screen, world, arm, folder, map: link, signal: alive });
    }
  } catch (error) {
    screen.live([]);
    if (!signal.aborted) {
      screen.say();
      screen.say(`✗ ${inWords(operatorEnded.signal.aborted ? operatorEnded.signal.reason : error)}`, 'red');
      for (const line of operator === undefined ? [] : logLines(operator)) screen.say(line);
    }
    throw error;
  } finally {
    screen.live([{ text: 'Stopping…', style: 'dim' }]);
    await stack.disposeAsync();
    screen.live([]);
  }
}

/** Serves the map, and says where. */
async function openMap(
  screen: Screen,
  { cluster, azure }: World,
  opens: boolean,
  signal: AbortSignal,
  stack: AsyncDisposableStack,
): Promise<ServedMap> {
  const options = { kubeconfig: cluster.adminKubeconfig, azure, opens, signal };
  return screen.step(
    'Starting kubectl acr-replication map',
    async () => stack.adopt(await serveMapOf(options), (it) => it.stop()),
    ({ link }) => `The map: ${link}`,
  );
}

/** An error for people: only what must be a bug comes with its stack. */
function inWords(error: unknown): string {
  return error instanceof Error && !(error instanceof TypeError) ? error.message : inspect(error);
}
