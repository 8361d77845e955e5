import type { Command } from '../command.ts';

export const version: Command = {
  name: 'version',
  summary: 'The versions of the plugin, the operator and the CRD, and whether they fit.',
  args: [],
  options: [],
  examples: [
    { does: 'All versions', line: 'version' },
    { does: 'Those of another cluster', line: 'version --context prod' },
  ],
  needs: 'to get the CustomResourceDefinition and to list Deployments; what cannot be read is said.',
  load: () => import('./version.run.ts'),
};
