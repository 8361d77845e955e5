/**
 * What `npm run executable` runs: makes of dist/kubectl-acr_replication.cjs one file that needs no Node, for machines like
 * this one, as https://nodejs.org/docs/latest-v24.x/api/single-executable-applications.html says.
 */
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { inject } from 'postject';
import { program } from './platforms.ts';

const help = `npm run executable [-- --output <file>]

Makes a single executable of the kubectl plugin and of the Node that runs this, about 125 MB; macOS gets it signed ad hoc.

  --output   default: dist/${program}`;
const run = promisify(execFile);
const isMac = process.platform === 'darwin';

const { values } = parseArgs({ options: { output: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
if (values.help === true) console.log(help);
else await makeExecutable(values.output ?? `dist/${program}`);

async function makeExecutable(output: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'acr-replication-executable-'));
  try {
    const blob = join(folder, 'blob');
    const config = {
      main: resolve(`dist/${program}.cjs`),
      output: blob,
      disableExperimentalSEAWarning: true,
      useCodeCache: true, // made by the very Node that reads it
    };
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    await run(process.execPath, ['--experimental-sea-config', join(folder, 'config.json')]);
    await mkdir(dirname(output), { recursive: true });
    await copyFile(process.execPath, output);
    await chmod(output, 0o755);
    if (isMac) await run('codesign', ['--remove-signature', output]);
    await inject(output, 'NODE_SEA_BLOB', await readFile(blob), {
      sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2', // where Node looks for the blob
      ...(isMac ? { machoSegmentName: 'NODE_SEA' } : {}),
    });
    if (isMac) await run('codesign', ['--sign', '-', output]); // Apple's processors run nothing without a signature
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
