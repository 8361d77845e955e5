import type { TestProject } from 'vitest/node';
import type { ControlPlane } from '../sandbox/apiserver.ts';
import type { Coordinates } from '../sandbox/cluster-access.ts';
import { startInstalledCluster } from '../sandbox/installed-cluster.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    controlPlane: Coordinates;
  }
}

/** What the projects of one run share: vitest loads this module anew for each project, but `globalThis` is the same. */
interface Shared {
  users: number;
  readonly started: Promise<ControlPlane>;
}
const place = globalThis as { acrReplicationControlPlane?: Shared | undefined };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = (place.acrReplicationControlPlane ??= {
    users: 0,
    started: startInstalledCluster({ auditLog: true }),
  });
  shared.users++;
  const { url, caPem, adminToken, adminKubeconfig, issuer, auditLogFile, dir } = await shared.started;
  project.provide('controlPlane', { url, caPem, adminToken, adminKubeconfig, issuer, auditLogFile, dir });
  return async () => {
    if (--shared.users > 0) return;
    place.acrReplicationControlPlane = undefined;
    await (await shared.started).stop();
  };
}
