import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

/** What a use of the plugin came to. */
export interface PluginRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface PluginOptions {
  readonly kubeconfig: string;
  readonly namespace?: string;
  /** Environment variables over this process's; undefined unsets one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
}

/** Runs dist/kubectl-acr_replication.mjs as a process of its own, without a terminal, and waits for its end. */
export function plugin(words: readonly string[], options: PluginOptions): Promise<PluginRun> {
  const { kubeconfig, namespace, env = {}, timeoutMs = 60_000 } = options;
  const args = [
    resolve('dist/kubectl-acr_replication.mjs'),
    ...words,
    ...(namespace === undefined ? [] : ['-n', namespace]),
  ];
  const environment = { ...process.env, KUBECONFIG: kubeconfig, NO_COLOR: '1', ...env };
  return new Promise((done) => {
    execFile(process.execPath, args, { env: environment, timeout: timeoutMs }, (error, out, err) => {
      const { code } = (error ?? { code: 0 }) as { readonly code?: number | string };
      done({ code: typeof code === 'number' ? code : 1, out, err });
    });
  });
}
