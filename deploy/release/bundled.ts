import { readFile } from 'node:fs/promises';
import type { Metafile } from 'esbuild';

/** A package of which something is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX, as its package.json says; 'none stated' otherwise. */
  readonly license: string;
  /** Where it is installed, from the repository's top. */
  readonly folder: string;
  /** Its author as package.json names one. */
  readonly author: string | undefined;
  /** Where its source is, as package.json says. */
  readonly repository: string | undefined;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
  readonly author?: string | { readonly name?: string };
  readonly repository?: string | { readonly url?: string };
}

/** The files that reach users. */
export const bundles = ['dist/main.js', 'dist/kubectl-acr_replication.mjs'] as const;
/** The emulated Azure: for trying and for tests, so the SBOM of the operator's image leaves it out. */
export const emulatorBundle = 'dist/acr-emulator.mjs';
/** The script of the map's page, which is inside both, and no file. */
export const pageScript = 'dist/map-page.js';

/** Where the build says what is in a bundle, for the review of dependencies. */
export const metafileOf = (outfile: string): string => `${outfile}.meta.json`;

/** Bytes in `outfile` by the package's folder; packages of which nothing is left are not there. */
export function bundledBytes({ outputs }: Pick<Metafile, 'outputs'>, outfile: string): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(outputs[outfile]?.inputs ?? {})) {
    const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
    if (folder !== undefined && bytesInOutput > 0) bytes.set(folder, (bytes.get(folder) ?? 0) + bytesInOutput);
  }
  return bytes;
}

/** Sorted by name, then version; each once, in whatever folders it is. */
export async function bundledPackages(
  metafile: Pick<Metafile, 'outputs'>,
  outfile: string,
): Promise<readonly BundledPackage[]> {
  const packages = await Promise.all([...bundledBytes(metafile, outfile).keys()].map(read));
  return mergedPackages([packages]);
}

/** The same for several together, as the build left them. Default: what is in the operator's image. */
export async function packagesOfBundles(
  outfiles: readonly string[] = [...bundles, pageScript],
): Promise<readonly BundledPackage[]> {
  const each = outfiles.map(async (outfile) => {
    const metafile = JSON.parse(await readFile(metafileOf(outfile), 'utf8')) as Metafile;
    return bundledPackages(metafile, outfile);
  });
  return mergedPackages(await Promise.all(each));
}

/** Each package once, sorted as above. */
export function mergedPackages(lists: readonly (readonly BundledPackage[])[]): readonly BundledPackage[] {
  const byId = new Map(lists.flat().map((found) => [idOf(found), found]));
  return [...byId.values()].toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}

async function read(folder: string): Promise<BundledPackage> {
  const { name, version, license, author, repository } = JSON.parse(
    await readFile(`${folder}/package.json`, 'utf8'),
  ) as Manifest;
  return {
    name,
    version,
    license: typeof license === 'string' ? license : 'none stated',
    folder,
    author: typeof author === 'string' ? author : author?.name,
    repository: (typeof repository === 'string' ? repository : repository?.url)?.replace(/^git\+|\.git$/g, ''),
  };
}

const idOf = ({ name, version }: BundledPackage): string => `${name}@${version}`;
