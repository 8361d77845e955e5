/**
 * What `npm run package` runs: makes the npm package of the kubectl plugin. It is what `npm pack` makes here, under the
 * name of the program and without the dependencies, which the bundle has in it.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { program } from './platforms.ts';

const help = `npm run package [-- --output <folder>]

Makes ${program}-<version>.tgz, which npm and npx install without asking for any other package.

  --output   default: dist`;

const { values } = parseArgs({ options: { output: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
if (values.help === true) console.log(help);
else await makePackage(resolve(values.output ?? 'dist'));

async function makePackage(output: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'acr-replication-package-'));
  try {
    await mkdir(output, { recursive: true });
    const whole = await npmPack('.', folder);
    await promisify(execFile)('tar', ['-xzf', whole, '-C', folder]);
    const manifest = join(folder, 'package/package.json');
    const text = JSON.stringify(manifestOf(JSON.parse(await readFile(manifest, 'utf8'))), undefined, 2);
    await writeFile(manifest, `${text}\n`);
    console.log(await npmPack(join(folder, 'package'), output));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is said of the package, and nothing of how it is developed. */
function manifestOf(all: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const kept = ['version', 'description', 'homepage', 'bugs', 'repository', 'license', 'type', 'bin', 'files'];
  return { name: program, ...Object.fromEntries(kept.map((field) => [field, all[field]])), engines: { node: '>=22' } };
}

/** Gives the path of the archive. */
async function npmPack(folder: string, to: string): Promise<string> {
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', to, folder];
  const { stdout } = await promisify(execFile)('npm', args);
  return join(to, stdout.trim());
}
