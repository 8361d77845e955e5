import type { Command } from '../command.ts';
import { outputOption, watch } from '../global-options.ts';

export const status: Command = {
  name: 'status',
  summary: "An object's story on one screen: what is so, what is awaited, what happened.",
  details: [
    'json prints a ReplicationStory with namespace, object, registry, about, phase, summary; sentences (standing, says, since, reason, message); regions, the items of list -o json, each with awaits (what, notBefore, withinMs: the next look comes within so many milliseconds); and events (time, type, reason, message), or a text that says why they cannot be read. With --watch each change prints one on a line of its own.',
  ],
  args: [{ name: 'NAME', completes: 'object' }],
  options: [outputOption('text', 'json'), watch],
  examples: [
    { does: 'Why contoso is not ready, and since when', line: 'status contoso' },
    { does: 'The same as it goes on', line: 'status contoso -w' },
    { does: 'As data', line: 'status contoso -n platform -o json' },
  ],
  needs:
    'to get RegistryReplications and to list Events (ClusterRole acr-replication-view), and to watch both with --watch.',
  load: () => import('./status.run.ts'),
};
