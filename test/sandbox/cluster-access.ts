import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { stringify } from 'yaml';
import { connectAdmin, type KubeAdmin } from './kube-admin.ts';

/** A control plane's address and its administrator's credentials: plain data, which can be handed to test workers. */
export interface Coordinates {
  readonly url: string;
  readonly caPem: string;
  readonly adminToken: string;
  /** Path of a kubeconfig with `adminToken` (group system:masters). */
  readonly adminKubeconfig: string;
  /** What service account tokens carry as `iss`; its discovery documents are at this very address. */
  readonly issuer: string;
  /** Path of the audit log, one JSON text a line; undefined when the control plane was started without `auditLog`. */
  readonly auditLogFile: string | undefined;
  /** The control plane's temporary folder, with its logs. Gone after stop. */
  readonly dir: string;
}

export type KubeUser = { readonly token: string } | { readonly tokenFile: string };

interface JsonWebKeySet {
  readonly keys: readonly (JWK & { readonly kid: string })[];
}

/** One line of the audit log at level Metadata (audit.k8s.io/v1), the fields that tests look at. */
export interface AuditEvent {
  readonly auditID: string;
  readonly stage: 'ResponseStarted' | 'ResponseComplete' | 'Panic';
  readonly verb: string;
  readonly requestURI: string;
  /** Who asked; without a name when the request was refused with 401. */
  readonly user: { readonly username?: string; readonly groups?: readonly string[] };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly apiVersion?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code: number };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Access extends Coordinates {
  /** Administrator of the whole cluster. */
  readonly kube: KubeAdmin;
  /** Writes a kubeconfig for another user into `dir` and returns its path. A token file is re-read by the clients. */
  kubeconfigFor(user: KubeUser): Promise<string>;
  /** The public keys that verify service account tokens. */
  jwks(): Promise<JsonWebKeySet>;
  /** Every request so far but the API server's own, oldest first. A line may come a moment after the response. */
  auditEvents(): Promise<readonly AuditEvent[]>;
  /** Closes the connections of `kube`; the control plane goes on. */
  close(): Promise<void>;
}

export function access(at: Coordinates): Access {
  const kube = connectAdmin(at);
  return {
    ...at,
    kube,
    async kubeconfigFor(user) {
      const path = join(await mkdtemp(join(at.dir, 'user-')), 'kubeconfig');
      writeKubeconfig(path, at, user);
      return path;
    },
    jwks: () => kube.request<JsonWebKeySet>('GET', '/openid/v1/jwks'),
    async auditEvents() {
      if (at.auditLogFile === undefined) throw new Error('this control plane was started without auditLog');
      const text = readFileSync(at.auditLogFile, 'utf8');
      return text
        .slice(0, text.lastIndexOf('\n') + 1)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as AuditEvent);
    },
    close: () => kube.close(),
  };
}

export function writeKubeconfig(path: string, at: Pick<Coordinates, 'url' | 'caPem'>, user: KubeUser): void {
  const cluster = { server: at.url, 'certificate-authority-data': Buffer.from(at.caPem).toString('base64') };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'sandbox', cluster }],
    users: [{ name: 'user', user }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: 'user' } }],
    'current-context': 'sandbox',
  };
  writeFileSync(path, stringify(config), { mode: 0o600 });
}
