import type { Key } from '../../domain/key.ts';
import type { ReplicaRow } from '../../view/replicas.ts';

/** The rows of the objects as they are told, by object. */
export type LiveRows = Map<Key, readonly ReplicaRow[]>;

/** Takes the rows of one object, and says which are new, are other than before, or are gone. */
export function taken(live: LiveRows, key: Key, rows: readonly ReplicaRow[]): readonly ReplicaRow[] {
  const before = new Map((live.get(key) ?? []).map((row) => [row.location, row]));
  const changed = rows.filter((row) => JSON.stringify(row) !== JSON.stringify(before.get(row.location)));
  for (const { location } of rows) before.delete(location);
  if (rows.length === 0) live.delete(key);
  else live.set(key, rows);
  return [...changed, ...[...before.values()].map(goneOf)];
}

function goneOf(row: ReplicaRow): ReplicaRow {
  const { namespace, object, registry, name, location, wanted, routing, managed } = row;
  const state = { standing: 'missing', provisioningState: 'gone', status: '', message: '' } as const;
  return { namespace, object, registry, name, location, wanted, routing, managed, ...state };
}

/** All rows, by namespace, object and region. */
export function allRows(live: LiveRows): readonly ReplicaRow[] {
  return [...live.keys()].sort().flatMap((key) => live.get(key) ?? []);
}

/** The rows that fit, those first that are not ready when not all do; and how many are left out. */
export function fitting(
  rows: readonly ReplicaRow[],
  room: number,
): readonly [shown: readonly ReplicaRow[], rest: number] {
  if (rows.length <= room) return [rows, 0];
  const open = rows.filter(({ standing }) => standing !== 'ready');
  const shown = [...open, ...rows.filter(({ standing }) => standing === 'ready')].slice(0, Math.max(room - 1, 1));
  return [shown, rows.length - shown.length];
}
