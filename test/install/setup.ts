import type { TestProject } from 'vitest/node';
import { startControlPlane } from '../sandbox/apiserver.ts';

/** A control plane into which nothing is installed: that is what these tests do. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const plane = await startControlPlane({ auditLog: true });
  const { url, caPem, adminToken, adminKubeconfig, issuer, auditLogFile, dir } = plane;
  project.provide('controlPlane', { url, caPem, adminToken, adminKubeconfig, issuer, auditLogFile, dir });
  return () => plane.stop();
}
