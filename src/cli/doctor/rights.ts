import { group, plural } from '../../api/registryreplication.ts';
import { type Check, failing, warning, well } from './finding.ts';

/** What is asked of Kubernetes, as resourceAttributes of a SelfSubjectAccessReview. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
}

/** Rights for the objects of a namespace: to see them, and to change them. */
export function objectRights(namespace: string): { readonly see: readonly Right[]; readonly change: readonly Right[] } {
  const of = (verb: string): Right => ({ verb, group, resource: plural, namespace });
  return { see: ['get', 'list', 'watch'].map(of), change: ['create', 'patch', 'delete'].map(of) };
}

/** Two lines: whether the user sees the objects of a namespace, and whether the user may change them. */
export function rightsChecks(
  namespace: string,
  isAllowed: (right: Right) => boolean,
  user: string | undefined,
): readonly Check[] {
  const { see, change } = objectRights(namespace);
  const role = (name: string) =>
    `kubectl create rolebinding acr-replication-${name} -n ${namespace} --clusterrole acr-replication-${name} ${subject(user)}`;
  const denied = (rights: readonly Right[]) => rights.filter((right) => !isAllowed(right)).map(({ verb }) => verb);
  const [unseen, unchanged] = [denied(see), denied(change)];
  return [
    unseen.length === 0
      ? well(`you may see RegistryReplications in namespace ${namespace}`)
      : failing(`you may not ${unseen.join(', ')} RegistryReplications in namespace ${namespace}`, role('view')),
    unchanged.length === 0
      ? well(`you may change RegistryReplications in namespace ${namespace}`)
      : warning(`you may not ${unchanged.join(', ')} RegistryReplications in namespace ${namespace}`, role('edit')),
  ];
}

/** The subject of a RoleBinding, as kubectl's options name it. `user` is undefined where the API server did not tell it. */
function subject(user = 'YOU'): string {
  const [, account] = /^system:serviceaccount:([^:]+:[^:]+)$/.exec(user) ?? [];
  if (account !== undefined) return `--serviceaccount ${account}`;
  return `--user ${/^[\w.@:/+-]+$/.test(user) ? user : `'${user.replaceAll("'", String.raw`'\''`)}'`}`;
}
