import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** What the tests read of a CRD's schema. */
export interface Schema {
  readonly type: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** The schema of `spec` or `status` in the CRD that is shipped. */
export function crdSchema(part: 'spec' | 'status'): Schema {
  const crd = parse(readFileSync('crds/registryreplications.acr-replication.dev.yaml', 'utf8')) as {
    readonly spec: { readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[] };
  };
  const schema = crd.spec.versions[0]?.schema.openAPIV3Schema.properties?.[part];
  if (schema === undefined) throw new Error(`the CRD has no ${part}`);
  return schema;
}

/** Every field at and below `path`, parents before children: `spec.regions`, `spec.regions[].location`. */
export function fields(schema: Schema, path: string): readonly (readonly [string, Schema])[] {
  if (schema.items?.properties !== undefined) return [[path, schema], ...childFields(schema.items, `${path}[]`)];
  return [[path, schema], ...childFields(schema, path)];
}

function childFields({ properties = {} }: Schema, path: string) {
  return Object.entries(properties).flatMap(([name, child]) => fields(child, `${path}.${name}`));
}

/** The fields that hold values, not other fields. A map such as tags is one. */
export function leaves(part: 'spec' | 'status'): readonly string[] {
  return fields(crdSchema(part), part)
    .filter(([, { properties, items }]) => properties === undefined && items?.properties === undefined)
    .map(([path]) => path);
}
