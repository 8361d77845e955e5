/**
 * What the release workflow runs when there is an executable for each platform: packs each with its licences, and writes
 * the manifest by which Krew installs them.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type Archive, krewManifest, krewName } from './krew.ts';
import { fileOf, nameOf, type Platform, platforms } from './platforms.ts';

const help = `node deploy/release/archives.ts --executables <folder> --output <folder> [--node-license <file>]

Packs the executables, ${platforms.map(nameOf).join(', ')}, each into an archive with the
licences of what is in it, and writes ${krewName}.yaml, the manifest for Krew.

  --node-license   Node's; default: that of the Node that runs this`;

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: { executables: text, output: text, 'node-license': text, help: { type: 'boolean', short: 'h' } },
});
const { executables, output, 'node-license': nodeLicense = join(dirname(process.execPath), '../LICENSE') } = values;
if (values.help === true) console.log(help);
else if (executables === undefined || output === undefined) {
  console.error(help);
  process.exitCode = 1;
} else await pack(executables, resolve(output));

async function pack(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const archives: Archive[] = [];
  for (const platform of platforms) archives.push(await archive(platform, from, to));
  const { version, homepage } = JSON.parse(await readFile('package.json', 'utf8')) as {
    readonly version: string;
    readonly homepage: string;
  };
  const repository = homepage.replace(/#.*/, '');
  await writeFile(join(to, `${krewName}.yaml`), krewManifest({ version, repository, archives }));
}

async function archive(platform: Platform, from: string, to: string): Promise<Archive> {
  const folder = await mkdtemp(join(tmpdir(), 'acr-replication-archive-'));
  try {
    const program = fileOf(platform);
    const contents = [
      [join(from, nameOf(platform)), program],
      ['LICENSE', 'LICENSE'],
      [nodeLicense, 'LICENSE-node.txt'],
      ['dist/THIRD-PARTY-NOTICES.txt', 'THIRD-PARTY-NOTICES.txt'],
    ] as const;
    for (const [file, as] of contents) await copyFile(file, join(folder, as));
    await chmod(join(folder, program), 0o755); // which artifacts of a workflow lose
    const path = join(to, `${nameOf(platform)}.tar.gz`);
    await promisify(execFile)('tar', ['-czf', path, '-C', folder, ...contents.map(([, as]) => as)]);
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    return { platform, sha256 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
