/** Namespace and name of an object, `<namespace>/<name>`. It says who, never why. */
export type Key = string & { readonly __brand: 'Key' };

export function keyOf(object: { readonly metadata: { readonly namespace: string; readonly name: string } }): Key {
  return `${object.metadata.namespace}/${object.metadata.name}` as Key;
}
