import type { TestProject } from 'vitest/node';
import { startControlPlane } from '../../sandbox/apiserver.ts';
import { obtainTool } from '../../sandbox/tool.ts';

/** The programs, built before tests with deadlines want them, and a control plane into which those tests install. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  for (const name of ['helm', 'helm3', 'kubeconform', 'kube-score', 'kustomize', 'kubectl'] as const)
    await obtainTool(name);
  const plane = await startControlPlane({ auditLog: true });
  const { url, caPem, adminToken, adminKubeconfig, issuer, auditLogFile, dir } = plane;
  project.provide('controlPlane', { url, caPem, adminToken, adminKubeconfig, issuer, auditLogFile, dir });
  return () => plane.stop();
}
