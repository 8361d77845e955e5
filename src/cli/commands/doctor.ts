import type { Command } from '../command.ts';
import { allNamespaces, outputOption } from '../global-options.ts';

export const doctor: Command = {
  name: 'doctor',
  summary: 'Every obstacle on the way, each with its cure.',
  details: [
    'Looks at your rights, the CRD, the operator with its leader and its identity, and at each object of the namespace: the credentials it names, its registry, rights, locks and policies in Azure, what excludes replicas or their regional hosts, addresses for private endpoints, data endpoints, and signs of another cluster with the same CLUSTER_NAME. Where a registry has regional endpoints, or a policy lets Pods pull from their own region, at that policy and its bindings, whether the replica there serves, and at the images of AKS nodes. It changes nothing. The exit code is 1 when something must be cured. What cannot be looked at for want of rights is said and is no failure.',
    'With a Secret that an object names and you may read, it asks Microsoft Entra for a token and Azure for what its identity may do. The secret itself is sent nowhere else.',
  ],
  args: [{ name: 'NAME', optional: true, completes: 'object' }],
  options: [allNamespaces, outputOption('text', 'json')],
  examples: [
    { does: 'Everything about your namespace', line: 'doctor' },
    { does: 'One object, for a script', line: 'doctor contoso -n platform -o json' },
  ],
  needs:
    'to list RegistryReplications (ClusterRole acr-replication-view). Where you may, to get the CRD, Leases, ConfigMaps, ServiceAccounts and the Secrets that objects name, and to list Deployments, Namespaces, Nodes, MutatingAdmissionPolicies and their bindings. For what Azure knows your login (az login) with the role Reader: Microsoft.ContainerRegistry/registries/read and registries/replications/read, and where you may Microsoft.Authorization/permissions/read and locks/read, Microsoft.PolicyInsights/checkPolicyRestrictions/read, Microsoft.Network/privateEndpoints/read and virtualNetworks/usages/read.',
  load: () => import('./doctor.run.ts'),
};
