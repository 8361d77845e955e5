import type { Replication } from './arm-client.ts';

/** The API server's answer when a table is asked for, as kubectl does (meta.k8s.io/v1). */
export interface Table<T> {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly (string | number | boolean | null)[]; readonly object: T }[];
}

/** The columns and cells that `kubectl get` prints without -o wide. */
export function kubectlCells({ columnDefinitions, rows }: Table<unknown>): readonly (readonly string[])[] {
  const plain = columnDefinitions.map(({ priority }) => priority === 0);
  const pick = <C>(cells: readonly C[]): readonly C[] => cells.filter((_, column) => plain[column]);
  return [
    pick(columnDefinitions).map(({ name }) => name.toUpperCase()),
    ...rows.map(({ cells }) => pick(cells).map((cell) => String(cell ?? ''))),
  ];
}

/** Lines aligned as kubectl does it: three spaces between columns. */
export function kubectlLines(cells: readonly (readonly string[])[]): readonly string[] {
  return aligned(cells, 3);
}

/**
 * Lines as `az acr replication list --output table` prints them: an empty value is a space, a column at least two wider
 * than its header.
 */
export function azLines(replicas: readonly Replication[]): readonly string[] {
  const header = ['NAME', 'LOCATION', 'PROVISIONING STATE', 'STATUS'];
  const rows = replicas.map(({ name, location, properties: { provisioningState, status } }) => [
    name,
    location,
    provisioningState,
    status?.displayStatus ?? ' ',
  ]);
  const dashes = header.map((title, column) =>
    '-'.repeat(Math.max(title.length + 2, ...rows.map((row) => row[column]?.length ?? 0))),
  );
  return aligned([header, dashes, ...rows], 2);
}

function aligned(rows: readonly (readonly string[])[], gap: number): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd((widths[column] ?? 0) + gap))
      .join('')
      .trimEnd(),
  );
}
