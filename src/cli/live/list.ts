import type { RegistryReplication } from '../../api/registryreplication.ts';
import { collectionPath } from '../../kube/store.ts';
import type { ReplicaRow } from '../../view/replicas.ts';
import { rowsOf } from '../../view/replicas.ts';
import type { Call } from '../command.ts';
import { follow } from '../follow.ts';
import { openScreen } from '../output/screen.ts';
import { type Column, table } from '../output/table.ts';
import { allRows, fitting, type LiveRows, taken } from './rows.ts';

export interface LiveList {
  readonly columns: readonly Column<ReplicaRow>[];
  readonly namespace: string | undefined;
  readonly format: 'table' | 'wide' | 'json';
  /** Draws the rows in so many lines, in place of the table. */
  readonly drawn?: ((rows: readonly ReplicaRow[], lines: number) => string) | undefined;
  /** What is said while there is nothing. */
  readonly none: string;
}

/** Shows the rows as they change until Ctrl-C: over each other on a terminal, else a line for each change. */
export function liveList(call: Call, list: LiveList): Promise<never> {
  return call.terminal.isTerminal && list.format !== 'json' ? onScreen(call, list) : inLines(call, list);
}

async function onScreen(call: Call, list: LiveList): Promise<never> {
  const { terminal } = call;
  const { none, namespace, drawn } = list;
  const live: LiveRows = new Map();
  let trouble: string | undefined;
  let isSynced = false;
  const picture = (lines: number): string => {
    if (!isSynced) return '';
    const rows = allRows(live);
    const room = lines - (trouble === undefined ? 0 : 1);
    const text = rows.length === 0 ? none : (drawn?.(rows, room) ?? tableIn(room, rows, call, list));
    return `${trouble === undefined ? '' : `${terminal.paint('bad', trouble)}\n`}${text}`;
  };
  using screen = openScreen(terminal, picture);
  return await followRows(call, namespace, {
    onRows: (key, rows) => {
      taken(live, key, rows);
      screen.changed();
    },
    onSynced() {
      isSynced = true;
      screen.changed();
    },
    onTrouble(why) {
      trouble = why;
      screen.changed();
    },
  });
}

function tableIn(
  lines: number,
  rows: readonly ReplicaRow[],
  { terminal }: Call,
  { columns, format }: LiveList,
): string {
  const [shown, rest] = fitting(rows, lines - 1);
  const text = table(columns, shown, format === 'wide' ? undefined : terminal.columns());
  return `${text}${rest === 0 ? '' : `... ${rest} more\n`}`;
}

async function inLines(call: Call, { columns, format, none, namespace }: LiveList): Promise<never> {
  const { out, err } = call.terminal;
  const live: LiveRows = new Map();
  let first: readonly ReplicaRow[] | undefined;
  const lineOf = (row: ReplicaRow): string => {
    if (format === 'json') return `${JSON.stringify(row)}\n`;
    return `${table(columns, [...(first ?? []), row])
      .split('\n')
      .at(-2)}\n`;
  };
  return await followRows(call, namespace, {
    onRows(key, rows) {
      const changed = taken(live, key, rows);
      if (first !== undefined) out(changed.map(lineOf).join(''));
    },
    onSynced() {
      first = allRows(live);
      if (first.length === 0) err(none);
      if (format === 'json')
        for (const row of first) out(lineOf(row)); // together they would take as much memory as all else
      else out(table(columns, first));
    },
    onTrouble(why) {
      if (why !== undefined) err(`${why}\n`);
    },
  });
}

interface Told {
  readonly onRows: (key: Parameters<typeof taken>[1], rows: readonly ReplicaRow[]) => void;
  readonly onSynced: () => void;
  readonly onTrouble: (why: string | undefined) => void;
}

function followRows({ cluster, text, signal }: Call, namespace: string | undefined, told: Told): Promise<never> {
  const collection = { path: collectionPath(namespace), labelSelector: text('selector') };
  return follow<RegistryReplication>(
    cluster(),
    {
      ...collection,
      ...told,
      onChange: (key, object) => told.onRows(key, object === undefined ? [] : rowsOf(object)),
    },
    signal,
  );
}
