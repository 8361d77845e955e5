import type { Command } from '../command.ts';

export const undrain: Command = {
  name: 'undrain',
  summary: 'Put a drained region back into routing now.',
  details: [
    'Takes the entry out of spec.drains, whoever states it. Routing becomes what spec.regions states, or else what it was before the drain.',
  ],
  args: [
    { name: 'REGION', completes: 'region' },
    { name: 'NAME', optional: true, completes: 'object' },
  ],
  options: [],
  examples: [
    { does: 'Put Japan East back', line: 'undrain japaneast' },
    { does: 'Put it back for one of several registries', line: 'undrain japaneast contoso' },
  ],
  needs: 'to get, list and patch RegistryReplications (ClusterRole acr-replication-edit).',
  load: () => import('./undrain.run.ts'),
};
