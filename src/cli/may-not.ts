import { group, plural } from '../api/registryreplication.ts';

/** What RBAC says when it refuses: https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/handlers/responsewriters/errors.go */
const refused =
  /User "([^"]+)" cannot (\S+) resource "([^"]+)" in API group "([^"]*)" (?:in the namespace "([^"]+)"|at the cluster scope)/;

/** Who may not do what, in words, and the command with which an administrator allows it. Undefined: RBAC did not say so. */
export function mayNot(said: string): { readonly message: string; readonly cure: string } | undefined {
  const [, user, verb, resource, apiGroup, namespace] = refused.exec(said) ?? [];
  if (user === undefined || verb === undefined || resource === undefined) return undefined;
  // From 1.36 on `impersonate-on:user-info:list`, of the resource that was asked for.
  if (verb.startsWith('impersonate')) return { message: `${user} may not act as another user`, cure: 'leave out --as' };
  const what =
    resource === plural ? 'RegistryReplications' : [resource, apiGroup].filter((text) => text !== '').join('.');
  const where = namespace === undefined ? 'in the whole cluster' : `in namespace ${namespace}`;
  const role = roleFor(verb, resource, apiGroup ?? '');
  return {
    message: `${user} may not ${verb} ${what} ${where}`,
    cure:
      role === undefined
        ? `ask who administers the cluster for the right to ${verb} ${what}`
        : `ask who administers the cluster for: ${binding({ user, role, namespace })}`,
  };
}

/** The least of the roles that people are given. Undefined: none of them has it. */
function roleFor(verb: string, resource: string, apiGroup: string): string | undefined {
  const isRead = ['get', 'list', 'watch'].includes(verb);
  if (apiGroup === group) return isRead ? 'acr-replication-view' : 'acr-replication-edit';
  return isRead && ['pods', 'pods/log', 'deployments', 'events'].includes(resource) ? 'view' : undefined;
}

interface Binding {
  readonly user: string;
  readonly role: string;
  /** Undefined: in all namespaces. */
  readonly namespace: string | undefined;
}

function binding({ user, role, namespace }: Binding): string {
  const [, accountNamespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  const subject = account === undefined ? `--user='${user}'` : `--serviceaccount=${accountNamespace}:${account}`;
  const kind = namespace === undefined ? 'clusterrolebinding' : 'rolebinding';
  const name = `${role}-${(account ?? user).toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`.replace(/-$/, '');
  const place = namespace === undefined ? '' : ` --namespace=${namespace}`;
  return `kubectl create ${kind} ${name} --clusterrole=${role} ${subject}${place}`;
}
