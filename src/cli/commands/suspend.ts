import type { Command } from '../command.ts';

export const suspend: Command = {
  name: 'suspend',
  summary: 'Stop all work on an object, until it is resumed.',
  details: [
    'Sets spec.suspend. The replicas stay as they are; drift is neither seen nor corrected, and drains do not end. An object that is deleted is still worked on.',
    'Where Argo CD or Flux applies the object, it says so: they may set it back.',
  ],
  args: [{ name: 'NAME', completes: 'object' }],
  options: [],
  examples: [
    { does: 'Leave the replicas of contoso alone', line: 'suspend contoso' },
    { does: 'The same in another namespace', line: 'suspend contoso -n platform' },
  ],
  needs: 'to get and patch RegistryReplications (ClusterRole acr-replication-edit).',
  load: () => import('./suspend.run.ts'),
};
