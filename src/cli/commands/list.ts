import type { Command } from '../command.ts';
import { allNamespaces, chunkSize, outputOption, selector, watch } from '../global-options.ts';

export const list: Command = {
  name: 'list',
  summary: 'The replicas of all registries that the objects name, a row each.',
  args: [],
  options: [allNamespaces, selector, outputOption('table', 'wide', 'json', 'yaml', 'name'), watch, chunkSize],
  examples: [
    { does: 'The replicas that the objects of your namespace look after', line: 'list' },
    { does: 'Those of the whole cluster, as they change', line: 'list -A -w' },
  ],
  needs: 'to list RegistryReplications (ClusterRole acr-replication-view).',
  load: () => import('./list.run.ts'),
};
