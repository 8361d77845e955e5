import { fileOf, nameOf, type Platform } from './platforms.ts';

/** An archive of a release and its SHA-256 as hexadecimal digits. */
export interface Archive {
  readonly platform: Platform;
  readonly sha256: string;
}

export interface Plugin {
  readonly version: string;
  /** Of the repository, without / at the end. */
  readonly repository: string;
  readonly archives: readonly Archive[];
}

/** How Krew calls the plugin; its manifest has to be called so too. */
export const krewName = 'acr-replication';

/** The manifest that `kubectl krew install` reads: https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/ */
export function krewManifest({ version, repository, archives }: Plugin): string {
  return [
    'apiVersion: krew.googlecontainertools.github.com/v1alpha2',
    'kind: Plugin',
    'metadata:',
    `  name: ${krewName}`,
    'spec:',
    `  version: v${version}`,
    `  homepage: ${repository}`,
    '  shortDescription: See and steer Azure Container Registry replications',
    '  description: |',
    '    Shows the replicas of all registries that a cluster looks after, and steers them.',
    '  caveats: |',
    '    The cluster needs acr-replication-operator, and you the ClusterRole acr-replication-view or more.',
    `    Begin with: kubectl ${krewName} list -A`,
    '  platforms:',
    ...archives.flatMap(({ platform, sha256 }) => [
      '    - selector:',
      `        matchLabels: { os: ${platform.os}, arch: ${platform.arch} }`,
      `      uri: ${repository}/releases/download/v${version}/${nameOf(platform)}.tar.gz`,
      `      sha256: ${sha256}`,
      `      bin: ${fileOf(platform)}`,
    ]),
    '',
  ].join('\n');
}
