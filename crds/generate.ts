/** Writes src/api/registryreplication.generated.ts from the CRD; with --check only says whether it is up to date. */
import { readFile, writeFile } from 'node:fs/promises';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { parse } from 'yaml';

const source = new URL('registryreplications.acr-replication.dev.yaml', import.meta.url);
const target = new URL('../src/api/registryreplication.generated.ts', import.meta.url);

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: { readonly properties: Record<string, JSONSchema> } };
    }[];
  };
}

/** The CRD's schema as readonly TypeScript types; Kubernetes' own fields (metadata and the like) are typed by hand. */
async function generate(): Promise<string> {
  const { spec: crd } = parse(await readFile(source, 'utf8')) as Crd;
  const version = crd.versions.find((v) => v.name === 'v1alpha1');
  if (version === undefined) throw new Error('the CRD has no version v1alpha1');
  const { spec, status } = version.schema.openAPIV3Schema.properties;
  const options = {
    additionalProperties: false,
    bannerComment: '',
    declareExternallyReferenced: true,
    ignoreMinAndMaxItems: true,
    style: { singleQuote: true, printWidth: 120 },
  };
  const types: string[] = [];
  for (const [name, schema] of [
    [`${crd.names.kind}Spec`, spec],
    [`${crd.names.kind}Status`, status],
  ] as const) {
    if (schema === undefined) throw new Error(`the CRD has no schema for ${name}`);
    types.push((await compile({ ...schema, title: name }, name, options)).trim());
  }
  const constants = [
    `export const group = '${crd.group}';`,
    `export const version = '${version.name}';`,
    `export const kind = '${crd.names.kind}';`,
    `export const plural = '${crd.names.plural}';`,
  ];
  return [
    '// Generated from crds/ by `npm run generate`. Do not edit.',
    '',
    ...constants,
    '',
    readonlyMembers(types.join('\n\n')),
    '',
  ].join('\n');
}

/** What the API server hands out is never changed in place. */
function readonlyMembers(source: string): string {
  return source
    .replaceAll(/^(\s+)('?\w+'?\??: )/gm, '$1readonly $2')
    .replaceAll(/: \{$/gm, ': {')
    .replaceAll(/: (string|\{[^}]*\})\[\];/g, ': readonly $1[];')
    .replaceAll(/(readonly \w+\??: )\{((?:[^{}]|\{[^{}]*\})*)\}\[\];/g, '$1readonly {$2}[];');
}

const wanted = await generate();
if (process.argv.includes('--check')) {
  const found = await readFile(target, 'utf8').catch(() => '');
  if (found !== wanted) {
    console.error('src/api/registryreplication.generated.ts differs from crds/: run `npm run generate` and commit it');
    process.exitCode = 1;
  }
} else {
  await writeFile(target, wanted);
}
