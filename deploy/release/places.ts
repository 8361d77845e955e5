/** Where the version is written by hand; what `npm run generate` writes it into is not here. */
interface Place {
  readonly path: string;
  readonly replace: (text: string, from: string, to: string) => string;
}

const places: readonly Place[] = [
  { path: 'package.json', replace: (text, _from, to) => text.replace(/^( {2}"version": )".*"/m, `$1"${to}"`) },
  {
    path: 'package-lock.json', // of the package, and of the same package among the packages
    replace(text, _from, to) {
      const [before, own, ...others] = text.split(/(?<=^ {2,6}"version": )(?=")/m);
      const set = (part: string | undefined): string => (part ?? '').replace(/^".*?"/, `"${to}"`);
      return [before, set(own), set(others[0]), ...others.slice(1)].join('');
    },
  },
  { path: 'Dockerfile', replace: (text, _from, to) => text.replaceAll(/(image\.version=)".*?"/g, `$1"${to}"`) },
  {
    path: 'deploy/chart/Chart.yaml', // with the image that Artifact Hub shows
    replace: (text, _from, to) =>
      text.replaceAll(/^(version|appVersion): .*$/gm, `$1: ${to}`).replaceAll(/^( +image: \S+:).*$/gm, `$1${to}`),
  },
  {
    path: 'deploy/examples/flux/sync.yaml',
    replace: (text, _from, to) => text.replace(/^( +tag: v).*$/m, `$1${to}`),
  },
  { path: 'README.md', replace: everywhere },
  { path: 'docs/install.md', replace: everywhere },
  { path: 'SECURITY.md', replace: everywhere },
  { path: 'docs/emulator.md', replace: everywhere },
];

/** Each place's file with its text, with the new version in place of the old one. */
export async function withVersion(
  read: (path: string) => Promise<string>,
  from: string,
  to: string,
): Promise<ReadonlyMap<string, string>> {
  const entries = places.map(async ({ path, replace }) => [path, replace(await read(path), from, to)] as const);
  return new Map(await Promise.all(entries));
}

/** In commands that people copy. */
function everywhere(text: string, from: string, to: string): string {
  return text.replaceAll(new RegExp(`(?<![\\d.])${from.replaceAll('.', '\\.')}(?![\\d-]|\\.\\d)`, 'g'), to);
}
