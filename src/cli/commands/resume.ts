import type { Command } from '../command.ts';

export const resume: Command = {
  name: 'resume',
  summary: 'Go on with an object that was suspended.',
  details: ['Sets spec.suspend to false. The operator looks at the registry within seconds and corrects what differs.'],
  args: [{ name: 'NAME', completes: 'object' }],
  options: [],
  examples: [
    { does: 'Look after contoso again', line: 'resume contoso' },
    { does: 'The same in another namespace', line: 'resume contoso -n platform' },
  ],
  needs: 'to get and patch RegistryReplications (ClusterRole acr-replication-edit).',
  load: () => import('./resume.run.ts'),
};
