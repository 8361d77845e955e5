/** The name of the plugin's program, by which kubectl finds it as `kubectl acr-replication`. */
export const program = 'kubectl-acr_replication';

/** What a single executable is made for, in the words of Go and Krew. */
export interface Platform {
  readonly os: 'linux' | 'darwin' | 'windows';
  readonly arch: 'amd64' | 'arm64';
}

/** Those that a release has executables for; the release workflow makes each on a machine of its kind. */
export const platforms: readonly Platform[] = (['linux', 'darwin', 'windows'] as const).flatMap((os) => [
  { os, arch: 'amd64' },
  { os, arch: 'arm64' },
]);

/** How the program's file is called on a platform. */
export const fileOf = ({ os }: Platform): string => (os === 'windows' ? `${program}.exe` : program);

/** The name of a platform's executable among those of the others, and of its archive without the ending. */
export const nameOf = ({ os, arch }: Platform): string => `${program}-${os}-${arch}`;
