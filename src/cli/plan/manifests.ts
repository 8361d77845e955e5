import { boolYaml11Tag, CORE_SCHEMA, loadAll, mergeTag } from 'js-yaml';
import { group, kind } from '../../api/registryreplication.ts';
import { Problem } from '../command.ts';
import { type Fields, fieldsOf } from './applying.ts';

/** A RegistryReplication of a file, not judged yet. */
export interface Manifest {
  readonly file: string;
  readonly name: string;
  /** Undefined: that of the command. */
  readonly namespace: string | undefined;
  readonly body: Fields;
}

export interface Manifests {
  readonly ours: readonly Manifest[];
  /** Objects of other kinds, `Deployment shop`. */
  readonly ignored: readonly string[];
}

/** The objects of a YAML or JSON file of one or several documents; lists are opened. */
export function manifestsIn(file: string, text: string): Manifests {
  const objects = documentsIn(file, text).flatMap(opened);
  const isOurs = (object: Fields) => object['kind'] === kind && String(object['apiVersion']).startsWith(`${group}/`);
  return {
    ours: objects.filter(isOurs).map((body) => manifestOf(file, body)),
    ignored: objects.filter((object) => !isOurs(object)).map(nameOf),
  };
}

/** As kubectl reads YAML: `yes` and `off` are booleans, which no text field takes, and `<<` merges. */
const kubectlSchema = CORE_SCHEMA.withTags(boolYaml11Tag, mergeTag);

/** An object that is there twice would be planned for twice; of two of one name the second is what is applied in the end. Throws a Problem. */
export function refuseTwins(manifests: readonly Manifest[], usual: string): void {
  const files = new Map<string, string>();
  for (const { name, namespace = usual, file } of manifests) {
    const key = `${namespace}/${name}`;
    const first = files.get(key);
    if (first !== undefined) {
      const where = first === file ? `twice in ${file}` : `in ${first} and in ${file}`;
      throw new Problem(`RegistryReplication ${key} is ${where}`, 'leave one of the two out');
    }
    files.set(key, file);
  }
}

/** The documents of a YAML or JSON file. */
export function documentsIn(file: string, text: string): readonly unknown[] {
  try {
    return loadAll(text, { schema: kubectlSchema });
  } catch (error) {
    throw new Problem(`${file} is no YAML: ${(error as Error).message.split('\n')[0]}`, `mend ${file}`);
  }
}

/** The objects of a document: itself, or the items of a list; none of an empty one. */
export function opened(document: unknown): readonly Fields[] {
  const object = fieldsOf(document);
  if (Object.keys(object).length === 0) return [];
  const { items } = object as { readonly items?: unknown };
  return Array.isArray(items) && String(object['kind']).endsWith('List') ? items.flatMap(opened) : [object];
}

function manifestOf(file: string, body: Fields): Manifest {
  const { name, namespace } = fieldsOf(body['metadata']);
  if (typeof name !== 'string' || name === '') {
    throw new Problem(`${file} has a RegistryReplication without metadata.name`, `give it a name in ${file}`);
  }
  return { file, name, namespace: typeof namespace === 'string' ? namespace : undefined, body };
}

function nameOf(object: Fields): string {
  const name = fieldsOf(object['metadata'])['name'];
  return [object['kind'] ?? 'object', ...(typeof name === 'string' ? [name] : [])].map(String).join(' ');
}
