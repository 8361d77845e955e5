import type { TestProject } from 'vitest/node';
import { startControlPlane } from '../../sandbox/apiserver.ts';
import { obtainTool } from '../../sandbox/tool.ts';

/** The programs that the pages name, and a control plane into which their commands install. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  for (const name of ['helm', 'kustomize', 'kubectl'] as const) await obtainTool(name);
  const plane = await startControlPlane();
  const { url, caPem, adminToken, adminKubeconfig, issuer, auditLogFile, dir } = plane;
  project.provide('controlPlane', { url, caPem, adminToken, adminKubeconfig, issuer, auditLogFile, dir });
  return () => plane.stop();
}
