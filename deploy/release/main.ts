/** What `npm run release` runs: makes the commit and the tag of a release, and pushes nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { notesOf } from './changelog.ts';
import { NotReleasable, release } from './release.ts';

const help = `npm run release -- <version> [--dry-run]

Makes a release of what is committed on main: sets the version wherever it is written, makes a release of what CHANGELOG.md
has under "Unreleased", writes the generated files, keeps the CRD for the next release's upgrade test, runs npm test,
commits and makes the tag v<version> (signed, if git's tag.gpgSign says so). Pushes nothing: it prints the command.

  --dry-run  say what would be done
  --notes    print what CHANGELOG.md says about the version in package.json`;

process.exitCode = await main();

async function main(): Promise<number> {
  const flag = { type: 'boolean' } as const;
  const options = { 'dry-run': flag, notes: flag, help: { ...flag, short: 'h' } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help === true) return print(help);
  if (values.notes === true) return notes();
  const [version, ...more] = positionals;
  if (version === undefined || more.length > 0) return fail(help);
  try {
    await release({
      root: process.cwd(),
      version,
      day: new Date().toISOString().slice(0, 10),
      dryRun: values['dry-run'] === true,
      say: (line) => void print(line),
      run,
    });
    return 0;
  } catch (error) {
    if (error instanceof NotReleasable) return fail(error.problems.join('\n'));
    return fail(error instanceof Error ? error.message : String(error));
  }
}

async function notes(): Promise<number> {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { readonly version: string };
  const text = notesOf(await readFile('CHANGELOG.md', 'utf8'), version);
  return text === '' ? fail(`CHANGELOG.md says nothing about ${version}`) : print(text);
}

async function run(command: string, args: readonly string[]): Promise<void> {
  print(`$ ${command} ${args.join(' ')}`);
  const child = spawn(command, args, { stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed (${code ?? child.signalCode})`);
}

function print(text: string): 0 {
  process.stdout.write(`${text}\n`);
  return 0;
}

function fail(text: string): 1 {
  process.stderr.write(`${text}\n`);
  return 1;
}
