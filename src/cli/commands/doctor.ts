import type { Command } from '../command.ts';
import { allNamespaces, outputOption } from '../global-options.ts';

export const doctor: Command = {
  name: 'doctor',
  summary: 'Every obstacle on the way, each with its cure.',
  details: [
    'Looks at your rights, the CRD, the operator and its leader, and at each object of the namespace and its registry in Azure. It changes nothing. The exit code is 1 when something must be cured. What cannot be looked at for want of rights is said and is no failure.',
  ],
  args: [{ name: 'NAME', optional: true, completes: 'object' }],
  options: [allNamespaces, outputOption('text', 'json')],
  examples: [
    { does: 'Everything about your namespace', line: 'doctor' },
    { does: 'One object, for a script', line: 'doctor contoso -n platform -o json' },
  ],
  needs:
    'to list RegistryReplications (ClusterRole acr-replication-view); to get the CRD, to list Deployments and to get Leases, where you may; your Azure login (az login) for what Azure knows.',
  load: () => import('./doctor.run.ts'),
};
