import type { Controller } from '../controller/controller.ts';
import { apiServerHeard, azureToken, cacheSynced, leaseAskable, passesEnd } from '../http/checks.ts';
import { type Address, healthRoutes, type RunningServer, startServer } from '../http/server.ts';
import type { Kube } from '../kube/kube.ts';
import type { Clock } from '../time/clock.ts';
import type { AzureSide } from './azure-side.ts';
import type { Mandate } from './mandate.ts';
import { listenProblem } from './start-problem.ts';

export interface HealthServerOptions {
  readonly address: Address;
  readonly controller: Pick<Controller, 'longestPassMs'>;
  readonly kube: Pick<Kube, 'isSynced' | 'lastContact' | 'trouble' | 'unreadable'>;
  readonly mandate: Pick<Mandate, 'problem'>;
  readonly azure: Pick<AzureSide, 'getToken' | 'explain'>;
  /** Whether an object is worked on with the operator's own identity. */
  readonly usesOwnIdentity: () => boolean;
  readonly clock: Clock;
}

/** Serves /healthz and /readyz. Rejects when it cannot. */
export async function serveHealth({
  address,
  controller,
  kube,
  mandate,
  azure,
  usesOwnIdentity,
  clock,
}: HealthServerOptions): Promise<RunningServer> {
  function silentMs(): number | undefined {
    const last = kube.lastContact();
    return last === undefined ? undefined : clock.now().getTime() - last.getTime();
  }
  const routes = healthRoutes({
    live: [passesEnd(() => controller.longestPassMs())],
    ready: [
      cacheSynced(kube),
      apiServerHeard({ silentMs, trouble: kube.trouble }),
      leaseAskable(() => mandate.problem()),
      azureToken({ ...azure, isNeeded: usesOwnIdentity, clock }),
    ],
  });
  try {
    return await startServer(address, routes);
  } catch (error) {
    throw listenProblem('HEALTH_ADDRESS', address, error);
  }
}
