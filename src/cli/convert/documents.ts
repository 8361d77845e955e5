import { Problem } from '../command.ts';
import { type Fields, fieldsOf } from '../plan/applying.ts';
import { documentsIn, opened } from '../plan/manifests.ts';
import { isParameters, isTemplate, readTemplate, type TemplateInput } from './arm/template.ts';
import type { Reading } from './declared.ts';
import { isOfServiceOperator, readServiceOperator } from './service-operator.ts';
import { isOfTerraform, readTerraform } from './terraform.ts';

/** What a file declares, whichever of the notations it is in. Throws a Problem that says how to get one that is. */
export function readFile(file: string, text: string, input: TemplateInput): Reading {
  const unlike = wayFrom(file);
  if (unlike !== undefined) throw new Problem(`${file} is not what convert reads`, unlike);
  const documents = jsonOr(text, () => documentsIn(file, text));
  const objects = documents.flatMap(opened);
  const readings = objects.flatMap((document) => readDocument(file, document, input));
  const ofAso = objects.filter(isOfServiceOperator);
  const aso = ofAso.length === 0 ? [] : [readServiceOperator(file, ofAso)];
  const all = [...readings, ...aso];
  const others = objects.length - readings.length - ofAso.length;
  return {
    registries: all.flatMap(({ registries }) => registries),
    notes: [...all.flatMap(({ notes }) => notes), ...(others === 0 ? [] : [othersNote(file, others)])],
    parameters: all.flatMap(({ parameters = [] }) => parameters),
  };
}

/** JSON is read as such: it is faster, and YAML refuses a tab in it. */
function jsonOr(text: string, otherwise: () => readonly unknown[]): readonly unknown[] {
  if (!/^\s*[{[]/.test(text)) return otherwise();
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch {
    return otherwise();
  }
}

/** Files of sources, and what makes of them what can be read. */
const sources: readonly (readonly [RegExp, (file: string) => string])[] = [
  [/\.bicep$/i, (file) => `az bicep build --file ${file} --stdout | kubectl acr-replication convert -f -`],
  [
    /\.bicepparam$/i,
    (file) => `az bicep build-params --file ${file} --outfile parameters.json; then --parameters parameters.json`,
  ],
  [/\.tf$/i, () => 'terraform show -json | kubectl acr-replication convert -f -'],
  [/\.tfplan$/i, (file) => `terraform show -json ${file} | kubectl acr-replication convert -f -`],
];

function wayFrom(file: string): string | undefined {
  return sources.find(([name]) => name.test(file))?.[1](file);
}

function readDocument(file: string, document: Fields, input: TemplateInput): readonly Reading[] {
  if (isTemplate(document)) return [readTemplate(file, document, input)];
  if (isOfTerraform(document)) return [readTerraform(file, document)];
  if (isParameters(document)) {
    throw new Problem(`${file} has parameters, and no template`, `-f TEMPLATE --parameters ${file}`);
  }
  if (isRawState(document)) {
    throw new Problem(
      `${file} is Terraform's own state file, whose form is nobody else's`,
      'terraform show -json | kubectl acr-replication convert -f -',
    );
  }
  return [];
}

function isRawState(document: Fields): boolean {
  return typeof document['terraform_version'] === 'string' && typeof document['version'] === 'number';
}

function othersNote(file: string, count: number): string {
  return `${count === 1 ? 'an object' : `${count} objects`} of ${file} ${count === 1 ? 'says' : 'say'} nothing about replicas to convert.`;
}

/** The values of a file of parameters, by their names in lower case. */
export function parametersIn(file: string, text: string): ReadonlyMap<string, { readonly value: unknown }> {
  const [document] = jsonOr(text, () => documentsIn(file, text)).map(fieldsOf);
  const entries = Object.entries(fieldsOf(document?.['parameters'])).flatMap(([name, entry]) => {
    const fields = fieldsOf(entry);
    return 'value' in fields ? [[name.toLowerCase(), { value: fields['value'] }] as const] : [];
  });
  if (document === undefined || !('parameters' in document)) {
    throw new Problem(`${file} has no parameters`, wayFrom(file) ?? 'write {"parameters": {"name": {"value": …}}}');
  }
  return new Map(entries);
}
