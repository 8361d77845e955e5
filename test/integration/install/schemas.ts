import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { KubeAdmin } from '../../sandbox/kube-admin.ts';

type Json = Readonly<Record<string, unknown>>;
type File = readonly [name: string, schema: Json];

const definitionsFile = '_definitions.json';

/**
 * JSON schemas of every kind that the API server has, named as kubeconform asks for them, made of the document that it serves
 * at /openapi/v2 as the collection of kubeconform's author is.
 */
export async function schemasOfServer(kube: KubeAdmin): Promise<readonly File[]> {
  const { definitions } = await kube.request<{ readonly definitions: Readonly<Record<string, Definition>> }>(
    'GET',
    '/openapi/v2',
  );
  const closedDefinitions = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, looseTypes[name] ?? closed(definition)]),
  );
  const kinds = Object.entries(definitions).flatMap(([name, definition]) =>
    (definition['x-kubernetes-group-version-kind'] ?? []).map(
      (kind): File => [fileName(kind), { $ref: `${definitionsFile}#/definitions/${name}` }],
    ),
  );
  return [[definitionsFile, { definitions: closedDefinitions }], ...kinds];
}

/** The schemas of the versions that the CRDs of these files have. */
export async function schemasOfCrds(files: readonly string[]): Promise<readonly File[]> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return texts
    .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Crd))
    .filter((object) => object?.kind === 'CustomResourceDefinition')
    .flatMap(({ spec: { group, names, versions } }) =>
      versions.map(
        ({ name: version, schema }): File => [
          fileName({ group, version, kind: names.kind }),
          withMeta(closed(schema.openAPIV3Schema)) as Json,
        ],
      ),
    );
}

interface Definition {
  readonly 'x-kubernetes-group-version-kind'?: readonly Kind[];
}
interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}
interface Crd {
  readonly kind: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Json } }[];
  };
}

/** `deployment-apps-v1.json`: of the group only what stands before its first dot. */
function fileName({ group, version, kind }: Kind): string {
  const [first = ''] = group.split('.');
  return `${[kind.toLowerCase(), ...(first === '' ? [] : [first]), version].join('-')}.json`;
}

/** Types that OpenAPI 2 cannot say. */
const looseTypes: Readonly<Record<string, Json>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['string', 'integer'] },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'] },
};

/** The schema, which takes no field that it does not name. */
function closed(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(closed);
  const {
    'x-kubernetes-int-or-string': isEither,
    'x-kubernetes-preserve-unknown-fields': isOpen,
    ...rest
  } = schema as Json;
  const own = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, closed(value)]));
  const isClosed = 'properties' in own && !('additionalProperties' in own) && isOpen !== true;
  return {
    ...own,
    ...(isEither === true ? { type: ['string', 'integer'] } : {}),
    ...(isClosed ? { additionalProperties: false } : {}),
  };
}

function withMeta(schema: unknown): unknown {
  const { properties, ...rest } = schema as { readonly properties: Json };
  return { ...rest, properties: { ...properties, metadata: { type: 'object' } } };
}
