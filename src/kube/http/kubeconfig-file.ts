import { dirname, isAbsolute, join, sep } from 'node:path';
import { load } from 'js-yaml';

/** A certificate or key: its text in the kubeconfig, or the file that holds it. */
export type Pem = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'file'; readonly path: string };

/** A program that gives credentials. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins */
export interface ExecPlugin {
  readonly command: string;
  readonly args: readonly string[];
  /** Variables beside those of the operator. */
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: string;
  /** How to install the program, for people. */
  readonly installHint: string | undefined;
  /** The cluster, when the program wants to know it. */
  readonly clusterInfo: object | undefined;
}

/** Who asks. Of a token, basic authentication and a plugin, the first that there is counts, as in client-go. */
export interface KubeUser {
  readonly tokenFile?: string | undefined;
  readonly token?: string | undefined;
  readonly basic?: { readonly username: string; readonly password: string } | undefined;
  readonly cert?: Pem | undefined;
  readonly key?: Pem | undefined;
  readonly exec?: ExecPlugin | undefined;
  /** Headers that make the API server treat the user as somebody else. */
  readonly impersonation?: Readonly<Record<string, string | readonly string[]>>;
}

/** How to reach an API server, and as whom. */
export interface KubeTarget {
  /** Address of the API server, without a slash at its end. */
  readonly server: string;
  readonly ca?: Pem | undefined;
  readonly skipsVerification?: boolean;
  /** Name that the certificate of the API server must be for, instead of that in the address. */
  readonly tlsServerName?: string | undefined;
  /** HTTP proxy on the way to the API server. */
  readonly proxy?: string | undefined;
  readonly user: KubeUser;
  /** The namespace of the context; undefined: it names none. */
  readonly namespace?: string | undefined;
  /** Where these settings come from, in words: `kubeconfig /home/me/.kube/config, context prod`. */
  readonly source: string;
}

/** Thrown when kubeconfig files cannot be used; the message is one line that says which file, why, and what to do. */
export class KubeconfigProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'KubeconfigProblem';
  }
}

/** Gives a file's text; undefined when it cannot be read. */
export type ReadText = (path: string) => string | undefined;

type Fields = Readonly<Record<string, unknown>>;

/** Something with a name in a kubeconfig, and the file that it is from. */
interface Named {
  readonly fields: Fields;
  readonly file: string;
}

/**
 * What kubectl makes of these files: of each cluster, user and context the first file that has the name counts, and the
 * first current-context, unless `chosen` names another; paths are relative to their own file. Throws a KubeconfigProblem.
 */
export function readKubeconfig(files: readonly string[], read: ReadText, chosen?: string): KubeTarget {
  const parts = files.map((file) => ({ file, fields: fieldsOfFile(file, read) }));
  const all = files.length === 1 ? `kubeconfig ${files[0]}` : `kubeconfig files ${files.join(', ')}`;
  const named = (kind: 'clusters' | 'users' | 'contexts', inner: string): ReadonlyMap<string, Named> => {
    const found = new Map<string, Named>();
    for (const { file, fields } of parts) {
      for (const entry of listIn(fields[kind])) {
        const name = textIn(entry['name']);
        if (name !== undefined && !found.has(name)) found.set(name, { file, fields: fieldsIn(entry[inner]) });
      }
    }
    return found;
  };
  const contexts = named('contexts', 'context');
  const current =
    chosen ?? parts.map(({ fields }) => textIn(fields['current-context'])).find((name) => name !== undefined);
  if (current === undefined) {
    throw new KubeconfigProblem(`${all} has no current-context: set one with kubectl config use-context`);
  }
  const context = contexts.get(current);
  if (context === undefined) {
    const known = [...contexts.keys()].join(', ') || 'none';
    const what = chosen === undefined ? 'current-context' : 'context';
    throw new KubeconfigProblem(`${what} ${JSON.stringify(current)} of ${all} is not among its contexts: ${known}`);
  }
  const source = `kubeconfig ${context.file}, context ${current}`;
  const clusterName = textIn(context.fields['cluster']);
  const cluster = clusterName === undefined ? undefined : named('clusters', 'cluster').get(clusterName);
  if (cluster === undefined) {
    throw new KubeconfigProblem(`${source}: there is no cluster ${JSON.stringify(clusterName ?? '')}`);
  }
  const userName = textIn(context.fields['user']);
  const user = userName === undefined ? undefined : named('users', 'user').get(userName);
  if (userName !== undefined && user === undefined) {
    throw new KubeconfigProblem(`${source}: there is no user ${JSON.stringify(userName)}`);
  }
  try {
    const target = clusterIn(cluster, read);
    const who = user === undefined ? {} : userIn(user, cluster, read);
    checkTokenFile(who, read);
    const namespace = textIn(context.fields['namespace']);
    return { ...target, server: addressOf(target, who), user: who, namespace, source };
  } catch (error) {
    if (error instanceof KubeconfigProblem) throw new KubeconfigProblem(`${source}: ${error.message}`);
    throw error;
  }
}

