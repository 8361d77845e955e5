import { onTestFinished } from 'vitest';
import { apiVersion, kind } from '../../src/api/registryreplication.ts';
import type { Key } from '../../src/domain/key.ts';
import { loadKubeConfig } from '../../src/kube/http/kubeconfig.ts';
import { createKube, type Kube, type KubeOptions } from '../../src/kube/kube.ts';
import type { Log } from '../../src/ports/log.ts';
import { systemClock } from '../../src/time/clock.ts';
import type { KubeObject } from '../sandbox/manifests.ts';
import type { Lifetime } from './operator-world.ts';

export interface KubeSession extends Kube {
  readonly logged: { readonly level: string; readonly message: string; readonly fields: Record<string, unknown> }[];
  /** Every change told so far: `<name> <version before> <version after>`. */
  readonly changes: string[];
}

/**
 * The operator's Kubernetes side, which runs until the test is over. Concurrent tests must give their own context as
 * `lifetime`.
 */
export function kubeSession(
  kubeconfig: string,
  options: Partial<KubeOptions> & { readonly url?: string } = {},
  lifetime: Lifetime = { onTestFinished },
): KubeSession {
  const kubeConfig = loadKubeConfig({ kind: 'files', files: [kubeconfig] });
  if (options.url !== undefined) {
    const { url: server } = options;
    kubeConfig.clusters = kubeConfig.clusters.map((cluster) => ({ ...cluster, server }));
  }
  const logged: KubeSession['logged'] = [];
  const write =
    (level: string): Log['info'] =>
    (message, fields = {}) =>
      void logged.push({ level, message, fields });
  const log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    isDebugEnabled: () => true,
  };
  const kube = createKube({
    kubeConfig,
    log,
    clock: systemClock,
    backoff: { firstMs: 20, maxMs: 200 },
    ...options,
  });
  const changes: string[] = [];
  kube.store.onChange((key, { previous, current }) => {
    const [before, after] = [previous, current].map((object) => object?.metadata.resourceVersion);
    changes.push(`${key.split('/')[1]} ${before} ${after}`);
  });
  const abort = new AbortController();
  const running = kube.run(abort.signal);
  lifetime.onTestFinished(async () => {
    abort.abort();
    await running;
    await kube.close();
  });
  return { ...kube, logged, changes };
}

export function manifest(namespace: string, name: string, more: object = {}): KubeObject {
  const spec = { registry: { name: 'contoso', resourceGroup: 'registries' }, regions: [{ location: 'japaneast' }] };
  return { apiVersion, kind, metadata: { namespace, name, ...more }, spec };
}

export function key(namespace: string, name: string): Key {
  return `${namespace}/${name}` as Key;
}
