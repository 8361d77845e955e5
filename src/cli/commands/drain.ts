import type { Command } from '../command.ts';

export const drain: Command = {
  name: 'drain',
  summary: 'Take a region out of routing for a while.',
  details: [
    'The global endpoint sends nobody to the region until then; afterwards routing goes back by itself. The replica goes on being synced and billed, and its regional host works.',
    'It states an entry of spec.drains by server-side apply, as field manager acr-replication-drain: Argo CD and Flux leave it. Draining a region again replaces end and reason, but for a drain that a file states: that is changed there.',
    'The last region in routing is never drained: that drain waits. NAME can be left out where one object of the namespace has the region.',
  ],
  args: [
    { name: 'REGION', completes: 'region' },
    { name: 'NAME', optional: true, completes: 'object' },
  ],
  options: [
    { name: 'for', value: 'DURATION', says: 'for how long, such as 90m, 2h or 3d; at most 30d' },
    { name: 'until', value: 'MOMENT', says: 'until when, such as 2026-12-01T06:00:00Z' },
    { name: 'reason', value: 'TEXT', says: 'why, for whoever finds the region drained; required' },
  ],
  examples: [
    { does: 'Take Japan East out for two hours', line: 'drain japaneast --for 2h --reason INC-4711' },
    {
      does: 'Take it out of one of several registries until a moment',
      line: 'drain japaneast contoso --until 2026-12-01T06:00:00Z --reason drill',
    },
  ],
  needs: 'to get, list and patch RegistryReplications (ClusterRole acr-replication-edit).',
  load: () => import('./drain.run.ts'),
};
