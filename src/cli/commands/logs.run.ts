import { KubeError } from '../../kube/http/error.ts';
import { type Call, Problem } from '../command.ts';
import { optionMs } from '../duration.ts';
import { isWanted, type LogLine, lineIn, sentence, timeOf, type Wanted } from '../logs/line.ts';
import { type OperatorPart, operatorParts } from '../operator.ts';
import { told } from '../output/told.ts';

/** Something to print: a line, or a text that is none. */
interface Entry {
  readonly text: string;
  readonly line: LogLine | undefined;
  /** When it was said, in milliseconds; of a text that is no line, when the line before it was. */
  readonly timeMs: number;
}

export async function run(call: Call): Promise<number> {
  const { args, text, flag, cluster, terminal, signal } = call;
  const since = text('since');
  const opened = cluster();
  const wanted: Wanted = {
    object: args[0] === undefined ? undefined : `${opened.namespace}/${args[0]}`,
    region: text('region'),
    correlationId: text('id'),
  };
  const isAll = Object.values(wanted).every((value) => value === undefined);
  const query = {
    container: 'operator',
    ...(flag('follow') ? { follow: 'true' } : {}),
    ...(since === undefined ? {} : { sinceSeconds: String(Math.ceil(optionMs(since, '--since') / 1_000)) }),
  };
  const pods = await operatorParts(opened, 'pods', text('operator-namespace'), signal);
  if (pods.length === 0) throw new Problem('there is no pod of the operator', noPod);

  async function* entriesOf({ metadata: { namespace, name } }: OperatorPart): AsyncIterable<Entry> {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/log`;
    let timeMs = 0;
    try {
      for await (const one of await opened.client.text({ path, query }, signal)) {
        const line = lineIn(one);
        if (line !== undefined) timeMs = Date.parse(line.timestamp);
        if (line === undefined ? isAll : isWanted(line, wanted)) yield { text: one, line, timeMs };
      }
    } catch (error) {
      // A pod that does not run yet, or no more, has no log; the others have.
      if (!(error instanceof KubeError) || ![400, 404].includes(error.status)) throw error;
      terminal.err(told(terminal, `pod ${namespace}/${name} has no log: ${error.message}`, 'warning:'));
    }
  }

  const print = (entry: Entry): void => terminal.out(`${printed(call, entry, wanted)}\n`);
  if (flag('follow')) {
    await Promise.all(
      pods.map(async (pod) => {
        for await (const entry of entriesOf(pod)) print(entry);
      }),
    );
    return 0;
  }
  const entries: Entry[] = [];
  await Promise.all(
    pods.map(async (pod) => {
      for await (const entry of entriesOf(pod)) entries.push(entry);
    }),
  );
  entries.sort((a, b) => a.timeMs - b.timeMs);
  for (const entry of entries) print(entry);
  if (entries.length === 0) terminal.err('the operator has said nothing about that\n');
  return 0;
}

const noPod = 'kubectl get deployments -A -l app.kubernetes.io/name=acr-replication-operator';

function printed({ text, terminal, now }: Call, entry: Entry, wanted: Wanted): string {
  const { line } = entry;
  if (text('output') === 'json' || line === undefined) return entry.text;
  const said = sentence(line, wanted.object !== undefined);
  const colour = line.level === 'error' ? 'bad' : line.level === 'warn' ? 'busy' : undefined;
  return `${terminal.paint('faint', timeOf(line, now()))} ${colour === undefined ? said : terminal.paint(colour, said)}`;
}
