import { setTimeout as delay } from 'node:timers/promises';
import { type ControlPlane, startControlPlane } from '../apiserver.ts';
import { bundle } from '../bundle.ts';
import { obtainControlPlane } from '../control-plane.ts';
import { type Emulator, startEmulator } from '../emulator/emulator.ts';
import type { EmulatorOptions } from '../emulator/settings.ts';
import { federatedApp, type OperatorProcess, startOperator } from '../operator.ts';
import type { Output, Screen } from './screen.ts';
import { Missed } from './watch.ts';

export interface World {
  readonly cluster: ControlPlane;
  readonly azure: Emulator;
  readonly operator: OperatorProcess;
}

/** Azure's times in milliseconds: short enough to watch, long enough to see, and different for each region. */
const azureTimes = { operationMs: 6_000, syncMs: 3_000, deleteMs: 3_000, homeDelayMs: 2_000, jitter: 0.5 };
const daySeconds = 24 * 3600;
const manifestsMs = 60_000;
/**
 * Deadline for the programs: a build takes four minutes on two cores, and a download of its modules what the network
 * takes.
 */
const programsMs = 3_600_000;

export interface WorldOptions {
  readonly screen: Screen;
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly stack: AsyncDisposableStack;
  /** What Azure is like otherwise than in the demo. */
  readonly azure?: EmulatorOptions;
}

/** Starts everything; what was started is put on `stack`, which ends it in the opposite order. */
export async function startWorld({ screen, output, signal, stack, azure: own = {} }: WorldOptions): Promise<World> {
  const startedMs = Date.now();
  const bundling = bundle(signal);
  bundling.catch(() => {}); // told where it is waited for
  const late = AbortSignal.timeout(programsMs);
  const programs = await obtainControlPlane({ signal: AbortSignal.any([signal, late]), output }).catch(
    (error: unknown) => {
      throw late.aborted ? new Missed('kube-apiserver and etcd were not to be had within an hour') : error;
    },
  );
  screen.done('kube-apiserver and etcd are at hand', startedMs);

  const cluster = await screen.step(
    'Starting etcd and kube-apiserver',
    async () => stack.adopt(await startControlPlane({ signal, programs }), (it) => it.stop()),
    ({ url }) => `Kubernetes API at ${url} (RBAC on)`,
  );
  signal.throwIfAborted();
  const azure = await screen.step(
    'Starting the Azure emulator',
    async () => {
      const options = { ...azureTimes, ...own, apps: [await federatedApp(cluster)], tokenLifeSeconds: daySeconds };
      return stack.adopt(await startEmulator(options), (it) => it.stop());
    },
    ({ url }) => `Azure, emulated, at ${url} (TLS)`,
  );
  await screen.step(
    'Installing crds/ and deploy/',
    () =>
      within(manifestsMs, 'Installing crds/ and deploy/', signal, async () => {
        await cluster.kube.installCrds('crds');
        await cluster.kube.applyKustomization('deploy');
      }),
    () => 'crds/ and deploy/ installed as shipped',
  );
  const operator = await screen.step(
    'Starting the operator',
    async () => {
      await bundling;
      return stack.adopt(await startOperator({ cluster, azure, tokenLifeSeconds: daySeconds }), async (it) => {
        await it.stop();
      });
    },
    ({ pid }) => `The operator, process ${pid}, under the role of deploy/`,
  );
  signal.throwIfAborted();
  return { cluster, azure, operator };
}

/**
 * Waits for work that cannot be interrupted. Rejects at the deadline, or as soon as `signal` aborts; the work goes on
 * alone.
 */
export async function within<T>(
  deadlineMs: number,
  what: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const over = new AbortController();
  const late = async (): Promise<never> => {
    await delay(deadlineMs, undefined, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => {});
    signal.throwIfAborted();
    throw new Missed(`${what}: not done after ${deadlineMs / 1000} s`);
  };
  try {
    return await Promise.race([work(), late()]);
  } finally {
    over.abort();
  }
}
