import type { ReplicaRow } from '../../view/replicas.ts';
import { age } from './age.ts';
import { colours } from './marks.ts';
import type { Column } from './table.ts';
import type { Paint } from './terminal.ts';

export interface ReplicaTableOptions {
  readonly paint: Paint;
  readonly now: () => Date;
  readonly withNamespace: boolean;
  readonly isWide: boolean;
}

/** First what the Azure CLI prints of a replica, in its order; then what it does not know. */
export function replicaColumns({
  paint,
  now,
  withNamespace,
  isWide,
}: ReplicaTableOptions): readonly Column<ReplicaRow>[] {
  const namespace: Column<ReplicaRow> = { title: 'NAMESPACE', cell: (row) => row.namespace, drop: 1 };
  const painted = ({ standing }: ReplicaRow, text: string) => paint(colours[standing], text);
  const wide: readonly Column<ReplicaRow>[] = [
    { title: 'OBJECT', cell: (row) => row.object },
    { title: 'WANTED', cell: ({ wanted }) => (wanted ? 'yes' : 'no') },
    { title: 'ATTEMPTS', cell: ({ attempts = 0 }) => String(attempts) },
    { title: 'ENDPOINT', cell: ({ endpoint = '' }) => endpoint },
    { title: 'MESSAGE', cell: ({ message }) => message },
  ];
  return [
    ...(withNamespace ? [namespace] : []),
    { title: 'REGISTRY', cell: (row) => row.registry },
    { title: 'NAME', cell: (row) => row.name, isSpare: ({ name, location }) => name === location },
    { title: 'LOCATION', cell: (row) => row.location },
    { title: 'PROVISIONING STATE', cell: (row) => row.provisioningState, paint: painted },
    { title: 'STATUS', cell: ({ status }) => status },
    { title: 'ROUTING', cell: ({ routing, drained }) => (drained ? 'drained' : routing), drop: 2 },
    { title: 'SINCE', cell: ({ since }) => age(since, now()), drop: 3 },
    { title: 'MANAGED', cell: ({ managed }) => managed, drop: 4 },
    ...(isWide ? wide : []),
  ];
}
