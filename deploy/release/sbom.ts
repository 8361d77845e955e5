/**
 * What `npm run sbom` runs: prints a CycloneDX document of what is in the two bundles, and of nothing else: npm's own,
 * less the packages that they have no part of. Asks nobody; the lock file says versions and hashes.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs, promisify } from 'node:util';
import { bundles, packagesOfBundles } from './bundled.ts';

interface Component {
  readonly 'bom-ref': string;
  readonly [field: string]: unknown;
}
interface Bom {
  readonly metadata: { readonly component: Component; readonly [field: string]: unknown };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly [field: string]: unknown;
}

const help = `npm run sbom [-- --output <file>]

Prints what ${bundles.join(' and ')} are made of as CycloneDX (JSON): packages, versions, licences, hashes of their archives, and who
needs whom. Builds them first; asks no registry.`;

const { values } = parseArgs({ options: { output: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
if (values.help === true) console.log(help);
else {
  const text = `${JSON.stringify(await sbom(), undefined, 2)}\n`;
  if (values.output === undefined) process.stdout.write(text);
  else await writeFile(values.output, text);
}

async function sbom(): Promise<Bom> {
  const bundled = new Set((await packagesOfBundles()).map(({ name, version }) => `${name}@${version}`));
  const { name } = JSON.parse(await readFile('package.json', 'utf8')) as { readonly name: string };
  const all = await ofLockFile();
  const { component } = all.metadata;
  const components = all.components.filter((one) => bundled.has(one['bom-ref']));
  const missing = [...bundled].filter((ref) => components.every((one) => one['bom-ref'] !== ref));
  if (missing.length > 0) throw new Error(`in the bundle, but not among the lock file's: ${missing.join(', ')}`);
  const kept = new Set([component['bom-ref'], ...bundled]);
  return {
    ...all,
    metadata: {
      ...all.metadata,
      lifecycles: [{ phase: 'build' }],
      component: { ...component, name, components: await Promise.all(bundles.map(file)) },
    },
    components,
    dependencies: all.dependencies
      .filter(({ ref }) => kept.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((needed) => kept.has(needed)) })),
  };
}

/** Everything, tools included: with --omit=dev npm 11 leaves out what a tool needs in another version, as js-yaml. */
async function ofLockFile(): Promise<Bom> {
  const args = ['sbom', '--offline', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
  const { stdout } = await promisify(execFile)('npm', args, { maxBuffer: 64 << 20, timeout: 60_000 });
  return JSON.parse(stdout) as Bom;
}

async function file(path: string): Promise<Component> {
  const content = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  return { 'bom-ref': path, type: 'file', name: path, hashes: [{ alg: 'SHA-256', content }] };
}
