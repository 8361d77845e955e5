import { once } from 'node:events';
import type { Key } from '../../domain/key.ts';
import { KubeError } from '../../kube/http/error.ts';
import { collectionPath } from '../../kube/store.ts';
import { readNodeRegions } from '../../map/node-regions.ts';
import { serveMap } from '../../map/server.ts';
import { systemClock } from '../../time/clock.ts';
import { version } from '../../version.ts';
import { readHappened } from '../../view/happened.ts';
import { azureOf } from '../azure.ts';
import type { Cluster } from '../cluster.ts';
import { type Call, misused, Problem } from '../command.ts';
import { openBrowser } from '../map/browser.ts';
import { cloudAmong } from '../map/cloud.ts';
import { createDoor } from '../map/door.ts';
import { draftPlanner } from '../map/draft-plan.ts';
import { drainPosts } from '../map/draining.ts';
import { seenObjects } from '../map/seen.ts';
import { steeringPosts } from '../map/steering.ts';
import { priceSaid } from '../plan/money.ts';

/** Serves the map until Ctrl-C, which is its usual end. */
export async function run(call: Call): Promise<number> {
  const { terminal, flag, text, env, signal, now } = call;
  const port = portSaid(text('port'));
  const price = priceSaid(text('price'), 'map');
  const opened = call.cluster();
  const selector = text('selector');
  const seen = seenObjects(
    opened,
    {
      path: collectionPath(flag('all-namespaces') ? undefined : opened.namespace),
      ...(selector === undefined ? {} : { labelSelector: selector }),
    },
    signal,
  );
  const [nodes] = await Promise.all([nodesIn(opened, signal), seen.synced]);
  let served = port;
  const door = createDoor(() => served);
  const said = {
    clusterName: text('cluster-name'),
    subscriptionId: text('subscription'),
    ownSubscriptionId: env['AZURE_SUBSCRIPTION_ID'] || undefined,
  };
  const azure = (abort: AbortSignal) => azureOf(env, abort);
  const asked = {
    cluster: opened,
    here: call.here,
    isShown: (key: Key) => seen.objects.get(key) !== undefined,
  };
  const running = await serveMap({
    ...seen,
    ...door,
    address: { host: '127.0.0.1', port },
    hello: () => ({
      version,
      host: 'plugin',
      cloud: cloudAmong(seen.objects.list(), env),
      cluster: contextIn(opened),
      ...(nodes === undefined ? {} : { nodes }),
    }),
    happened: (object, abort) => readHappened(opened, object, abort),
    posts: {
      ...steeringPosts({ ...asked, planDraft: draftPlanner({ cluster: opened, said, price, azure, now }) }),
      ...drainPosts({ ...asked, now }),
    },
    onError(error) {
      terminal.err(`${terminal.paint('bad', 'error:')} ${error instanceof Error ? error.stack : String(error)}\n`);
    },
    clock: systemClock,
  }).catch((error: unknown) => {
    throw listenProblem(port, error);
  });
  served = running.port;
  terminal.out(`${door.link()}\n`);
  terminal.err(`${terminal.paint('faint', 'The map is there until Ctrl-C.')}\n`);
  if (!flag('no-open')) openBrowser(door.linkForOnce(), env);
  if (!signal.aborted) await once(signal, 'abort');
  await running.close();
  return 0;
}

function portSaid(text: string | undefined): number {
  if (text === undefined) return 0;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port > 0 && port < 65_536) return port;
  throw new Problem(
    `--port is ${text}, and is a number from 1 to 65535`,
    'kubectl acr-replication map --help',
    misused,
  );
}

function listenProblem(port: number, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new Problem(`port ${port} is in use; without --port a free one is found`, 'kubectl acr-replication map');
  }
  if (code === 'EACCES') {
    return new Problem(`you may not serve on port ${port}`, 'kubectl acr-replication map --port 8088');
  }
  return error;
}

/** How many nodes there are in each region; undefined: the user may not list them, or none tells. */
async function nodesIn(cluster: Cluster, signal: AbortSignal): Promise<Readonly<Record<string, number>> | undefined> {
  try {
    const counts = await readNodeRegions(cluster.client, signal);
    return Object.keys(counts).length === 0 ? undefined : counts;
  } catch (error) {
    if (error instanceof KubeError) return undefined;
    throw error;
  }
}

/** The name of the kubeconfig's context. */
function contextIn({ source }: Cluster): string {
  return /, context (.+)$/s.exec(source)?.[1] ?? source;
}
