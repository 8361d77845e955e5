import { setFlagsFromString } from 'node:v8';
import { group, plural } from '../../api/registryreplication.ts';
import { type ReplicaRow, rowsOf } from '../../view/replicas.ts';
import { type Call, misused, Problem } from '../command.ts';
import { program } from '../help.ts';
import { listDocument } from '../output/data.ts';
import { replicaColumns } from '../output/replica-table.ts';
import { table } from '../output/table.ts';
import { cured } from '../output/told.ts';

export async function run(call: Call): Promise<number> {
  setFlagsFromString('--optimize-for-size'); // 10,000 objects: 110 to 125 MB instead of 153 to 184
  const { terminal, text, flag, cluster } = call;
  const format = text('output') ?? 'table';
  const isWide = format === 'wide';
  const withNamespace = flag('all-namespaces');
  const namespace = withNamespace ? undefined : cluster().namespace;
  const columns = replicaColumns({ ...call, paint: terminal.paint, withNamespace, isWide });
  const none = noneIn(namespace, text('selector'));
  const drawn = flag('map') ? await mapOn(call, format) : undefined;
  if (flag('watch')) {
    if (format !== 'table' && format !== 'wide' && format !== 'json') {
      throw new Problem(`--watch cannot print ${format}`, '-o json, for a line per change', misused);
    }
    const { liveList } = await import('../live/list.ts');
    return await liveList(call, { columns, namespace, format, none, drawn });
  }
  const pages = pagesIn(call, namespace);
  if (format === 'json' || format === 'yaml') {
    const head = { apiVersion: `cli.${group}/v1`, kind: 'ReplicaList' };
    for await (const piece of listDocument(format, head, pages)) terminal.out(piece);
    return 0;
  }
  const rows: ReplicaRow[] = [];
  for await (const page of pages) rows.push(...page);
  if (rows.length === 0) {
    terminal.err(none);
    const elsewhere = withNamespace ? `${program} import --help` : call.here(`${program} list --all-namespaces`);
    terminal.err(cured(terminal, elsewhere));
  } else if (drawn !== undefined) {
    terminal.out(drawn(rows, terminal.rows?.()));
  } else {
    const width = isWide ? undefined : terminal.columns();
    terminal.out(format === 'name' ? namesOf(rows).join('') : table(columns, rows, width));
  }
  return 0;
}

/** What draws the world. */
async function mapOn({ terminal, flag }: Call, format: string) {
  if (format !== 'table')
    throw new Problem(`--map cannot be printed as ${format}`, 'leave one of the two out', misused);
  if (flag('watch') && !terminal.isTerminal) {
    throw new Problem('--map with --watch needs a terminal to draw on', 'leave one of the two out', misused);
  }
  const { mapText } = await import('../world/map.ts');
  const { paint, isUnicode, columns } = terminal;
  return (rows: readonly ReplicaRow[], lines: number | undefined): string =>
    mapText(rows, { paint, isUnicode, width: columns() ?? 80, lines });
}

function noneIn(namespace: string | undefined, selector: string | undefined): string {
  const where = namespace === undefined ? 'any namespace' : `namespace ${namespace}`;
  return `There is no RegistryReplication in ${where}${selector === undefined ? '' : ` with labels ${selector}`}.\n`;
}

/** The rows of all objects, page by page; of the objects themselves nothing is kept, because there may be ten thousand. */
async function* pagesIn(
  { text, cluster, signal }: Call,
  namespace: string | undefined,
): AsyncIterable<readonly ReplicaRow[]> {
  const listing = { namespace, selector: text('selector'), chunk: chunkIn(text('chunk-size')) };
  for await (const page of cluster().objects(listing, signal)) yield page.flatMap(rowsOf);
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
