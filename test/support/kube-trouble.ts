import { expect, vi } from 'vitest';
import type { ControlPlane, ControlPlaneOptions } from '../sandbox/apiserver.ts';
import { type Access, access } from '../sandbox/cluster-access.ts';
import { startInstalledCluster } from '../sandbox/installed-cluster.ts';
import type { OperatorOptions, OperatorProcess } from '../sandbox/operator.ts';
import { controlPlane } from './cluster.ts';
import { type LyingProxy, startLyingProxy } from './lying-proxy.ts';
import { type Lifetime, type OperatorWorld, operatorWorld } from './operator-world.ts';
import { type Scene, scene } from './registry-scene.ts';

export const japan = { location: 'japaneast' };
export const britain = { location: 'uksouth' };

/** Requests to the API server in one second; three objects at work have no reason for so many. */
const hotLoop = 30;

export const minute = { timeout: 60_000, interval: 50 };

export interface Trouble extends OperatorWorld {
  readonly operator: OperatorProcess;
  /** Stands between the operator and the API server, and tells the truth until told otherwise. */
  readonly proxy: LyingProxy;
  /**
   * Waits until the operator is well. It must have sent few requests to the API server, and caught all that was thrown.
   */
  untilSound(): Promise<void>;
}

export interface TroubleOptions {
  /** Default: the shared control plane. */
  readonly cluster?: Access;
  readonly env?: OperatorOptions['env'];
}

/** A real operator at work on an Azure of its own. */
export async function trouble(t: Lifetime, { cluster = controlPlane(), env }: TroubleOptions = {}): Promise<Trouble> {
  const proxy = await startLyingProxy(cluster);
  t.onTestFinished(async () => proxy[Symbol.asyncDispose]());
  const world = await operatorWorld(t, {}, { cluster: access(cluster), seen: proxy.cluster });
  const operator = await world.start(env);
  return {
    ...world,
    operator,
    proxy,
    async untilSound() {
      await vi.waitFor(async () => {
        const ready = await fetch(`${operator.healthUrl}/readyz`);
        expect(ready.status, await ready.text()).toBe(200);
      }, minute);
      const bad = operator
        .log()
        .filter(({ message }) => /unhandled|cannot go on|handler .* failed|listener/.test(message));
      expect(bad).toEqual([]);
      expect(operator.output()).not.toMatch(/^\s+at .*\(/m); // no stack of an uncaught error
      expect(proxy.busiestSecond()).toBeLessThan(hotLoop);
    },
  };
}

/** A control plane that may be broken: nobody else uses it. */
export async function ownCluster(t: Lifetime, options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const plane = await startInstalledCluster({ auditLog: true, ...options });
  t.onTestFinished(() => plane.stop());
  return plane;
}

/** Three objects with a registry each. */
export interface Life {
  /** All are there and Ready in one region, before the trouble. */
  begin(): Promise<void>;
  /** One gets a second region, one is deleted, and one is deleted and made anew with a second region. */
  upset(): Promise<void>;
  /** Azure and the status are as asked, and every write to Azure was made once. */
  untilTrue(): Promise<void>;
}

export async function lifeIn(world: OperatorWorld): Promise<Life> {
  const { cluster } = world;
  const [keeps, goes, again]: readonly Scene[] = await Promise.all(
    ['keeps', 'goesaway', 'again'].map((name) => scene(world, name)),
  );
  if (keeps === undefined || goes === undefined || again === undefined) throw new Error('three scenes');
  let uid: string | undefined;
  return {
    async begin() {
      await keeps.apply({ regions: [japan] });
      await goes.apply({ regions: [japan] });
      // Retain needs no finalizer: a deletion is over before anybody hears of it.
      uid = (await again.apply({ regions: [japan], deletionPolicy: 'Retain' })).metadata.uid;
      await Promise.all([keeps, goes, again].map((each) => each.untilReady()));
    },
    async upset() {
      await keeps.apply({ regions: [japan, britain] });
      await cluster.kube.delete(world.path(goes.name));
      await cluster.kube.delete(world.path(again.name));
      await again.apply({ regions: [japan, britain], deletionPolicy: 'Retain' });
    },
    async untilTrue() {
      await Promise.all([keeps.untilReady(), goes.untilGone(), again.untilReady()]);
      expect((await world.get(again.name))?.metadata.uid).not.toBe(uid);
      const made = [`PUT ${japan.location}`, `PUT ${britain.location}`];
      expect(await keeps.writes()).toEqual(made);
      expect(await again.writes()).toEqual(made);
      expect(await goes.writes()).toEqual([`DELETE ${japan.location}`, `PUT ${japan.location}`]);
      for (const { name } of [keeps, again])
        expect((await world.get(name))?.status).toMatchObject({ phase: 'Ready', summary: '2/2' });
    },
  };
}
