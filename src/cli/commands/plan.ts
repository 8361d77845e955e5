import type { Command } from '../command.ts';
import { outputOption } from '../global-options.ts';

export const plan: Command = {
  name: 'plan',
  summary: 'What the operator would do about objects or files, and what it costs, before it is done.',
  details: [
    'A line per region: + create, - delete, ~ update, = keep, ? held because of something. The very functions of the operator decide. Files go through a dry run of the API server first, which changes nothing.',
    'With --exit-code it exits 0 where nothing would change, 1 where something would, now or once what is held comes by itself, and more than 1 on errors.',
  ],
  args: [{ name: 'NAME', optional: true, many: true, completes: 'object' }],
  options: [
    {
      name: 'filename',
      short: 'f',
      value: 'FILE',
      many: true,
      says: 'Plan for what this file, folder or standard input (-) says; may be given more than once.',
      completes: 'file',
    },
    outputOption('text', 'markdown', 'json'),
    { name: 'exit-code', says: 'Tell by the exit code whether something would change.' },
    {
      name: 'price',
      value: 'AMOUNT',
      says: 'Price of a replica a day, such as 1.5 or 1.4EUR; default 1.667 USD; 0: no money.',
    },
    { name: 'from-status', says: "Do not ask Azure: plan from what the object's status last told." },
    { name: 'cluster-name', value: 'NAME', says: "The operator's CLUSTER_NAME, where its Deployment cannot be read." },
    { name: 'subscription', value: 'ID', says: 'Subscription of registries whose object names none.' },
  ],
  examples: [
    { does: 'What a file would change, before it is applied', line: 'plan -f contoso.yaml' },
    { does: 'What is still to be done about an object', line: 'plan contoso -n platform' },
    { does: 'A comment for a pull request', line: 'plan -f registries/ -o markdown --exit-code' },
  ],
  needs:
    'to get and list RegistryReplications; with -f to patch them (and create new ones), which the dry run checks; in Azure Microsoft.ContainerRegistry/registries/read and registries/replications/read. To list Deployments tells how the operator works; what cannot be read is said.',
  load: () => import('./plan.run.ts'),
};
