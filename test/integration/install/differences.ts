import type { KubeObject } from '../../sandbox/manifests.ts';

/**
 * What to do to one set of objects to have the other, as lines: `+ Kind name` and `- Kind name` for whole objects, and
 * `Kind name path: value` for what is new or other in it, where `- Kind name path` is gone. Members of a list go by
 * their name, if they have one. Sorted.
 */
export function differences(before: readonly KubeObject[], after: readonly KubeObject[]): readonly string[] {
  const [old, now] = [byName(before), byName(after)];
  const lines: string[] = [];
  for (const key of old.keys()) if (!now.has(key)) lines.push(`- ${key}`);
  for (const [key, object] of now) {
    const previous = old.get(key);
    if (previous === undefined) {
      lines.push(`+ ${key}`);
      continue;
    }
    const [was, is] = [leaves(previous), leaves(object)];
    for (const path of was.keys()) if (!is.has(path)) lines.push(`- ${key} ${path}`);
    for (const [path, value] of is) if (was.get(path) !== value) lines.push(`${key} ${path}: ${value}`);
  }
  return lines.sort();
}

function byName(objects: readonly KubeObject[]): ReadonlyMap<string, KubeObject> {
  const keyed = objects.map((o) => [`${o.kind} ${o.metadata.namespace ?? ''}/${o.metadata.name}`, o] as const);
  const map = new Map(keyed);
  if (map.size < objects.length) throw new Error(`two objects of one name: ${keyed.map(([key]) => key).join(', ')}`);
  return map;
}

function leaves(value: unknown, path = '', found = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
    return found.set(path, JSON.stringify(value));
  }
  for (const [key, member] of Object.entries(value)) {
    const named = Array.isArray(value) ? nameOf(member) : undefined;
    const own = Array.isArray(value) ? `[${named ?? key}]` : `${path === '' ? '' : '.'}${key}`;
    leaves(named === undefined ? member : withoutName(member), `${path}${own}`, found);
  }
  return found;
}

function nameOf(member: unknown): string | undefined {
  if (typeof member !== 'object' || member === null || !('name' in member)) return undefined;
  return String(member.name);
}

/** It stands in the path already. */
function withoutName(member: unknown): unknown {
  const { name: _name, ...rest } = member as { readonly name: unknown };
  return rest;
}
