import { readFileSync } from 'node:fs';
import { KubeConfig as ClientConfig } from '@kubernetes/client-node';
import { type Clock, systemClock } from '../../time/clock.ts';
import { type PluginCredentials, pluginCredentials } from './exec-plugin.ts';
import { KubeconfigProblem, type KubeTarget, type Pem, type ReadText, readKubeconfig } from './kubeconfig-file.ts';
import type { Tls } from './pool.ts';

/** Where the API server and the credentials for it are found. */
export type KubeSource =
  /** The pod's service account, and the address of the API server that the pod's environment gives. */
  | { readonly kind: 'in-cluster' }
  /** kubeconfig files, and the environment of the plugins that they name. */
  | {
      readonly kind: 'files';
      readonly files: readonly string[];
      readonly env?: Readonly<Record<string, string | undefined>>;
    };

/** With what one request is sent. */
export interface Authorization {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly tls: Tls;
  /** Call it when the API server did not accept the credentials (401): others are got for the next request, if any. */
  readonly refused: () => void;
}

/** How to reach the API server, and as whom. */
export interface KubeConfig extends Pick<KubeTarget, 'server' | 'source' | 'proxy'> {
  /** May run a plugin. Reads token and certificate files once a second at most, so that new ones count soon. */
  authorize(): Promise<Authorization>;
}

/**
 * How long what files hold is remembered, in milliseconds: kubelet writes a new token two minutes before the old one ends,
 * and client-go remembers one for a minute (transport.NewCachedFileTokenSource).
 */
const filesLastMs = 1_000;

const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Where the files of a pod's service account are. */
export const accountFiles = {
  token: `${accountFolder}/token`,
  ca: `${accountFolder}/ca.crt`,
  namespace: `${accountFolder}/namespace`,
} as const;

/** Reads kubeconfig files once. Throws a KubeconfigProblem when there is no way to use them. */
export function loadKubeConfig(source: KubeSource, clock: Clock = systemClock): KubeConfig {
  return kubeConfigFor(targetOf(source, textIfReadable), source.kind === 'files' ? source.env : {}, clock);
}

/** What is wrong with a source, in one line that says what to do; undefined when it can be used. */
export function kubeSourceProblem(source: KubeSource, read: ReadText): string | undefined {
  try {
    targetOf(source, read);
    return undefined;
  } catch (error) {
    if (error instanceof KubeconfigProblem) return error.message;
    throw error;
  }
}

function targetOf(source: KubeSource, read: ReadText): KubeTarget {
  if (source.kind === 'files') return readKubeconfig(source.files, read);
  const missing = [accountFiles.token, accountFiles.ca].filter((file) => read(file) === undefined);
  if (missing.length > 0) {
    throw new KubeconfigProblem(
      `this is a pod, and ${missing.join(' and ')} cannot be read: let automountServiceAccountToken be true, or set KUBECONFIG`,
    );
  }
  const pod = new ClientConfig();
  pod.loadFromCluster();
  const server = pod.getCurrentCluster()?.server;
  if (server === undefined) throw new KubeconfigProblem('this pod was not given the address of the API server');
  return {
    server,
    ca: { kind: 'file', path: accountFiles.ca },
    user: { tokenFile: accountFiles.token },
    source: 'service account of this pod',
  };
}

/** The way to one API server. The plugin, if there is one, gets `env`. */
export function kubeConfigFor(
  target: KubeTarget,
  env: Readonly<Record<string, string | undefined>> = {},
  clock: Clock = systemClock,
): KubeConfig {
  const { server, source, proxy, ca, skipsVerification, tlsServerName, user } = target;
  const hasOther = user.token !== undefined || user.tokenFile !== undefined || user.basic !== undefined;
  const plugin = user.exec === undefined || hasOther ? undefined : pluginCredentials(user.exec, env, clock);
  const isSecure = server.startsWith('https:');
  let last:
    | { readonly made: Authorization; readonly given: PluginCredentials | undefined; readonly untilMs: number }
    | undefined;

  function authorizationWith(given: PluginCredentials | undefined): Authorization {
    const authorization = authorizationOf(target, given);
    const tls: Tls = {
      ca: pemText('certificate-authority', ca),
      cert: pemText('client-certificate', user.cert) ?? given?.cert,
      key: pemText('client-key', user.key) ?? given?.key,
      servername: tlsServerName,
      rejectUnauthorized: skipsVerification !== true,
    };
    return {
      headers: { ...user.impersonation, ...(authorization === undefined ? {} : { Authorization: authorization }) },
      tls: isSecure ? tls : {},
      refused() {
        last = undefined;
        if (given !== undefined) plugin?.drop(given);
      },
    };
  }

  return {
    server,
    source,
    proxy,
    async authorize() {
      const given = await plugin?.current();
      const nowMs = clock.monotonicMs();
      if (last === undefined || last.given !== given || nowMs >= last.untilMs) {
        last = { made: authorizationWith(given), given, untilMs: nowMs + filesLastMs };
      }
      return last.made;
    },
  };
}

/** The header that tells who sends the request; undefined: a certificate does, or nobody. */
function authorizationOf({ user }: KubeTarget, given: PluginCredentials | undefined): string | undefined {
  const { basic } = user;
  const token = tokenOf(user) ?? given?.token;
  if (token !== undefined) return `Bearer ${token}`;
  return basic && `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`;
}

/** The token file counts before the token, as long as it can be read. */
function tokenOf({ token, tokenFile }: KubeTarget['user']): string | undefined {
  if (tokenFile === undefined) return token;
  try {
    const text = textNow('tokenFile', tokenFile).trim();
    if (text !== '') return text;
  } catch (error) {
    if (token === undefined) throw error;
  }
  if (token === undefined) throw unreadable(`tokenFile ${tokenFile} is empty`);
  return token;
}

function pemText(setting: string, pem: Pem | undefined): string | undefined {
  if (pem === undefined) return undefined;
  return pem.kind === 'text' ? pem.text : textNow(setting, pem.path);
}

/** The text of a file that a setting of the kubeconfig names: some 10 µs, where reading without blocking takes 50. */
function textNow(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(`${setting} ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function unreadable(message: string): Error {
  return Object.assign(new Error(message), { code: 'UnreadableFile' });
}

/** The text of a file; undefined when it cannot be read. */
export function textIfReadable(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
