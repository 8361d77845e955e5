import { standardInput } from './again.ts';
import type { Holder } from './declared.ts';

/**
 * What to do so that nobody else manages the replicas, before mode Observe is taken out: lines for a terminal.
 *
 * Sources: ignore_changes keeps Terraform from deleting blocks that are gone
 * (https://developer.hashicorp.com/terraform/language/block/resource), `state rm` lets go of a resource
 * (https://developer.hashicorp.com/terraform/language/state/remove), the annotation does so in Azure Service Operator
 * (https://azure.github.io/azure-service-operator/guide/annotations/), and an incremental deployment leaves what its
 * template no longer has (https://learn.microsoft.com/azure/azure-resource-manager/templates/deployment-modes).
 */
export function lettingGo(holders: readonly Holder[]): readonly string[] {
  const lines = new Set([...holders.flatMap(ofTerraform), ...ofServiceOperator(holders), ...ofTemplates(holders)]);
  if (lines.size === 0) return [];
  return [
    'What the operator would change: kubectl acr-replication plan -f MANIFEST',
    'Before mode: Observe is taken out, let go of the replicas elsewhere:',
    ...[...lines].map((line) => `  ${line}`),
  ];
}

function ofTerraform(holder: Holder): readonly string[] {
  switch (holder.kind) {
    case 'terraform-blocks':
      return [
        `in ${holder.address} take out the georeplications and add: lifecycle { ignore_changes = [georeplications] }`,
        'terraform plan    # must not speak of georeplications: what it would delete there is deleted',
      ];
    case 'terraform-resource': {
      // All instances of the resource go together.
      const resource = holder.address.replace(/\[(?:\d+|"[^"]*")\]$/, '');
      return [
        `terraform state rm '${resource}'    # then take it out of the configuration; the other way round it is deleted`,
      ];
    }
    case 'aso':
    case 'template':
      return [];
  }
}

/** A command for the objects of each namespace. */
function ofServiceOperator(holders: readonly Holder[]): readonly string[] {
  const objects = holders.filter((holder) => holder.kind === 'aso');
  const spaces = [...Map.groupBy(objects, ({ namespace }) => namespace ?? '')].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return spaces.flatMap(([namespace, all]) => {
    const names = all.map(({ name }) => name).toSorted();
    const which = `registryreplications.containerregistry.azure.com ${names.join(' ')}${namespace === '' ? '' : ` -n ${namespace}`}`;
    return [
      `kubectl annotate ${which} --overwrite serviceoperator.azure.com/reconcile-policy=detach-on-delete`,
      `kubectl delete ${which}`,
    ];
  });
}

function ofTemplates(holders: readonly Holder[]): readonly string[] {
  const files = [...new Set(holders.flatMap((holder) => (holder.kind === 'template' ? [holder.file] : [])))];
  return files.map(
    (file) =>
      `take the replications out of ${file === standardInput ? 'the template' : file} and deploy it in mode Incremental (a stack: --action-on-unmanage detachAll); mode Complete would delete them`,
  );
}
