/** What a .cpuprofile holds, as far as it is read here (Chrome DevTools Protocol, Profiler.Profile). */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** A part of the whole, largest first in lists. */
export interface Share {
  readonly name: string;
  readonly amount: number;
}

/** Milliseconds spent in each group's own functions; what waited is left out. */
export function cpuByGroup(profile: CpuProfile, groupOf: (frame: Frame) => string): readonly Share[] {
  const groups = new Map(profile.nodes.map(({ id, callFrame }) => [id, groupOf(callFrame)]));
  const spent = new Map<string, number>();
  for (const [index, id] of profile.samples.entries()) {
    const group = groups.get(id) ?? 'unknown';
    if (group !== idle) spent.set(group, (spent.get(group) ?? 0) + (profile.timeDeltas[index] ?? 0) / 1_000);
  }
  return largestFirst(spent);
}

type Frame = CpuProfile['nodes'][number]['callFrame'];

const idle = '(idle)';

/**
 * The group of a function: a package, a folder of src, a part of Node, or what V8 does. `moduleAt` says from which file a
 * line of a bundle comes.
 */
export function groupOf(moduleAt: (line: number) => string | undefined): (frame: Frame) => string {
  return ({ functionName, url, lineNumber }) => {
    if (url === '') return nativeGroups[functionName] ?? 'Node and V8, native';
    if (url === 'node:v8') return idle; // which writes down the heap, for us
    if (url.startsWith('node:')) return `Node: ${/^node:(?:internal\/)?_?([a-z0-9]+)/.exec(url)?.[1] ?? url}`;
    return fileGroup(moduleAt(lineNumber) ?? url);
  };
}

const nativeGroups: Readonly<Record<string, string>> = {
  '(idle)': idle,
  '(garbage collector)': 'garbage collector',
  '(program)': 'outside JavaScript',
  '(root)': 'outside JavaScript',
};

/** `@azure/core-client` of a file in node_modules, `src/kube/http` of one of ours. */
export function fileGroup(path: string): string {
  const inside = /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/.exec(path)?.[1];
  if (inside !== undefined) return inside;
  const folder = /(?:^|\/)((?:src|test)(?:\/.*)?)\/[^/]+$/.exec(path)?.[1];
  return folder ?? path;
}

/** Which file each line of a bundle comes from: esbuild writes its path in a comment before it, where it does not minify. */
export function modulesOf(bundle: string): (line: number) => string | undefined {
  const files: (string | undefined)[] = [];
  let file: string | undefined;
  for (const line of bundle.split('\n')) {
    file = /^\/\/ ((?:src|node_modules|\.\.)\/\S+)$/.exec(line)?.[1] ?? file;
    files.push(file);
  }
  return (line) => files[line];
}

/** A V8 heap snapshot, as far as it is read here: https://v8.dev/docs/heap-snapshots. */
export interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly (readonly string[] | string)[];
    };
  };
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

/** Bytes by kind of thing: objects by constructor, the rest by V8's own word for it. */
export function heapByKind({ snapshot, nodes, strings }: HeapSnapshot): readonly Share[] {
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field));
  const words = types[type ?? 0] as readonly string[];
  const held = new Map<string, number>();
  for (let at = 0; at < nodes.length; at += fields.length) {
    const word = words[nodes[at + (type ?? 0)] ?? 0] ?? 'unknown';
    const text = strings[nodes[at + (name ?? 0)] ?? 0] ?? '';
    const kind = named.has(word) ? `${word} ${text.slice(0, 60)}` : word;
    held.set(kind, (held.get(kind) ?? 0) + (nodes[at + (size ?? 0)] ?? 0));
  }
  return largestFirst(held);
}

const named = new Set(['object', 'array', 'object shape', 'native']);

function largestFirst(amounts: ReadonlyMap<string, number>): readonly Share[] {
  return [...amounts].map(([name, amount]) => ({ name, amount })).sort((a, b) => b.amount - a.amount);
}
