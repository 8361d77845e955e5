import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface ControlPlanePrograms {
  readonly etcd: string;
  readonly kubeApiserver: string;
}

const source = join(import.meta.dirname, 'controlplane');

/** The two programs of the control plane, from KUBEBUILDER_ASSETS, the cache, or a build. */
export async function obtainControlPlane(
  _options: { readonly signal?: AbortSignal } = {},
): Promise<ControlPlanePrograms> {
  const hash = createHash('sha256');
  for (const name of ['go.mod', 'go.sum', 'main.go']) hash.update(readFileSync(join(source, name)));
  const cache = join(
    process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    `acr-replication-operator/controlplane-${hash.digest('hex').slice(0, 16)}`,
  );
  const folder = process.env['KUBEBUILDER_ASSETS'] ?? cache;
  const programs = { etcd: join(folder, 'etcd'), kubeApiserver: join(folder, 'kube-apiserver') };
  if (!existsSync(programs.etcd)) {
    mkdirSync(folder, { recursive: true });
    const args = ['build', '-buildvcs=false', '-trimpath', '-gcflags=all=-dwarf=false', '-ldflags=-s -w'];
    const env = { ...process.env, CGO_ENABLED: '0', GOGC: '800', GOFLAGS: '', GOWORK: 'off' };
    execFileSync('go', [...args, '-o', programs.kubeApiserver, '.'], { cwd: source, env });
    linkSync(programs.kubeApiserver, programs.etcd);
  }
  return programs;
}
