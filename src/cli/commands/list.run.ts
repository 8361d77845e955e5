import type { RegistryReplication, ReplicaStatus } from '../../api/registryreplication.ts';
import { type Call, Problem } from '../command.ts';
import { age } from '../output/age.ts';
import { type Column, table } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';

/** A replica, and the object that looks after it. */
interface Row {
  readonly object: RegistryReplication;
  readonly replica: ReplicaStatus;
}

export async function run(call: Call): Promise<number> {
  const { terminal, text, flag, cluster, signal } = call;
  const { namespace, objects } = cluster();
  const listing = {
    namespace: flag('all-namespaces') ? undefined : namespace,
    selector: text('selector'),
    chunk: Number(text('chunk-size') ?? 500),
  };
  const rows: Row[] = [];
  let count = 0;
  for await (const page of objects(listing, signal)) {
    count += page.length;
    rows.push(...page.flatMap((object) => (object.status?.replicas ?? []).map((replica) => ({ object, replica }))));
  }
  if (count === 0) {
    const where = listing.namespace === undefined ? 'any namespace' : `namespace ${listing.namespace}`;
    throw new Problem(
      `there is no RegistryReplication in ${where}`,
      'kubectl acr-replication list --all-namespaces',
      0,
    );
  }
  terminal.out(table(columns(call), rows, terminal.columns()));
  return 0;
}

function columns({ now, terminal, flag }: Call): readonly Column<Row>[] {
  return [
    ...(flag('all-namespaces')
      ? [{ title: 'NAMESPACE', cell: ({ object }: Row) => object.metadata.namespace, drop: 1 }]
      : []),
    { title: 'REGISTRY', cell: ({ object }) => object.spec.registry.name },
    { title: 'NAME', cell: ({ replica }) => replica.name ?? '' },
    { title: 'LOCATION', cell: ({ replica }) => replica.location },
    {
      title: 'PROVISIONING STATE',
      cell: ({ replica }) => replica.provisioningState ?? 'missing',
      paint: painted(terminal),
    },
    { title: 'STATUS', cell: ({ replica }) => replica.status ?? '' },
    { title: 'ROUTING', cell: ({ replica }) => replica.routing ?? '', drop: 2 },
    { title: 'SINCE', cell: ({ replica }) => age(replica.since, now()), drop: 3 },
    { title: 'MANAGED', cell: ({ replica }) => replica.managed ?? '', drop: 4 },
  ];
}

function painted({ paint }: Terminal) {
  return ({ replica: { provisioningState, status } }: Row, text: string): string => {
    if (provisioningState === 'Failed' || provisioningState === 'Canceled') return paint('bad', text);
    if (provisioningState !== 'Succeeded' || status === 'Syncing') return paint('busy', text);
    return paint('good', text);
  };
}
