import { setTimeout as delay } from 'node:timers/promises';
import { logLines } from '../demo/log-lines.ts';
import type { Output, Screen } from '../demo/screen.ts';
import { Missed } from '../demo/watch.ts';
import { startWorld, type World } from '../demo/world.ts';
import { randomFrom } from '../emulator/random.ts';
import { serveMapOf } from '../served-map.ts';
import { fleetOf, type Member, manifestOf, namespaceObjects, nodes, seedOf } from './fleet.ts';
import { happen, type Scene } from './happenings.ts';

export interface ShowOptions {
  readonly screen: Screen;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** Azure's times in milliseconds: long enough to be seen on the map, and different for each region. */
const azureTimes = { operationMs: 8_000, syncMs: 10_000, deleteMs: 5_000, homeDelayMs: 2_000, jitter: 1 };
const seed = 13;
/** Something happens so often, and to so many registries at once. */
const everyMs = 2_000;
const mostBusy = 10;

/**
 * Serves the map of a fleet to which something happens all the time, until `signal` aborts. Failures are told on the
 * screen, too; rejects in the end, with all ended.
 */
export async function show({ screen, output, signal }: ShowOptions): Promise<void> {
  const stack = new AsyncDisposableStack();
  const over = new AbortController();
  let world: World | undefined;
  try {
    const random = randomFrom(seed);
    const fleet = fleetOf(random);
    const azure = { ...azureTimes, seed, registries: fleet.map(seedOf) };
    world = await startWorld({ screen, output, signal, stack, azure });
    void world.operator.ended.then((how) => over.abort(new Missed(`the operator ended by itself: ${how}`)));
    const { cluster } = world;
    await screen.step(
      'Applying forty RegistryReplications',
      () => cluster.kube.applyAll([...namespaceObjects(), ...nodes(), ...fleet.map(manifestOf)]),
      () => `${fleet.length} RegistryReplications applied`,
    );
    const { azure: emulator } = world;
    const map = await screen.step(
      'Starting kubectl acr-replication map',
      async () => {
        const options = { kubeconfig: cluster.adminKubeconfig, azure: emulator, opens: screen.interactive, signal };
        return stack.adopt(await serveMapOf(options), (it) => it.stop());
      },
      () => 'kubectl acr-replication map',
    );
    void map.ended.then((how) => over.abort(new Missed(`the map ended by itself: ${how}`)));
    screen.say();
    screen.say(`  ${map.link}`, ['bold', 'cyan']);
    screen.say();
    screen.say('It is there until Ctrl-C. What happens meanwhile:');
    screen.say();
    const alive = AbortSignal.any([signal, over.signal]);
    await keepHappening({ kube: cluster.kube, control: emulator.control, random, signal: alive }, fleet, screen);
  } catch (error) {
    screen.live([]);
    if (!signal.aborted) {
      const why: unknown = over.signal.aborted ? over.signal.reason : error;
      screen.say();
      screen.say(`✗ ${why instanceof Error ? why.message : String(why)}`, 'red');
      for (const line of world === undefined ? [] : logLines(world.operator)) screen.say(line);
    }
    throw error;
  } finally {
    screen.live([{ text: 'Stopping…', style: 'dim' }]);
    await stack.disposeAsync();
    screen.live([]);
  }
}

/** Has something happen to one registry after the other, until the scene's signal aborts, whose reason it then throws. */
async function keepHappening(scene: Scene, fleet: readonly Member[], screen: Screen): Promise<void> {
  const busy = new Set<Member>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  for (;;) {
    await Promise.race([delay(everyMs, undefined, { signal: scene.signal }), failed.promise]);
    const idle = fleet.filter((member) => !busy.has(member));
    const member = idle[Math.floor(scene.random() * idle.length)];
    if (member === undefined || busy.size >= mostBusy) continue;
    const happening = await happen(scene, member);
    if (happening === undefined) continue;
    const { says, done } = happening;
    screen.say(`  ${new Date().toTimeString().slice(0, 8)}  ${member.name.padEnd(18)} ${says}`);
    busy.add(member);
    done.then(
      () => busy.delete(member),
      (error: unknown) => (scene.signal.aborted ? undefined : failed.reject(error)),
    );
  }
}
