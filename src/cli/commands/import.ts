import type { Command } from '../command.ts';
import { subscriptionOption } from '../subscription.ts';

export const importCommand: Command = {
  name: 'import',
  summary: 'The manifest for the replicas that a registry has already.',
  details: [
    'Prints YAML to apply or to put into Git: the same bytes as long as Azure has the same replicas. Applying it writes nothing to Azure and loses nothing.',
  ],
  args: [],
  options: [
    { name: 'registry', value: 'ID|NAME', says: 'The registry, by its name or by its resource id.' },
    {
      name: 'resource-group',
      short: 'g',
      value: 'GROUP',
      says: 'Resource group of the registry; without it the registry is looked for in the subscription.',
    },
    {
      ...subscriptionOption,
      says: 'The subscription; without --registry all its Premium registries. Default: AZURE_SUBSCRIPTION_ID.',
    },
  ],
  examples: [
    { does: 'A manifest for one registry', line: 'import --registry contoso -g registries > contoso.yaml' },
    {
      does: 'Manifests for all Premium registries of a subscription, applied',
      line: 'import --subscription 00000000-0000-0000-0000-000000000000 | kubectl apply -f -',
    },
  ],
  needs:
    'your Azure login (az login) with Microsoft.ContainerRegistry/registries/read and registries/replications/read. Nothing is asked of Kubernetes.',
  load: () => import('./import.run.ts'),
};
