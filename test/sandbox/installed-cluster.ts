import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './apiserver.ts';

/** A control plane with the CRD and everything of `deploy` in it, as a cluster is before the operator starts. */
export async function startInstalledCluster(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const plane = await startControlPlane(options);
  try {
    await plane.kube.installCrds('crds');
    await plane.kube.applyKustomization('deploy');
  } catch (error) {
    await plane.stop();
    throw error;
  }
  return plane;
}
