import type { Command } from '../command.ts';
import { allNamespaces, selector } from '../global-options.ts';

export const map: Command = {
  name: 'map',
  summary: 'The world with all replicas, in the browser: see them change, add and remove regions.',
  details: [
    'It is served on 127.0.0.1 only, for the browser that opens the link, with your rights, until Ctrl-C. Nothing is sent elsewhere.',
    'A draft of the regions shows the manifest, what the operator would do, what it costs and what to fear. It can be copied for Git, or applied: by server-side apply with the field manager acr-replication-map. An object that Argo CD or Flux applies is changed in Git only.',
    'Regions are drained and put back from its panel as by drain and undrain, whoever applies the object.',
  ],
  args: [],
  options: [
    allNamespaces,
    selector,
    { name: 'port', value: 'PORT', says: 'Port to serve it on; default: any that is free.' },
    { name: 'no-open', says: 'Do not open the browser.' },
    {
      name: 'price',
      value: 'AMOUNT',
      says: 'Price of a replica a day, such as 1.5 or 1.4EUR; default 1.667 USD; 0: no money.',
    },
    { name: 'cluster-name', value: 'NAME', says: "The operator's CLUSTER_NAME, where its Deployment cannot be read." },
    { name: 'subscription', value: 'ID', says: 'Subscription of registries whose object names none.' },
  ],
  examples: [
    { does: 'The registries of your namespace', line: 'map' },
    { does: 'Those of the whole cluster', line: 'map -A' },
    { does: 'On a machine that you reach by SSH', line: 'map --no-open --port 8088' },
  ],
  needs:
    'to list and watch RegistryReplications (ClusterRole acr-replication-view); to list Events tells what happened, and to list Nodes where the cluster is. A draft needs what plan needs, and applying it, or a drain, to patch RegistryReplications (ClusterRole acr-replication-edit).',
  load: () => import('./map.run.ts'),
};
