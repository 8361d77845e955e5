import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** What the tests read of a CRD's schema. */
export interface Schema {
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly nullable?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly {
    readonly rule: string;
    readonly message?: string;
    readonly messageExpression?: string;
  }[];
}

/** What the tests read of a CRD. */
export interface Crd {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly conversion?: { readonly strategy: string };
    readonly preserveUnknownFields?: boolean;
    readonly names: {
      readonly kind: string;
      readonly listKind: string;
      readonly plural: string;
      readonly singular: string;
      readonly shortNames: readonly string[];
      readonly categories: readonly string[];
    };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly storage: boolean;
      readonly subresources?: Readonly<Record<string, object>>;
      readonly additionalPrinterColumns?: readonly PrinterColumn[];
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

export const crdFile = 'crds/registryreplications.acr-replication.dev.yaml';

/** The CRD that is shipped. */
export function shippedCrd(): Crd {
  return parse(readFileSync(crdFile, 'utf8')) as Crd;
}

/** The schema of `spec` or `status` in the CRD that is shipped. */
export function crdSchema(part: 'spec' | 'status'): Schema {
  const schema = shippedCrd().spec.versions[0]?.schema.openAPIV3Schema.properties?.[part];
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

/** Every schema at and below `path`: the fields, what a list has for items (`[]`) and a map for values (`{}`). */
export function schemas(schema: Schema, path: string): readonly (readonly [string, Schema])[] {
  return [
    [path, schema],
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) => schemas(child, `${path}.${name}`)),
    ...(schema.items === undefined ? [] : schemas(schema.items, `${path}[]`)),
    ...(schema.additionalProperties === undefined ? [] : schemas(schema.additionalProperties, `${path}{}`)),
  ];
}

/** The fields that hold values, not other fields. A map such as tags is one. */
export function leaves(part: 'spec' | 'status'): readonly string[] {
  return fields(crdSchema(part), part)
    .filter(([, { properties, items }]) => properties === undefined && items?.properties === undefined)
    .map(([path]) => path);
}
