import type { Command } from '../command.ts';
import { outputOption } from '../global-options.ts';

export const version: Command = {
  name: 'version',
  summary: 'The versions of the plugin, the operator and the CRD, and whether they fit.',
  details: [
    "The operator's version is that of the image of its Deployment, or its label app.kubernetes.io/version; the CRD's is its label.",
    'Exit code 1 where something cannot work.',
  ],
  args: [],
  options: [
    {
      name: 'operator-namespace',
      value: 'NAME',
      says: "The operator's namespace; default: wherever it is.",
      completes: 'namespace',
    },
    outputOption('json', 'yaml'),
  ],
  examples: [
    { does: 'All versions', line: 'version' },
    { does: 'Those of another cluster', line: 'version --context prod' },
  ],
  needs: 'to get the CustomResourceDefinition and to list Deployments; what cannot be read is said.',
  load: () => import('./version.run.ts'),
};
