import './node-version.ts';
import { createInterface } from 'node:readline';
import { nearest } from '../domain/nearest.ts';
import { KubeError } from '../kube/http/error.ts';
import { systemClock } from '../time/clock.ts';
import { commands } from './catalog.ts';
import { contextsIn, openCluster } from './cluster.ts';
import { type Command, misused, Problem } from './command.ts';
import { helpOf, overview, program } from './help.ts';
import { kubeProblem } from './kube-words.ts';
import { isUnicodeLocale, painter, type Terminal } from './output/terminal.ts';
import { cured, told } from './output/told.ts';
import { parse, split } from './parse.ts';
import { here, typedLine } from './typed.ts';

/** Exit codes of a person, or a program, that stops this one: 128 and the number of the signal. */
const stopped = { SIGINT: 130, SIGTERM: 143 } as const;

/** Exit codes: 0 well, 1 not (or `plan --exit-code`: something would change), 2 a command line that cannot be understood. */
// A pipe takes what was written only bit by bit: whatever is left of it would be lost with the process.
void main(process.argv.slice(2)) // a single executable has no await here
  .then((code) => process.stdout.write('', () => process.stderr.write('', () => setImmediate(exit, code))));

/**
 * Lets the process end by itself: process.exit, called while V8 compiles beside it, waits for ever in one of some hundred
 * runs (Node 24.21). Whatever still holds the process after a second is not waited for.
 */
function exit(code: number): void {
  process.exitCode ??= code;
  setTimeout(() => process.exit(), 1_000).unref();
}

async function main(words: readonly string[]): Promise<number> {
  const stop = new AbortController();
  let endedBy: number | undefined;
  const end = (code: number): void => {
    endedBy ??= code;
    stop.abort();
  };
  process.once('SIGINT', () => end(stopped.SIGINT));
  process.once('SIGTERM', () => end(stopped.SIGTERM));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Nobody reads on, as behind `| head`: no failure, and a command that has come to its end keeps its exit code.
    if (error.code === 'EPIPE') return end(0);
    process.stderr.write(`error: the output cannot be written: ${error.message}\n`);
    process.exitCode = 1;
    end(1);
  });
  process.stderr.on('error', () => undefined); // progress that nobody reads
  const terminal = terminalOf(process, () => end(stopped.SIGINT));
  try {
    return await runCommand(words, terminal, stop.signal);
  } catch (error) {
    if (endedBy !== undefined) return endedBy;
    const problem = problemOf(error);
    if (problem === undefined) {
      terminal.err(`${mistakeOf(error)}\n`);
      return 1;
    }
    terminal.err(told(terminal, problem.message, 'error:'));
    if (problem.cure !== undefined) terminal.err(cured(terminal, problem.cure));
    return problem.exitCode;
  }
}

function problemOf(error: unknown): Problem | undefined {
  if (error instanceof KubeError) return kubeProblem(error);
  return error instanceof Problem ? error : undefined;
}

async function runCommand(words: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { name, rest } = split(words);
  if (name === undefined || /^(help|--help|-h)$/.test(name)) {
    const [asked] = rest.filter((word) => !word.startsWith('-'));
    const columns = terminal.columns();
    terminal.out(asked === undefined ? overview(commands, columns) : helpOf(commandNamed(asked), columns));
    return 0;
  }
  if (name === '__complete') {
    terminal.out(await completed(rest, signal));
    return 0;
  }
  const command = commandNamed(name === '--version' ? 'version' : name);
  const isHelp = rest.some((word, i) => /^(--help|-h)$/.test(word) && !rest.slice(0, i).includes('--'));
  if (isHelp) {
    terminal.out(helpOf(command, terminal.columns()));
    return 0;
  }
  const parsed = parse(command, rest);
  const { run } = await command.load();
  const { env } = process;
  let cluster: ReturnType<typeof openCluster> | undefined;
  const open = () =>
    (cluster ??= openCluster({
      context: parsed.text('context'),
      kubeconfig: parsed.text('kubeconfig'),
      namespace: parsed.text('namespace'),
      as: parsed.text('as'),
      groups: parsed.texts('as-group'),
      env,
    }));
  const placed = (line: string) => here(line, parsed);
  const call = { ...parsed, typed: typedLine(words), here: placed, terminal, env, signal, cluster: open, now };
  try {
    return await run(call);
  } catch (error) {
    const { message, cure, exitCode } = problemOf(error) ?? {};
    if (signal.aborted || message === undefined || cure === undefined) throw error;
    throw new Problem(message, placed(cure), exitCode);
  }
}

const now = (): Date => systemClock.now();

/** What completes the last word. A person who presses Tab waits at most 900 ms from the start of the process. */
async function completed(words: readonly string[], signal: AbortSignal): Promise<string> {
  const [{ complete }, { liveOf }] = await Promise.all([
    import('./completion/complete.ts'),
    import('./completion/live.ts'),
  ]);
  const leftMs = Math.max(900 - Math.round(process.uptime() * 1_000), 100);
  const soon = AbortSignal.any([signal, AbortSignal.timeout(leftMs)]);
  const live = liveOf({ contexts: contextsIn, open: openCluster, env: process.env, signal: soon });
  return await complete(commands, words, live);
}

function commandNamed(name: string): Command {
  const command = commands.find((one) => one.name === name);
  if (command !== undefined) return command;
  const near = nearest(
    name,
    commands.map((one) => one.name),
  );
  const meant = near === undefined ? '' : `; did you mean ${near}?`;
  throw new Problem(`there is no command ${name}${meant}`, `${program} --help`, misused);
}

/** What an error says that nobody can mend but who writes the plugin. Node would show a line of 900 KB with it. */
function mistakeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `error: the plugin made a mistake: ${stack}\ntry: report these lines at ${issues}`;
}

const issues = 'https://github.com/acr-replication-operator/acr-replication-operator/issues';

function terminalOf({ stdin, stdout, stderr, env, platform }: NodeJS.Process, interrupted: () => void): Terminal {
  const isTerminal = stdout.isTTY;
  const isColoured = isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    ask: stdin.isTTY && stderr.isTTY ? (question) => ask(question, interrupted) : undefined,
    isTerminal,
    columns: () => (isTerminal ? stdout.columns : undefined),
    rows: () => (isTerminal ? stdout.rows : undefined),
    paint: painter(isColoured),
    isUnicode: isUnicodeLocale(env, platform),
  };
}

/**
 * Empty when the person ends the input, by Ctrl-D. While a line is read Ctrl-C is a key and no signal: it is passed on, and
 * the answer never comes.
 */
function ask(question: string, interrupted: () => void): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((answer, fail) => {
    const finish = (done: () => void): void => {
      done();
      reader.close();
    };
    reader.on('SIGINT', () => {
      interrupted();
      finish(() => fail(new Error('interrupted')));
    });
    const unanswered = (): void => {
      process.stderr.write('\n'); // the cursor is behind the question
      answer('');
    };
    reader.once('close', unanswered);
    reader.question(question, (text) => {
      reader.off('close', unanswered);
      finish(() => answer(text));
    });
  });
}
