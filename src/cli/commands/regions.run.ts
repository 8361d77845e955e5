import type { RegistryReplication } from '../../api/registryreplication.ts';
import { KubeError } from '../../kube/http/error.ts';
import { nodeLabels, nodesByRegion } from '../../view/nodes.ts';
import { signedIn } from '../azure.ts';
import { answered, listed } from '../azure-answer.ts';
import { type Call, Problem } from '../command.ts';
import { registryOfId } from '../import/registry-id.ts';
import { kubeProblem } from '../kube-words.ts';
import { table } from '../output/table.ts';
import { told } from '../output/told.ts';
import { columnsOf } from '../regions/columns.ts';
import { offeredIn, parseLocations } from '../regions/locations.ts';
import { type RegionRow, rowsOf } from '../regions/rows.ts';
import { subscriptionOf } from '../subscription.ts';

/** Of Microsoft.Resources. */
const apiVersion = '2022-12-01';

/** Two GETs of Azure, and one LIST of Nodes and one of objects per page. */
export async function run(call: Call): Promise<number> {
  const { terminal, env, signal, text } = call;
  const objects = await tried(call, 'replicas', () => objectsOf(call));
  const subscription = subscriptionOf(call, knownSubscription(objects ?? []));
  const azure = await signedIn(env, signal);
  const base = `/subscriptions/${subscription}`;
  const [entries, provider, nodes] = await Promise.all([
    listed(azure, `${base}/locations`, apiVersion, signal),
    azure.get(`${base}/providers/Microsoft.ContainerRegistry`, apiVersion, signal).then(answered),
    tried(call, 'distances', () => nodeLabels(call.cluster().client, call.signal)),
  ]);
  const counts = nodesByRegion(nodes ?? []);
  const rows = rowsOf(parseLocations(entries), offeredIn(provider), counts, objects ?? []);
  const isPlaced = rows.some(({ km }) => km !== undefined);
  if (nodes !== undefined && !isPlaced) terminal.err(told(terminal, whyNotPlaced([...counts.keys()])));
  const output = text('output') ?? 'table';
  if (output === 'json') terminal.out(`${JSON.stringify(rows.map(jsonOf), null, 2)}\n`);
  else if (output === 'name') terminal.out(rows.map(({ region }) => `${region}\n`).join(''));
  else
    terminal.out(
      table(
        columnsOf({ isWide: output === 'wide', isPlaced, hasObjects: objects !== undefined }),
        rows,
        terminal.columns(),
      ),
    );
  return 0;
}

function whyNotPlaced(named: readonly string[]): string {
  if (named.length === 0) return 'distances are left out: no node has the label topology.kubernetes.io/region';
  return `distances are left out: Azure knows none of the regions of the nodes (${named.join(', ')})`;
}

/** What Kubernetes tells; undefined, and a line that says why, where it tells nothing. */
async function tried<T>({ terminal }: Call, what: string, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof KubeError || error instanceof Problem)) throw error;
    const problem = error instanceof KubeError ? kubeProblem(error) : error;
    terminal.err(told(terminal, `${what} are left out: ${problem.message}`));
    return undefined;
  }
}

async function objectsOf({ cluster, flag, signal }: Call): Promise<readonly RegistryReplication[]> {
  const { namespace, objects } = cluster();
  const found: RegistryReplication[] = [];
  for await (const page of objects({ namespace: flag('all-namespaces') ? undefined : namespace }, signal)) {
    found.push(...page);
  }
  return found;
}

/** The subscription of all objects, where they have one. */
function knownSubscription(objects: readonly RegistryReplication[]): string | undefined {
  const all = objects.flatMap(
    ({ spec, status }) =>
      spec.registry.subscriptionId?.toLowerCase() ?? registryOfId(status?.registry?.id ?? '')?.subscriptionId ?? [],
  );
  const [first, ...others] = new Set(all);
  return others.length === 0 ? first : undefined;
}

function jsonOf({ region, km, position, pair, ...rest }: RegionRow): object {
  return {
    name: region,
    ...rest,
    ...(pair === undefined ? {} : { pair }),
    ...(position === undefined ? {} : { position }),
    ...(km === undefined ? {} : { distanceKm: km }),
  };
}
