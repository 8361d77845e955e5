import { parse } from 'yaml';
import type { KubeObject } from '../../sandbox/manifests.ts';

/** What the placeholders of a template stand for. */
export interface Subject {
  readonly name: string;
  readonly namespace: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly registry: string;
  readonly regions: readonly string[];
}

/** The placeholders of a template, and what stands there. `$REGION` is one of several: see `expand`. */
const values = {
  NAME: ({ name }) => name,
  NAMESPACE: ({ namespace }) => namespace,
  SUBSCRIPTION_ID: ({ subscriptionId }) => subscriptionId,
  RESOURCE_GROUP: ({ resourceGroup }) => resourceGroup,
  REGISTRY: ({ registry }) => registry,
} as const satisfies Record<string, (subject: Subject) => string>;

/** A manifest in YAML with placeholders such as `$NAME`, as a function of what they stand for. */
export function templateOf(text: string): (subject: Subject) => KubeObject {
  const known = [...Object.keys(values), 'REGION'];
  for (const [, name = ''] of text.matchAll(/\$([A-Z_]+)/g))
    if (!known.includes(name)) throw new Error(`the template has $${name}; it may have $${known.join(', $')}`);
  const tree = parse(text) as unknown;
  return (subject) => expand(tree, subject) as KubeObject;
}

/** Fills in. An entry of a list that has `$REGION` in it stands for one such entry per region. */
function expand(node: unknown, subject: Subject, region = ''): unknown {
  if (typeof node === 'string')
    return node.replaceAll(/\$([A-Z_]+)/g, (_, name: string) =>
      name === 'REGION' ? region : values[name as keyof typeof values](subject),
    );
  if (Array.isArray(node))
    return node.flatMap((entry: unknown) =>
      JSON.stringify(entry).includes('$REGION')
        ? subject.regions.map((one) => expand(entry, subject, one))
        : [expand(entry, subject, region)],
    );
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, expand(value, subject, region)]));
}
