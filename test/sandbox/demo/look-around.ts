import { once } from 'node:events';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Arm } from './arm-client.ts';
import type { Screen } from './screen.ts';
import type { World } from './world.ts';

export interface LookAroundOptions {
  readonly screen: Screen;
  readonly world: World;
  readonly arm: Arm;
  readonly folder: string;
  /** The link of the map. */
  readonly map: string;
  readonly signal: AbortSignal;
}

/** Says how to look around, and waits until `signal`. */
export async function lookAround({ screen, world, arm, folder, map, signal }: LookAroundOptions): Promise<void> {
  const { cluster, azure, operator } = world;
  // Short paths, which a narrow terminal holds and people can read.
  const files = ['kubeconfig', 'operator.log', 'ca.pem', 'replicas.curl'].map((name) => join(folder, name));
  const [kubeconfig = '', log = '', ca = '', curlConfig = ''] = files;
  await symlink(cluster.adminKubeconfig, kubeconfig);
  await symlink(operator.logFile, log);
  await symlink(azure.caFile, ca);
  await arm.writeCurlConfig(curlConfig);
  const text = `
It all stays up until Ctrl-C. The map, in a browser:

  ${map}

Or look around in another terminal:

  export KUBECONFIG=${kubeconfig}
  kubectl get acrrep -A -w
  kubectl describe acrrep -n platform contoso
  kubectl edit acrrep -n platform contoso

  # the replicas, as Azure lists them
  curl -K ${curlConfig}
  tail -f ${log}

Azure, emulated   ${azure.url}
its CA            ${ca}
Metrics           ${operator.metricsUrl}
`;
  for (const line of text.trimEnd().split('\n')) screen.say(line);
  if (!signal.aborted) await once(signal, 'abort');
  signal.throwIfAborted();
}
