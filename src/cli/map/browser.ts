import { spawn } from 'node:child_process';

type Environment = Readonly<Record<string, string | undefined>>;

/** The program that opens a page in the user's browser, with its words; undefined: nobody would see it. */
export function openerOf(
  platform: NodeJS.Platform,
  env: Environment,
): readonly [program: string, ...words: string[]] | undefined {
  if (platform === 'darwin') return ['open'];
  // start takes the first text in quotes for a title.
  if (platform === 'win32') return ['cmd.exe', '/d', '/s', '/c', 'start', '""'];
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] || env['WSL_DISTRO_NAME'] ? ['xdg-open'] : undefined;
}

/** Opens the page where that is possible, and says nothing where it isn't. */
export function openBrowser(url: string, env: Environment): void {
  const opener = openerOf(process.platform, env);
  if (opener === undefined) return;
  const [program, ...words] = opener;
  const child = spawn(program, [...words, url], {
    detached: true,
    stdio: 'ignore',
    windowsVerbatimArguments: true,
    env: { ...env },
  });
  child.on('error', () => {});
  child.unref();
}
