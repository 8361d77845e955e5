import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { KubeConfig, type User } from '@kubernetes/client-node';
import { load } from 'js-yaml'; // as the client library does; its own loadYaml brings every model of Kubernetes

/** Where the API server and the credentials for it are found. */
export type KubeSource =
  /** The pod's service account. */
  | { readonly kind: 'in-cluster' }
  /** kubeconfig files. The first one that names a current context decides. */
  | { readonly kind: 'files'; readonly files: readonly string[] };

/**
 * Reads the files once. Token and CA files that they name are read by each request. Throws when a file is unreadable,
 * or when no current context has a cluster.
 */
export function loadKubeConfig(source: KubeSource): KubeConfig {
  const config = new KubeConfig();
  if (source.kind === 'in-cluster') {
    config.loadFromCluster();
    return config;
  }
  config.loadFromOptions({ clusters: [], users: [], contexts: [], currentContext: '' });
  for (const file of source.files) {
    const part = new KubeConfig();
    part.loadFromFile(file);
    const tokenFiles = tokenFilesOf(file);
    part.users = part.users.map((user) => withTokenFile(user, tokenFiles.get(user.name)));
    config.mergeConfig(part, config.currentContext !== '');
  }
  if (config.getCurrentCluster() === null) {
    throw new Error(`no current context with a cluster in kubeconfig ${source.files.join(', ')}`);
  }
  return config;
}

/**
 * A user whose token is read from a file. The library ignores `tokenFile`, but has an auth provider that does the same.
 */
function withTokenFile(user: User, tokenFile: string | undefined): User {
  if (tokenFile === undefined) return user;
  const { token: _, ...rest } = user;
  return { ...rest, authProvider: { name: 'tokenFile', config: { tokenFile } } };
}

/** The token file of each user who has one, as an absolute path. */
function tokenFilesOf(file: string): ReadonlyMap<string, string> {
  const { users } = load(readFileSync(file, 'utf8')) as {
    users?: readonly { readonly name: string; readonly user?: { readonly tokenFile?: string } | null }[] | null;
  };
  return new Map(
    (users ?? []).flatMap(({ name, user }) =>
      user?.tokenFile === undefined ? [] : [[name, resolve(dirname(file), user.tokenFile)] as const],
    ),
  );
}
