import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Screen } from './screen.ts';
import { Missed } from './watch.ts';

export interface PluginCall {
  readonly screen: Screen;
  /** Path of the user's kubeconfig. */
  readonly kubeconfig: string;
  readonly signal: AbortSignal;
}

/**
 * Runs the built plugin as kubectl would, with the command shown above what it prints. On a terminal it writes there itself,
 * in the terminal's width and with colours.
 */
export async function kubectlPlugin(
  { screen, kubeconfig, signal }: PluginCall,
  words: readonly string[],
): Promise<void> {
  screen.say();
  screen.say(`$ kubectl acr-replication ${words.join(' ')}`, 'bold');
  const child = spawn(process.execPath, [resolve('dist/kubectl-acr_replication.mjs'), ...words], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', screen.interactive ? 'inherit' : 'pipe', 'pipe'],
    signal,
  });
  let [out, err] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = (await once(child, 'close')) as [number | null];
  for (const line of out.trimEnd().split('\n')) if (!screen.interactive) screen.say(line);
  if (code !== 0) throw new Missed(`kubectl acr-replication ${words.join(' ')} ended with ${String(code)}: ${err}`);
}
