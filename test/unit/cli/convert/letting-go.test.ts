import { expect, test } from 'vitest';
import type { Holder } from '../../../../src/cli/convert/declared.ts';
import { lettingGo } from '../../../../src/cli/convert/letting-go.ts';

const linesFor = (...holders: readonly Holder[]) => lettingGo(holders).slice(2);

test('nothing has to let go where nothing holds', () => expect(lettingGo([])).toEqual([]));

test('begins with what the operator would change', () => {
  expect(lettingGo([{ kind: 'template', file: 'main.json' }]).slice(0, 2)).toEqual([
    'What the operator would change: kubectl acr-replication plan -f MANIFEST',
    'Before mode: Observe is taken out, let go of the replicas elsewhere:',
  ]);
});

test('Terraform keeps the registry, and no longer looks at its replicas', () => {
  expect(linesFor({ kind: 'terraform-blocks', address: 'module.acr.azurerm_container_registry.main' })).toEqual([
    '  in module.acr.azurerm_container_registry.main take out the georeplications and add: lifecycle { ignore_changes = [georeplications] }',
    '  terraform plan    # must not speak of georeplications: what it would delete there is deleted',
  ]);
});

test('Terraform forgets a replica of its own; instances of one resource go together', () => {
  const all = ['"uksouth"', '"japaneast"'].map(
    (key) => ({ kind: 'terraform-resource', address: `module.a["x"].azapi_resource.r[${key}]` }) as const,
  );
  expect(linesFor(...all)).toEqual([
    `  terraform state rm 'module.a["x"].azapi_resource.r'    # then take it out of the configuration; the other way round it is deleted`,
  ]);
});

test('Azure Service Operator lets go of its objects, a command per namespace', () => {
  const aso = (namespace: string | undefined, name: string) => ({ kind: 'aso', namespace, name }) as const;
  const kind = 'registryreplications.containerregistry.azure.com';
  expect(linesFor(aso('azure', 'b'), aso(undefined, 'c'), aso('azure', 'a'))).toEqual([
    `  kubectl annotate ${kind} c --overwrite serviceoperator.azure.com/reconcile-policy=detach-on-delete`,
    `  kubectl delete ${kind} c`,
    `  kubectl annotate ${kind} a b -n azure --overwrite serviceoperator.azure.com/reconcile-policy=detach-on-delete`,
    `  kubectl delete ${kind} a b -n azure`,
  ]);
});

test('a template no longer has them', () => {
  expect(linesFor({ kind: 'template', file: 'main.json' }, { kind: 'template', file: 'main.json' })).toEqual([
    '  take the replications out of main.json and deploy it in mode Incremental (a stack: --action-on-unmanage detachAll); mode Complete would delete them',
  ]);
});
