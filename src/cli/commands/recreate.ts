import type { Command } from '../command.ts';
import { yes } from '../global-options.ts';

export const recreate: Command = {
  name: 'recreate',
  summary: 'Delete the replica of a region and create it anew.',
  details: [
    'The last resort for a replica that no repair has brought back. It says what is lost and asks. The request is the annotation acr-replication.dev/recreate; regions that are asked for already stay in it.',
  ],
  args: [
    { name: 'NAME', completes: 'object' },
    { name: 'REGION', completes: 'region' },
  ],
  options: [yes],
  examples: [
    { does: "Make contoso's replica in Japan East anew", line: 'recreate contoso japaneast' },
    { does: 'Without being asked, in a script', line: 'recreate contoso japaneast --yes' },
  ],
  needs: 'to get and patch RegistryReplications (ClusterRole acr-replication-edit).',
  load: () => import('./recreate.run.ts'),
};
