/** An object as the API server stores it, or as a file has it. */
export type Fields = { readonly [name: string]: unknown };

/** An entry of metadata.managedFields, what is read of it. */
export interface Manager {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1?: Fields;
}

/** How a file comes to be the object: as whoever applied it before will apply it again. */
export type Applying =
  | { readonly kind: 'server-side'; readonly fieldManager: string }
  /** As `kubectl apply` without --server-side: `lastApplied` is what it applied before. */
  | { readonly kind: 'client-side'; readonly lastApplied: Fields };

/** The field manager of what nobody has applied on the server's side yet. */
const ownManager = 'kubectl-acr_replication';
const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Who applies an object is who owns its registry, which no object can be without: only as that manager the API server
 * takes out of the object what is no longer in the file.
 */
export function applyingOf(stored: Fields | undefined): Applying {
  const owners = managersOf(stored)
    .filter(({ fieldsV1, subresource }) => subresource === undefined && 'f:registry' in fieldsOf(fieldsV1?.['f:spec']))
    .sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1));
  const applied = owners.find(({ operation }) => operation === 'Apply');
  if (applied?.manager !== undefined) return { kind: 'server-side', fieldManager: applied.manager };
  if (owners.length === 0) return { kind: 'server-side', fieldManager: ownManager };
  return { kind: 'client-side', lastApplied: lastAppliedOf(stored) ?? {} };
}

/** Who states which fields of an object as the API server stores it. */
export function managersOf(stored: Fields | undefined): readonly Manager[] {
  return (fieldsOf(stored?.['metadata'])['managedFields'] ?? []) as readonly Manager[];
}

/** What `kubectl apply` without --server-side applied last; undefined when it never did. */
export function lastAppliedOf(stored: Fields | undefined): Fields | undefined {
  const text = fieldsOf(fieldsOf(stored?.['metadata'])['annotations'])[lastAppliedAnnotation];
  return text === undefined ? undefined : parsed(text);
}

/** When the operator last wrote the status, by its entry in managedFields; undefined when it never did. */
export function statusWrittenAt(stored: Fields | undefined): string | undefined {
  return managersOf(stored)
    .filter(({ subresource }) => subresource === 'status')
    .flatMap(({ time }) => time ?? [])
    .sort()
    .at(-1);
}

/** The merge patch that `kubectl apply` sends: what the file has, and null for what it had and has no more. */
export function mergePatch(file: Fields, lastApplied: Fields): Fields {
  const dropped = Object.keys(lastApplied).filter((name) => !(name in file));
  const kept = Object.entries(file).map(([name, value]) => {
    const before = lastApplied[name];
    return [name, isFields(value) ? mergePatch(value, isFields(before) ? before : {}) : value] as const;
  });
  return Object.fromEntries([...kept, ...dropped.map((name) => [name, null] as const)]);
}

function parsed(text: unknown): Fields {
  try {
    return fieldsOf(JSON.parse(typeof text === 'string' ? text : '{}'));
  } catch {
    return {};
  }
}

export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
