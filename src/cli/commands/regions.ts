import type { Command } from '../command.ts';
import { allNamespaces, outputOption } from '../global-options.ts';
import { subscriptionOption } from '../subscription.ts';

export const regions: Command = {
  name: 'regions',
  summary: 'The regions in which a registry can have replicas, the nearest to the cluster first.',
  details: [
    "The distance is that to the nearest region with nodes of the cluster, by their label topology.kubernetes.io/region. Without rights for Nodes it is left out. REGISTRIES are those with a replica there, by what the objects of the namespace saw last; (home) is the registry's own region.",
  ],
  args: [],
  options: [subscriptionOption, allNamespaces, outputOption('table', 'wide', 'json', 'name')],
  examples: [
    { does: 'Where another replica would be near', line: 'regions' },
    { does: 'With geography and display names, for the registries of the whole cluster', line: 'regions -A -o wide' },
  ],
  needs:
    'your Azure login (az login) with any role in the subscription; to list Nodes and RegistryReplications, where you may.',
  load: () => import('./regions.run.ts'),
};
