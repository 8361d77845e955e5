import { execFile } from 'node:child_process';
import { plainText } from '../../domain/text.ts';
import type { Clock } from '../../time/clock.ts';
import type { ExecPlugin } from './kubeconfig-file.ts';

/** What a plugin gave: a token, a client certificate with its key, or all three. */
export interface PluginCredentials {
  readonly token: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

export interface PluginCredentialSource {
  /** The credentials of the plugin's last run; it runs when there are none, or they have expired. */
  current(): Promise<PluginCredentials>;
  /** The API server did not accept these credentials: the plugin runs again before the next request. */
  drop(credentials: PluginCredentials): void;
}

/** A plugin may ask a server of its own. One that hangs is killed. */
const runTimeoutMs = 60_000;
/** How much of the plugin's words an error repeats. */
const shownCharacters = 300;

/** A plugin failed; the message is one line with its first words on standard error. */
class PluginError extends Error {
  readonly code = 'ExecPlugin';
}

/**
 * Runs a plugin as client-go does, with `env` and what KUBERNETES_EXEC_INFO tells it. All who ask at once share one run.
 */
export function pluginCredentials(
  plugin: ExecPlugin,
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): PluginCredentialSource {
  let known: { readonly credentials: PluginCredentials; readonly untilMs: number } | undefined;
  let running: Promise<PluginCredentials> | undefined;

  async function renew(): Promise<PluginCredentials> {
    try {
      const { credentials, untilMs } = parsedAnswer(await run(plugin, env), plugin);
      known = { credentials, untilMs };
      return credentials;
    } finally {
      running = undefined;
    }
  }

  return {
    async current() {
      if (known !== undefined && clock.now().getTime() < known.untilMs) return known.credentials;
      running ??= renew();
      return await running;
    },
    drop(credentials) {
      if (known?.credentials === credentials) known = undefined;
    },
  };
}

function run(plugin: ExecPlugin, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const { command, args, apiVersion, clusterInfo, installHint } = plugin;
  const spec = { interactive: false, ...(clusterInfo === undefined ? {} : { cluster: clusterInfo }) };
  const info = JSON.stringify({ kind: 'ExecCredential', apiVersion, spec });
  const options = {
    env: { ...env, ...plugin.env, KUBERNETES_EXEC_INFO: info },
    timeout: runTimeoutMs,
    maxBuffer: 1 << 20,
  };
  return new Promise((resolve, reject) => {
    const child = execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const words = plainText(stderr, shownCharacters);
      const hint =
        error.code === 'ENOENT' && installHint !== undefined ? `: ${plainText(installHint, shownCharacters)}` : '';
      const how =
        error.code === 'ENOENT'
          ? 'is not installed'
          : error.killed
            ? `did not end within ${runTimeoutMs / 1_000} s`
            : `failed with ${String(error.code ?? error.signal)}`;
      reject(new PluginError(`exec plugin ${command} ${how}${hint}${words === '' ? '' : `: ${words}`}`));
    });
    child.stdin?.end();
  });
}

function parsedAnswer(
  stdout: string,
  { command, apiVersion }: ExecPlugin,
): { readonly credentials: PluginCredentials; readonly untilMs: number } {
  const wrong = (what: string): PluginError => new PluginError(`exec plugin ${command} ${what}`);
  let answer: { apiVersion?: unknown; status?: Readonly<Record<string, unknown>> } | null;
  try {
    answer = JSON.parse(stdout) as typeof answer;
  } catch {
    throw wrong('printed no JSON'); // not shown: it may be a token
  }
  if (answer?.apiVersion !== apiVersion) throw wrong(`did not answer in ${apiVersion}`);
  const text = (name: string): string | undefined => {
    const value = answer.status?.[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [token, cert, key] = [text('token'), text('clientCertificateData'), text('clientKeyData')];
  if (token === undefined && cert === undefined && key === undefined) throw wrong('gave no token and no certificate');
  if ((cert === undefined) !== (key === undefined)) throw wrong('gave a certificate or a key, not both');
  const untilMs = Date.parse(text('expirationTimestamp') ?? '');
  return { credentials: { token, cert, key }, untilMs: Number.isNaN(untilMs) ? Number.POSITIVE_INFINITY : untilMs };
}
