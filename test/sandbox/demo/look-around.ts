import { once } from 'node:events';
import { join } from 'node:path';
import type { Arm } from './arm-client.ts';
import type { Screen } from './screen.ts';
import type { World } from './world.ts';

/** Says how to look around, and waits until `signal`. */
export async function lookAround(
  screen: Screen,
  { cluster, azure, operator }: World,
  arm: Arm,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const curlConfig = join(folder, 'replicas.curl');
  await arm.writeCurlConfig(curlConfig);
  const text = `
It all stays up until Ctrl-C. To look around, in another terminal:

  export KUBECONFIG=${cluster.adminKubeconfig}
  kubectl get acrrep -A -w
  kubectl describe acrrep -n platform contoso
  kubectl edit acrrep -n platform contoso

  curl -K ${curlConfig}   # the replicas, as Azure lists them
  tail -f ${operator.logFile}

Azure, emulated   ${azure.url}   (CA: ${azure.caFile})
Metrics           ${operator.metricsUrl}
`;
  for (const line of text.trimEnd().split('\n')) screen.say(line);
  if (!signal.aborted) await once(signal, 'abort');
  signal.throwIfAborted();
}
