import { isGuid } from '../../domain/entra.ts';
import { type Check, failing, warning, well } from './finding.ts';
import { type Deployment, settingOf } from './installation.ts';

/** A ServiceAccount, what is looked at. */
export interface ServiceAccount {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
}

const use = 'azure.workload.identity/use';
const clientId = 'azure.workload.identity/client-id';

/** The name of the ServiceAccount as which the operator's Pods run. */
export function accountOf({ spec }: Deployment): string {
  return spec.template.spec.serviceAccountName ?? 'default';
}

/** Whether the operator signs in by workload identity: its Pods have the label, or AZURE_CREDENTIAL says so. */
export function usesWorkloadIdentity(deployment: Deployment): boolean {
  const kind = settingOf(deployment, 'AZURE_CREDENTIAL');
  return kind === undefined ? hasLabel(deployment) : kind === 'workload-identity';
}

/** The Secret with which the operator signs in, in its own namespace; undefined: it signs in otherwise, or nothing tells it. */
export function secretOf(deployment: Deployment): string | undefined {
  const { containers } = deployment.spec.template.spec;
  const [ref] = containers.flatMap(({ envFrom = [] }) => envFrom.flatMap(({ secretRef }) => secretRef ?? []));
  const kind = settingOf(deployment, 'AZURE_CREDENTIAL');
  const isUsed = kind === undefined ? ref?.optional !== true && !hasLabel(deployment) : kind === 'client-secret';
  return isUsed ? ref?.name : undefined;
}

function hasLabel({ spec }: Deployment): boolean {
  return spec.template.metadata?.labels?.[use] === 'true';
}

/**
 * Whether the webhook of workload identity gives the Pods what the operator needs: it looks at the label of a Pod and at
 * the annotation of its ServiceAccount, https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html.
 * `account` is undefined when there is none.
 */
export function workloadIdentityChecks(deployment: Deployment, account: ServiceAccount | undefined): readonly Check[] {
  const { name, namespace } = deployment.metadata;
  const accountName = accountOf(deployment);
  const at = `kubectl -n ${namespace}`;
  const checks: Check[] = [];
  if (!hasLabel(deployment) && settingOf(deployment, 'AZURE_FEDERATED_TOKEN_FILE') === undefined) {
    const patch = { spec: { template: { metadata: { labels: { [use]: 'true' } } } } };
    checks.push(
      failing(
        `its Pods lack the label ${use}, so that they get no workload identity`,
        `${at} patch deployment ${name} -p '${JSON.stringify(patch)}'`,
      ),
    );
  }
  const given = account?.metadata?.annotations?.[clientId]?.trim() ?? '';
  const annotate = `${at} annotate --overwrite serviceaccount ${accountName} ${clientId}=CLIENT-ID`;
  if (account === undefined) {
    checks.push(
      failing(
        `there is no ServiceAccount ${accountName} in namespace ${namespace}`,
        `${at} create serviceaccount ${accountName}`,
      ),
    );
  } else if (isGuid(given)) {
    checks.push(well(`it signs in by workload identity as application ${given}`));
  } else if (settingOf(deployment, 'AZURE_CLIENT_ID') === undefined) {
    const why = given === '' ? `lacks the annotation ${clientId}` : `has ${given} for ${clientId}, which is no id`;
    checks.push(
      warning(`ServiceAccount ${accountName} ${why}: only objects with credentials of their own can sign in`, annotate),
    );
  }
  return checks;
}
