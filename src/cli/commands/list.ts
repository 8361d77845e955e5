import type { Command } from '../command.ts';
import { allNamespaces, chunkSize, outputOption, selector, watch } from '../global-options.ts';

export const list: Command = {
  name: 'list',
  summary: 'The replicas of all registries that the objects name, a row each.',
  details: [
    'PROVISIONING STATE and STATUS are those of Azure. A region that an object asks for and that has no replica yet is a row, too: missing; or unknown as long as the operator has not read the registry. home is the registry itself, where Azure lists no replica of it.',
    'json and yaml print a ReplicaList, whose items have namespace, object, registry, name, location, wanted (whether the spec asks for the region), standing (ready, busy, bad, missing or unlisted), provisioningState, status, routing, managed and message, and where there is one since, drained (until, reason), endpoint (the regional host) with whyGlobal (why local pull sends no Pods there), attempts and notBefore. With --watch, json prints such an item on a line of its own for each change; one that is gone has the provisioningState gone. name prints the objects, as kubectl does.',
    '--map shows the regions of the public cloud; where several replicas are at one place, that of which is worst. Below it is how many are how, and where.',
  ],
  args: [],
  options: [
    allNamespaces,
    selector,
    outputOption('table', 'wide', 'json', 'yaml', 'name'),
    { name: 'map', says: 'Draw the world with the replicas on it.' },
    watch,
    chunkSize,
  ],
  examples: [
    { does: 'The replicas that the objects of your namespace look after', line: 'list' },
    { does: 'Those of the whole cluster, as they change', line: 'list -A -w' },
    {
      does: 'The regions that are not ready, by jq',
      line: `list -A -o json | jq '.items[] | select(.standing != "ready")'`,
    },
  ],
  needs: 'to list RegistryReplications (ClusterRole acr-replication-view), and to watch them with --watch.',
  load: () => import('./list.run.ts'),
};
