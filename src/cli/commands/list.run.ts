import { group, plural } from '../../api/registryreplication.ts';
import { type Call, misused, Problem } from '../command.ts';
import { documentOf } from '../output/data.ts';
import { replicaColumns } from '../output/replica-table.ts';
import { table } from '../output/table.ts';
import { type ReplicaRow, rowsOf } from '../replicas.ts';

export async function run(call: Call): Promise<number> {
  const { terminal, text, flag } = call;
  const rows = await rowsIn(call);
  const format = text('output') ?? 'table';
  if (format === 'json' || format === 'yaml') {
    terminal.out(documentOf(format, { apiVersion: `cli.${group}/v1`, kind: 'ReplicaList', items: rows }));
    return 0;
  }
  if (rows.length === 0) {
    const where = flag('all-namespaces') ? 'any namespace' : `namespace ${call.cluster().namespace}`;
    terminal.err(`There is no RegistryReplication in ${where}${selected(text('selector'))}.\n`);
    return 0;
  }
  if (format === 'name') {
    terminal.out(namesOf(rows).join(''));
    return 0;
  }
  const isWide = format === 'wide';
  const columns = replicaColumns({ ...call, paint: terminal.paint, withNamespace: flag('all-namespaces'), isWide });
  terminal.out(table(columns, rows, isWide ? undefined : terminal.columns()));
  return 0;
}

function selected(selector: string | undefined): string {
  return selector === undefined ? '' : ` with labels ${selector}`;
}

/** The rows of all objects; of the objects themselves nothing is kept, because there may be ten thousand. */
async function rowsIn({ text, flag, cluster, signal }: Call): Promise<readonly ReplicaRow[]> {
  const { namespace, objects } = cluster();
  const listing = {
    namespace: flag('all-namespaces') ? undefined : namespace,
    selector: text('selector'),
    chunk: chunkIn(text('chunk-size')),
  };
  const rows: ReplicaRow[] = [];
  for await (const page of objects(listing, signal)) rows.push(...page.flatMap(rowsOf));
  return rows;
}

function chunkIn(text = '500'): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Problem(`--chunk-size is ${text}, and can be a whole number from 1`, '--chunk-size 500', misused);
}

/** A line per object, as `kubectl get -o name` prints it. */
function namesOf(rows: readonly ReplicaRow[]): readonly string[] {
  const names = new Map(rows.map(({ namespace, object }) => [`${namespace}/${object}`, object]));
  return [...names.values()].map((name) => `${plural.slice(0, -1)}.${group}/${name}\n`);
}
