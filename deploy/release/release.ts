import { execFile } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unreleased, withRelease } from './changelog.ts';
import { withVersion } from './places.ts';
import { compareVersions, isVersion, latest } from './version.ts';

export interface Release {
  /** Folder of the working copy. */
  readonly root: string;
  readonly version: string;
  /** Day of the release, as 2026-11-22. */
  readonly day: string;
  /** Only says what would be done. */
  readonly dryRun: boolean;
  readonly say: (line: string) => void;
  /** Runs a command to its end in `root`, showing what it prints; throws if it fails. */
  readonly run: (command: string, args: readonly string[]) => Promise<void>;
}

/** Why nothing was done: each says what to do. */
export class NotReleasable extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

const crd = 'crds/registryreplications.acr-replication.dev.yaml';
/** The CRD of the last release, which the tests upgrade from. */
const previousCrd = 'test/integration/install/data/previous-crd.yaml';

/**
 * Sets the version wherever it is written, runs all tests, commits and tags. Pushes nothing. Throws NotReleasable before
 * anything is changed, and whatever failed afterwards, having said how to undo what was done.
 */
export async function release({ root, version, day, dryRun, say, run }: Release): Promise<void> {
  const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
  const changelog = await read('CHANGELOG.md');
  const current = (JSON.parse(await read('package.json')) as { readonly version: string }).version;
  const problems = await problemsOf(root, version, current, changelog);
  if (problems.length > 0) throw new NotReleasable(problems);

  const edits = new Map(await withVersion(read, current, version));
  edits.set('CHANGELOG.md', withRelease(changelog, version, day));
  if (dryRun) {
    say(`Would release ${version} (now ${current}): write ${[...edits.keys(), previousCrd].join(', ')},`);
    say(`run npm run generate and npm test, commit, and make the tag v${version}. With these notes:`);
    say(`\n${unreleased(changelog)}`);
    return;
  }
  let undo = 'git restore .';
  try {
    for (const [path, text] of edits) await writeFile(join(root, path), text);
    await run('npm', ['run', '--silent', 'generate']);
    await copyFile(join(root, crd), join(root, previousCrd)); // after generating, which gives it its version
    await run('npm', ['test']);
    undo = 'git reset --hard HEAD';
    await run('git', ['commit', '--all', '--message', `Release ${version}`]);
    undo = 'git reset --hard HEAD~1';
    // Signed where git is set up for it (tag.gpgSign).
    await run('git', ['tag', '--annotate', `v${version}`, '--message', `v${version}`]);
  } catch (error) {
    say(`Not released. Nothing was pushed; to undo what was done: ${undo}`);
    throw error;
  }
  say(`Released ${version} here. To publish it, which starts the release workflow:`);
  say(`  git push --atomic origin main v${version}`);
  say(`To undo it instead: git tag --delete v${version} && git reset --hard HEAD~1`);
}

async function problemsOf(
  root: string,
  version: string,
  current: string,
  changelog: string,
): Promise<readonly string[]> {
  if (!isVersion(version)) return [`${version} is no version: give one like 1.2.0 or 1.2.0-rc.1`];
  const git = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)('git', args, { cwd: root, timeout: 30_000 })).stdout.trim();
  const problems: string[] = [];
  const changed = await git('status', '--porcelain');
  if (changed !== '') problems.push(`There are changes that no commit has: commit them or put them aside.\n${changed}`);
  const branch = await git('branch', '--show-current');
  if (branch !== 'main') problems.push(`This is ${branch || 'no branch'}: releases are made on main, git switch main.`);
  const last = latest((await git('tag', '--list', 'v*')).split('\n').map((tag) => tag.slice(1)));
  if (last !== undefined && compareVersions(version, last) <= 0) {
    problems.push(`${last} is released already: give a greater version than that.`);
  } else if (compareVersions(version, current) < 0) {
    problems.push(`package.json is at ${current} already: give that version or a greater one.`);
  }
  if (unreleased(changelog) === '') {
    problems.push('CHANGELOG.md says nothing under "## Unreleased": write there what changes for users.');
  }
  return problems;
}
