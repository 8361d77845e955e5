import { generateKeyPair, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { endAbandoned } from './abandoned.ts';
import { createAuthority, issueServerCertificate } from './certificates.ts';
import { type Access, access, writeKubeconfig } from './cluster-access.ts';
import { type ControlPlanePrograms, obtainControlPlane } from './control-plane.ts';
import { cleanAtProcessEnd } from './leftovers.ts';
import { signOwner } from './lock-folder.ts';
import { type ServerProcess, startServer } from './process.ts';

export interface ControlPlaneOptions {
  readonly signal?: AbortSignal;
  /** The programs to run. Default: those of `obtainControlPlane()`, which may build for minutes. */
  readonly programs?: ControlPlanePrograms;
  /** Whether to write one JSON line per request, metadata only. Default false. */
  readonly auditLog?: boolean;
  /**
   * Whether watches may begin with the present state (sendInitialEvents). Default: the server's own, true since 1.34.
   */
  readonly watchListEnabled?: boolean;
  readonly extraApiserverArgs?: readonly string[];
  /** How long each server may take to answer. Default 60 s; about 3 s are needed. */
  readonly readyMs?: number;
}

/** The ways to break an API server; etcd, the port and the data stay. */
export interface ApiserverFaults {
  readonly pid: () => number;
  /** Ends it by SIGKILL: connections break, later ones are refused. */
  kill(): Promise<void>;
  /** Starts it again on the same port; resolves when ready. */
  start(): Promise<void>;
  /** Stops it by SIGSTOP: connections stay open and nothing is answered. */
  freeze(): void;
  thaw(): void;
  /**
   * Makes a new CA and a certificate by it, which the API server takes up at its next start, or soon while it runs. Returns
   * the new CA; `kube` and the kubeconfigs written so far go on with the old one.
   */
  rotateAuthority(): Promise<string>;
}

export interface ControlPlane extends Access {
  readonly apiserver: ApiserverFaults;
  readonly etcd: { readonly pid: () => number };
  /**
   * Copies what etcd holds, with both servers away meanwhile. The returned function puts it back: kills both, and
   * resolves when the API server is ready again, at the versions of then.
   */
  backup(): Promise<() => Promise<void>>;
  /** Ends both servers and removes the folder. Nothing is saved, so nothing is asked to shut down politely. */
  stop(): Promise<void>;
}

/** Short, for a socket's path may have 104 bytes on macOS, whose own temporary folder takes half of them. */
const folderPrefix = 'acr-controlplane-';

const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    users: ["system:apiserver"]
  - level: Metadata
`;

/**
 * A Kubernetes API of its own on a free port of 127.0.0.1: etcd and kube-apiserver with RBAC, TLS and service account
 * tokens, and nothing else: no controller-manager (create service accounts yourself; a deleted namespace stays
 * Terminating), no scheduler, no kubelet. About 350 MB resident. When this process ends, so does all of it.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const { signal } = options;
  const programs = options.programs ?? (await obtainControlPlane(signal === undefined ? {} : { signal }));
  signal?.throwIfAborted();
  // Programs from elsewhere than our own build do not end with who started them.
  await endAbandoned(tmpdir(), folderPrefix);
  const dir = await mkdtemp(join(tmpdir(), folderPrefix));
  signOwner(dir);
  const servers: { etcd?: ServerProcess; apiserver?: ServerProcess } = {};
  const forget = cleanAtProcessEnd(() => {
    servers.apiserver?.killNow();
    servers.etcd?.killNow();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  const end = async (): Promise<void> => {
    await Promise.all([servers.apiserver?.stop(0), servers.etcd?.stop(0)]);
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    forget();
  };
  try {
    return await start(dir, servers, end, programs, options);
  } catch (error) {
    await end();
    throw error;
  }
}

async function start(
  dir: string,
  servers: { etcd?: ServerProcess; apiserver?: ServerProcess },
  end: () => Promise<void>,
  programs: ControlPlanePrograms,
  options: ControlPlaneOptions,
): Promise<ControlPlane> {
  const file = (name: string): string => join(dir, name);
  // Nothing else from our environment: etcd takes any ETCD_… for a setting.
  const env = { CONTROLPLANE_EXIT_WITH_STDIN: '1' };
  // A socket file needs no port. Nobody ever dials the peer address of a single member.
  const etcdUrl = `unix://${file('etcd.sock')}`;
  const etcdArgs = [
    `--data-dir=${file('etcd')}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
    `--listen-client-urls=${etcdUrl}`,
    '--advertise-client-urls=http://127.0.0.1:1',
    `--listen-peer-urls=unix://${file('peer.sock')}`,
    '--initial-advertise-peer-urls=http://127.0.0.1:1',
    '--initial-cluster=default=http://127.0.0.1:1',
  ];
  const startEtcd = (): void => {
    servers.etcd = startServer(programs.etcd, etcdArgs, { logFile: file('etcd.log'), env });
  };
  startEtcd();
  const adminToken = randomBytes(24).toString('base64url');
  const auditLogFile = options.auditLog === true ? file('audit.jsonl') : undefined;
  let caPem = await writeSecrets(dir, adminToken);

  const apiserverArgs = (port: number): readonly string[] => [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.0.0.0/24',
    `--tls-cert-file=${file('tls.crt')}`,
    `--tls-private-key-file=${file('tls.key')}`,
    `--cert-dir=${dir}`,
    '--authorization-mode=RBAC',
    `--token-auth-file=${file('tokens.csv')}`,
    `--service-account-issuer=https://127.0.0.1:${port}`,
    `--service-account-jwks-uri=https://127.0.0.1:${port}/openid/v1/jwks`,
    `--service-account-signing-key-file=${file('service-account.key')}`,
    `--service-account-key-file=${file('service-account.key')}`,
    `--api-audiences=https://127.0.0.1:${port},https://kubernetes.default.svc`,
    '--profiling=false',
    ...(auditLogFile === undefined
      ? []
      : [
          `--audit-log-path=${auditLogFile}`,
          `--audit-policy-file=${file('audit-policy.yaml')}`,
          '--audit-log-maxsize=0',
        ]),
    ...(options.watchListEnabled === undefined ? [] : [`--feature-gates=WatchList=${options.watchListEnabled}`]),
    ...(options.extraApiserverArgs ?? []),
  ];
  const serve = async (port: number): Promise<Access> => {
    const url = `https://127.0.0.1:${port}`;
    const adminKubeconfig = file('admin.kubeconfig');
    writeKubeconfig(adminKubeconfig, { url, caPem }, { token: adminToken });
    const apiserver = startServer(programs.kubeApiserver, apiserverArgs(port), {
      logFile: file('kube-apiserver.log'),
      env,
    });
    servers.apiserver = apiserver;
    const reached = access({ url, caPem, adminToken, adminKubeconfig, issuer: url, auditLogFile, dir });
    try {
      await ready(reached, servers, options);
      return reached;
    } catch (error) {
      await Promise.all([apiserver.stop(0), reached.close()]);
      throw error;
    }
  };

  let reached: Access | undefined;
  for (let attempt = 1; reached === undefined; attempt++) {
    try {
      reached = await serve(await freePort());
    } catch (error) {
      // Between our look and its bind somebody else may take the port.
      if (attempt === 5 || !servers.apiserver?.lastLines().includes('address already in use')) throw error;
    }
  }
  const admin = reached;
  const signalServer = (signal: NodeJS.Signals) => (): void => {
    if (servers.apiserver?.running()) process.kill(servers.apiserver.pid, signal);
  };
  const startAgain = async (): Promise<void> => {
    if (servers.apiserver?.running()) throw new Error('the API server is running');
    const again = await serve(Number(new URL(admin.url).port));
    await again.close();
  };
  const whileAway = async (work: () => Promise<void>): Promise<void> => {
    await Promise.all([servers.apiserver?.stop(0), servers.etcd?.stop(0)]);
    await work();
    startEtcd();
    await startAgain();
  };
  return {
    ...admin,
    etcd: { pid: () => servers.etcd?.pid ?? -1 },
    apiserver: {
      pid: () => servers.apiserver?.pid ?? -1,
      kill: async () => servers.apiserver?.stop(0),
      start: startAgain,
      freeze: signalServer('SIGSTOP'),
      thaw: signalServer('SIGCONT'),
      async rotateAuthority() {
        caPem = await writeCertificates(dir);
        return caPem;
      },
    },
    async backup() {
      const copy = await mkdtemp(join(dir, 'backup-'));
      await whileAway(() => cp(file('etcd'), copy, { recursive: true }));
      return () =>
        whileAway(async () => {
          await rm(file('etcd'), { recursive: true });
          await cp(copy, file('etcd'), { recursive: true });
        });
    },
    async stop() {
      await Promise.all([admin.close(), end()]);
    },
  };
}

