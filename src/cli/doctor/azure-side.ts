import { type Actual, ownerOf, type Replica } from '../../domain/replication.ts';
import { type Check, failing, warning, well } from './finding.ts';

const acr = 'Microsoft.ContainerRegistry/registries';

/** What the operator does in Azure, and whoever wants to see or do the same. */
export const neededActions: readonly string[] = [
  `${acr}/read`,
  `${acr}/replications/read`,
  `${acr}/replications/write`,
  `${acr}/replications/delete`,
];

/** The api-version in which registries and replicas are read. */
export const registryVersion = '2025-11-01';

/** Whose permissions were listed. */
export interface Grantee {
  /** `your own login`, or `the identity of Secret azure-contoso`. */
  readonly who: string;
  /** Whether the operator works with it. */
  readonly isOperators: boolean;
  /** The id of its application or its object id; undefined: it is not known. */
  readonly id: string | undefined;
}

/** The command that gives somebody the rights that the operator needs. */
export function granting(assignee: string | undefined, registryId: string): string {
  return `az role assignment create --assignee ${assignee ?? 'YOU'} --role "Container Registry Contributor and Data Access Configuration Administrator" --scope ${registryId}`;
}

interface Permission {
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
}

/** Whether a login may do what is needed, by Azure's list of permissions: each of several adds to the others. */
export function permissionChecks(
  permissions: readonly unknown[],
  registryId: string,
  { who, isOperators, id }: Grantee,
): readonly Check[] {
  const all = permissions as readonly Permission[];
  const missing = neededActions.filter(
    (action) =>
      !all.some(
        ({ actions = [], notActions = [] }) =>
          actions.some((pattern) => covers(pattern, action)) && !notActions.some((pattern) => covers(pattern, action)),
      ),
  );
  if (missing.length === 0) return [well(`${who} may read and change replicas`)];
  const names = missing.map((action) => action.replace(`${acr}/`, ''));
  const says = `${who} may not ${names.join(', ')}`;
  const cure = granting(id, registryId);
  return [isOperators ? failing(says, cure) : warning(`${says}; the operator's may differ`, cure)];
}

/** Whether an action is one of a pattern such as `Microsoft.ContainerRegistry/*`. */
function covers(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
}

/** Locks on the registry and above it, by Azure's list. */
export function lockChecks(locks: readonly unknown[]): readonly Check[] {
  const checks = locks.flatMap((lock): Check[] => {
    const {
      id = '',
      name = '',
      properties,
    } = lock as {
      readonly id?: string;
      readonly name?: string;
      readonly properties?: { readonly level?: string };
    };
    const cure = `az lock delete --ids ${id}`;
    if (properties?.level === 'ReadOnly') return [failing(`lock ${name} (ReadOnly) stops every change`, cure)];
    if (properties?.level !== 'CanNotDelete') return [];
    return [warning(`lock ${name} (CanNotDelete) keeps replicas from being deleted`, cure)];
  });
  return checks.length > 0 ? checks : [well('no lock')];
}

/** The commands that help. */
export interface RegistryCures {
  /** Makes the registry Premium. */
  readonly upgrade: string;
  /** Takes a region out of the object that has another owner. */
  readonly edit: string;
}

/** What the registry itself shows: its SKU, and replicas that bear the tag of another owner. */
export function registryChecks(
  { registry }: Pick<Actual, 'registry'>,
  {
    name,
    others,
    cures,
  }: { readonly name: string; readonly others: readonly Replica[]; readonly cures: RegistryCures },
): readonly Check[] {
  const found =
    registry.sku === 'Premium'
      ? well(`registry ${name} is there: Premium, at home in ${registry.home}`)
      : failing(`registry ${name} is ${registry.sku}: only Premium registries have replicas`, cures.upgrade);
  const strangers = others.map((replica) => `${replica.region} (${ownerOf(replica)})`);
  if (strangers.length === 0) return [found];
  return [
    found,
    warning(
      `another owner's replicas, never changed while that owner lives: ${strangers.sort().join(', ')}`,
      cures.edit,
    ),
  ];
}
