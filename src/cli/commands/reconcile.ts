import type { Command } from '../command.ts';

export const reconcile: Command = {
  name: 'reconcile',
  summary: 'Have an object looked at now, and say what came of it.',
  details: [
    'Sets the annotation acr-replication.dev/requested-at and waits until the operator has answered it and there is nothing more to wait for. Progress goes to standard error, the outcome to standard output.',
    'Exit code 0: all regions are ready, or only differences are reported; 1: a person must act, or the time is over.',
  ],
  args: [{ name: 'NAME', completes: 'object' }],
  options: [
    { name: 'timeout', value: 'DURATION', says: 'How long to wait, such as 90s or 1h; default 10m.' },
    { name: 'no-wait', says: 'Ask, and do not wait.' },
  ],
  examples: [
    { does: 'Look at contoso now, and wait until it is settled', line: 'reconcile contoso' },
    { does: 'Only ask for it', line: 'reconcile contoso --no-wait' },
  ],
  needs: 'to get and patch RegistryReplications (ClusterRole acr-replication-edit).',
  load: () => import('./reconcile.run.ts'),
};