/** The names of all contexts in these files; files that cannot be read have none. */
export function contextNames(files: readonly string[], read: ReadText): readonly string[] {
  const names = files.flatMap((file) => {
    try {
      return listIn(fieldsOfFile(file, read)['contexts']).flatMap((entry) => textIn(entry['name']) ?? []);
    } catch {
      return [];
    }
  });
  return [...new Set(names)];
}

function fieldsOfFile(file: string, read: ReadText): Fields {
  const text = read(file);
  if (text === undefined) throw new KubeconfigProblem(`kubeconfig ${file} cannot be read`);
  if (text.replace(/^\s*(#.*|---)?$/gm, '').trim() === '') return {}; // which the parser refuses
  let content: unknown;
  try {
    content = load(text);
  } catch {
    // The parser's own message quotes lines, which may hold a token.
    throw new KubeconfigProblem(`${file} is no kubeconfig: it is not YAML`);
  }
  if (content === undefined || content === null) return {};
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw new KubeconfigProblem(`${file} is no kubeconfig: it has no clusters, users and contexts`);
  }
  return content as Fields;
}

function clusterIn({ fields, file }: Named, read: ReadText): Omit<KubeTarget, 'user' | 'source'> {
  const server = textIn(fields['server']);
  if (server === undefined) throw new KubeconfigProblem('its cluster names no server');
  const ca = pemIn(fields, 'certificate-authority', { file, read });
  const skipsVerification = fields['insecure-skip-tls-verify'] === true;
  if (ca !== undefined && skipsVerification) {
    throw new KubeconfigProblem('certificate-authority and insecure-skip-tls-verify exclude each other: drop one');
  }
  return {
    server,
    ca,
    skipsVerification,
    tlsServerName: textIn(fields['tls-server-name']),
    proxy: proxyIn(fields),
  };
}

/** The address with its scheme: without one, client-go takes HTTPS for what has anything to do with certificates. */
function addressOf({ server, ca, skipsVerification }: Omit<KubeTarget, 'user' | 'source'>, user: KubeUser): string {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(server);
  const isSecure = ca !== undefined || skipsVerification === true || user.cert !== undefined;
  const url = URL.parse(hasScheme ? server : `${isSecure ? 'https' : 'http'}://${server}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new KubeconfigProblem('its server is no http:// or https:// address');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function proxyIn(fields: Fields): string | undefined {
  const text = textIn(fields['proxy-url']);
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new KubeconfigProblem(
      'its proxy-url is no http:// or https:// address, and others (SOCKS) are not supported',
    );
  }
  return url.href;
}

function userIn({ fields, file }: Named, cluster: Named, read: ReadText): KubeUser {
  const tokenFile = textIn(fields['tokenFile']);
  const [username, password] = [textIn(fields['username']), textIn(fields['password'])];
  const cert = pemIn(fields, 'client-certificate', { file, read });
  const key = pemIn(fields, 'client-key', { file, read });
  if (cert !== undefined && key === undefined)
    throw new KubeconfigProblem('client-certificate is set without client-key');
  const token = textIn(fields['token']) ?? tokenOfProvider(fieldsIn(fields['auth-provider']));
  const exec =
    fields['exec'] === undefined || fields['exec'] === null
      ? undefined
      : pluginIn(fieldsIn(fields['exec']), file, cluster);
  const hasBasic = username !== undefined || password !== undefined;
  if (hasBasic && (token !== undefined || tokenFile !== undefined)) {
    throw new KubeconfigProblem('its user has a token and a password: drop one');
  }
  if (exec !== undefined && fieldsIn(fields['auth-provider'])['name'] !== undefined) {
    throw new KubeconfigProblem('its user has exec and auth-provider: drop one');
  }
  return {
    token,
    tokenFile: tokenFile === undefined ? undefined : beside(file, tokenFile),
    basic: hasBasic ? { username: username ?? '', password: password ?? '' } : undefined,
    cert,
    key,
    exec,
    impersonation: impersonationIn(fields),
  };
}

/** Throws when the user's only token is in a file that has none, as client-go does. */
function checkTokenFile({ token, tokenFile }: KubeUser, read: ReadText): void {
  if (token !== undefined || tokenFile === undefined) return;
  const text = read(tokenFile);
  if (text === undefined) throw new KubeconfigProblem(`tokenFile ${tokenFile} cannot be read`);
  if (text.trim() === '') throw new KubeconfigProblem(`tokenFile ${tokenFile} is empty`);
}

/** kubectl has only the provider oidc left. Its token is used as long as it lasts, and never renewed here. */
function tokenOfProvider(provider: Fields): string | undefined {
  const name = textIn(provider['name']);
  if (name === undefined) return undefined;
  const token = name === 'oidc' ? textIn(fieldsIn(provider['config'])['id-token']) : undefined;
  if (token !== undefined) return token;
  throw new KubeconfigProblem(`auth-provider ${name} is not supported: use exec or a token`);
}

function pluginIn(fields: Fields, file: string, cluster: Named): ExecPlugin {
  const command = textIn(fields['command']);
  const apiVersion = textIn(fields['apiVersion']) ?? '';
  if (command === undefined) throw new KubeconfigProblem('exec names no command');
  if (!/^client\.authentication\.k8s\.io\/v1(beta1)?$/.test(apiVersion)) {
    throw new KubeconfigProblem(
      `exec has apiVersion ${JSON.stringify(apiVersion)}, it must be client.authentication.k8s.io/v1 or v1beta1`,
    );
  }
  if (fields['interactiveMode'] === 'Always') {
    throw new KubeconfigProblem('exec has interactiveMode Always, and there is nobody to ask');
  }
  const variables = listIn(fields['env']).map(({ name, value }) => [textIn(name) ?? '', textIn(value) ?? ''] as const);
  return {
    // A name without a folder is looked for in PATH.
    command: command.includes(sep) ? beside(file, command) : command,
    args: Array.isArray(fields['args']) ? fields['args'].map(String) : [],
    env: Object.fromEntries(variables),
    apiVersion,
    installHint: textIn(fields['installHint']),
    clusterInfo: fields['provideClusterInfo'] === true ? clusterInfoOf(cluster) : undefined,
  };
}

/** The cluster as an exec plugin is told of it: the fields of the kubeconfig, and what its extension says. */
function clusterInfoOf({ fields }: Named): object {
  const told = ['server', 'tls-server-name', 'insecure-skip-tls-verify', 'certificate-authority-data', 'proxy-url'];
  const extension = listIn(fields['extensions']).find(({ name }) => name === 'client.authentication.k8s.io/exec');
  return {
    ...Object.fromEntries(told.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]])),
    ...(extension === undefined ? {} : { config: extension['extension'] }),
  };
}

function impersonationIn(fields: Fields): Readonly<Record<string, string | readonly string[]>> {
  const [user, uid] = [textIn(fields['as']), textIn(fields['as-uid'])];
  const groups = Array.isArray(fields['as-groups']) ? fields['as-groups'].map(String) : [];
  const extra = Object.entries(fieldsIn(fields['as-user-extra']));
  if (user === undefined) {
    if (uid === undefined && groups.length === 0 && extra.length === 0) return {};
    throw new KubeconfigProblem('as-uid, as-groups and as-user-extra need as');
  }
  return {
    'Impersonate-User': user,
    ...(uid === undefined ? {} : { 'Impersonate-Uid': uid }),
    ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups }),
    ...Object.fromEntries(
      extra.map(([key, values]) => [
        `Impersonate-Extra-${headerKey(key)}`,
        Array.isArray(values) ? values.map(String) : [],
      ]),
    ),
  };
}

/** The key as a part of a header's name: what must not be there is percent-encoded, as in client-go. */
function headerKey(key: string): string {
  return key.replace(/[^!#$&'*+\-.^_`|~0-9A-Za-z]/gu, (char) =>
    [...Buffer.from(char)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

/** A certificate or key: its text in base64 counts before the file. Throws when it cannot be read or is none. */
function pemIn(
  fields: Fields,
  name: string,
  { file, read }: { readonly file: string; readonly read: ReadText },
): Pem | undefined {
  const data = textIn(fields[`${name}-data`]);
  if (data !== undefined) {
    const text = Buffer.from(data, 'base64').toString('utf8');
    if (!text.includes('-----BEGIN ')) throw new KubeconfigProblem(`${name}-data is not PEM in base64`);
    return { kind: 'text', text };
  }
  const path = textIn(fields[name]);
  if (path === undefined) return undefined;
  const place = beside(file, path);
  const text = read(place);
  if (text === undefined) throw new KubeconfigProblem(`${name} ${place} cannot be read`);
  if (!text.includes('-----BEGIN ')) throw new KubeconfigProblem(`${name} ${place} is not PEM`);
  return { kind: 'file', path: place };
}

function beside(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path);
}

function textIn(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function fieldsIn(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function listIn(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsIn) : [];
}
