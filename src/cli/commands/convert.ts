import type { Command } from '../command.ts';
import { subscriptionOption } from '../subscription.ts';

export const convert: Command = {
  name: 'convert',
  summary: 'The manifest for replicas that another tool declares: Azure Service Operator, Terraform, Bicep.',
  details: [
    'Reads objects of Azure Service Operator (YAML or JSON, as files or as kubectl get -o yaml prints them), what terraform show -json prints of a state or of a plan (azurerm_container_registry, azapi_resource), and ARM templates, to which Bicep is compiled. Prints YAML to apply or to put into Git: equal files give equal bytes.',
    'The manifest is in mode Observe: the operator says what it would change and writes nothing, until the mode is taken out. What the other tool must do to let go of the replicas is told on standard error, as is what cannot be said in a manifest. What is there in Azure is read by import instead.',
    'Expressions of a template are worked out. What it takes from its surroundings has to be given: a parameter as --set NAME=VALUE, what only Azure knows by its text, such as --set "resourceGroup().location=westeurope". Nothing is guessed.',
  ],
  args: [],
  options: [
    {
      name: 'filename',
      short: 'f',
      value: 'FILE',
      many: true,
      says: 'The file, folder or standard input (-) to convert; may be given more than once.',
      completes: 'file',
    },
    {
      name: 'registry',
      value: 'ID',
      says: 'Resource id of the registry, where the file has replicas and does not say where their registry is.',
    },
    {
      name: 'resource-group',
      short: 'g',
      value: 'GROUP',
      says: 'Resource group of registries for which the file names none; that which a template is deployed to.',
    },
    {
      ...subscriptionOption,
      says: 'Subscription of registries for which the file names none. Default: AZURE_SUBSCRIPTION_ID.',
    },
    {
      name: 'parameters',
      value: 'FILE',
      many: true,
      says: 'Values for the parameters of a template, in a file as ARM reads it.',
      completes: 'file',
    },
    {
      name: 'set',
      value: 'NAME=VALUE',
      many: true,
      says: 'A parameter of a template, or an expression that only Azure can work out; may be given more than once.',
    },
  ],
  examples: [
    {
      does: 'From Azure Service Operator: kubectl get registries.containerregistry.azure.com,registryreplications.containerregistry.azure.com -o yaml > aso.yaml',
      line: 'convert -f aso.yaml > contoso.yaml',
    },
    { does: 'From Terraform: terraform show -json > state.json', line: 'convert -f state.json | kubectl apply -f -' },
    {
      does: 'From Bicep: az bicep build --file main.bicep --outfile main.json',
      line: 'convert -f main.json -g registries --set replicaLocation=westeurope',
    },
  ],
  needs: 'nothing: neither Kubernetes nor Azure is asked.',
  load: () => import('./convert.run.ts'),
};