/** Writes what both servers need to know each other and their users; returns the CA certificate. */
async function writeSecrets(dir: string, adminToken: string): Promise<string> {
  // RSA, since Microsoft Entra accepts only RS256 assertions.
  const serviceAccountKey = promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const caPem = await writeCertificates(dir);
  const { privateKey } = await serviceAccountKey;
  await Promise.all([
    writeSecret(dir, 'service-account.key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    writeSecret(dir, 'tokens.csv', `${adminToken},admin,admin,"system:masters"\n`),
    writeSecret(dir, 'audit-policy.yaml', auditPolicy),
  ]);
  return caPem;
}

async function writeCertificates(dir: string): Promise<string> {
  const ca = await createAuthority('sandbox');
  const tls = await issueServerCertificate(ca, ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc']);
  await Promise.all([writeSecret(dir, 'tls.crt', tls.certPem), writeSecret(dir, 'tls.key', tls.keyPem)]);
  return ca.certPem;
}

async function writeSecret(dir: string, name: string, text: string): Promise<void> {
  await writeFile(join(dir, name), text, { mode: 0o600 });
}

async function ready(
  { kube }: Access,
  { etcd, apiserver }: { etcd?: ServerProcess; apiserver?: ServerProcess },
  { signal, readyMs = 60_000 }: ControlPlaneOptions,
): Promise<void> {
  const deadline = Date.now() + readyMs;
  let last = 'no answer yet';
  for (;;) {
    signal?.throwIfAborted();
    for (const [name, server] of Object.entries({ etcd, 'kube-apiserver': apiserver })) {
      if (server !== undefined && !server.running())
        throw new Error(`${name} ended while starting (${await server.ended}); ${server.lastLines()}`);
    }
    try {
      await kube.request('GET', '/readyz');
      return;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() > deadline)
      throw new Error(
        `kube-apiserver not ready after ${readyMs} ms: ${last}\n${apiserver?.lastLines()}\n${etcd?.lastLines()}`,
      );
    await delay(25);
  }
}

/** A port that was free just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return address.port;
}
