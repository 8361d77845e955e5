import { readFileSync } from 'node:fs';
import type { Metafile } from 'esbuild';
import { bundledBytes, metafileOf, pageScript } from '../../deploy/release/bundled.ts';

/** What lock file and bundler say of each package: what it is, and what it brings along. */
interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly os?: readonly string[];
}

export interface Dependency {
  readonly name: string;
  readonly kind: 'runtime' | 'development';
  readonly license: string;
  /** Packages it needs beside itself, for all platforms. */
  readonly brings: number;
  /** Names of the packages, itself included, that run something when they are installed. */
  readonly installScripts: readonly string[];
  /** Whether one of the packages holds a compiled program, which is made for one kind of machine. */
  readonly isNative: boolean;
  /** Bytes of dist/main.js, and of the page that is in it, that the package and all that it needs take; what two packages need counts for both. */
  readonly bundledBytes: number;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Readonly<
  Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>
>;

/** Direct dependencies, sorted by kind and name. */
export function directDependencies(): readonly Dependency[] {
  const bundled = new Map([...bundledPackages('dist/main.js'), ...bundledPackages(pageScript)]);
  const of = (kind: Dependency['kind'], names: readonly string[]): readonly Dependency[] =>
    names.toSorted().map((name) => {
      const all = withAllItNeeds(`node_modules/${name}`);
      return {
        name,
        kind,
        license: licenseOf(`node_modules/${name}`),
        brings: all.size - 1,
        installScripts: [...all].filter((path) => lock.packages[path]?.hasInstallScript).map(nameOf),
        isNative: [...all].some((path) => lock.packages[path]?.os !== undefined),
        bundledBytes: [...all].reduce((sum, path) => sum + (bundled.get(path) ?? 0), 0),
      };
    });
  return [
    ...of('runtime', Object.keys(manifest.dependencies)),
    ...of('development', Object.keys(manifest.devDependencies)),
  ];
}

/** Bytes of a bundle by the package's folder, as the build left them. */
export function bundledPackages(outfile: string): ReadonlyMap<string, number> {
  return bundledBytes(JSON.parse(readFileSync(metafileOf(outfile), 'utf8')) as Metafile, outfile);
}

/** The licence as the package's own package.json names it, in SPDX. */
export function licenseOf(path: string): string {
  const { license } = JSON.parse(readFileSync(`${path}/package.json`, 'utf8')) as { readonly license?: unknown };
  return typeof license === 'string' ? license : 'none stated';
}

function withAllItNeeds(root: string): ReadonlySet<string> {
  const all = new Set([root]);
  for (const path of all) {
    const entry = lock.packages[path];
    if (entry === undefined) throw new Error(`${path} is not in the lock file`);
    const peers = Object.keys(entry.peerDependencies ?? {}).filter(
      (name) => !entry.peerDependenciesMeta?.[name]?.optional,
    );
    for (const name of [...Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }), ...peers]) {
      const found = resolved(path, name);
      if (found !== undefined) all.add(found);
    }
  }
  return all;
}

/** The folder where Node would find the package: it looks from the asking package's own folder upwards. */
function resolved(from: string, name: string): string | undefined {
  for (let base = from; ; base = base.slice(0, Math.max(base.lastIndexOf('/node_modules/'), 0))) {
    const path = `${base === '' ? '' : `${base}/`}node_modules/${name}`;
    if (lock.packages[path] !== undefined) return path;
    if (base === '') return undefined;
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
