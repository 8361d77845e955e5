import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { clouds } from '../../../src/azure/cloud.ts';
import type { Config } from '../../../src/operator/config.ts';
import { isOwnIdentityUsed, runOperator } from '../../../src/operator/operator.ts';
import { StartProblem } from '../../../src/operator/start-problem.ts';
import type { Log } from '../../../src/ports/log.ts';
import { systemClock } from '../../../src/time/clock.ts';

/** A configuration whose API server does not answer. */
async function lonelyConfig(): Promise<Config> {
  const dir = await mkdtemp(join(tmpdir(), 'acr-replication-operator-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const kubeconfig = {
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  const file = join(dir, 'kubeconfig');
  await writeFile(file, JSON.stringify(kubeconfig));
  const address = { host: '127.0.0.1', port: 0 };
  return {
    azure: {
      subscriptionId: undefined,
      cloud: clouds.AzurePublicCloud,
      credential: { kind: 'managed-identity', clientId: undefined },
      unusedCredentials: [],
      disableInstanceDiscovery: false,
    },
    proxy: { url: undefined, direct: [], secrets: [] },
    kube: { kind: 'files', files: [file] },
    watch: { namespaces: [], selector: undefined },
    lease: { namespace: 'ops', name: 'mine' },
    clusterName: 'test',
    maxConcurrentReconciles: 1,
    maxConcurrentCreates: 1,
    armQuotaShare: 0.8,
    resourceGraph: true,
    logLevel: 'info',
    metricsAddress: address,
    metricsRequireToken: false,
    metricsTlsDir: undefined,
    healthAddress: address,
    map: undefined,
    secrets: [],
  };
}

function listening(onLine: (message: string, fields: Readonly<Record<string, unknown>>) => void): Log {
  const note = (message: string, fields: object = {}) => onLine(message, { ...fields });
  return { debug: note, info: note, warn: note, error: note, isDebugEnabled: () => false };
}

test('a stop while the servers start ends the operator, though the API server never answers', async () => {
  const ports: unknown[] = [];
  const log = listening((message, { healthPort }) => {
    if (message === 'started') ports.push(healthPort);
  });
  expect(await runOperator(await lonelyConfig(), log, systemClock, AbortSignal.abort())).toBe('stopped');
  expect(ports).toEqual([expect.any(Number)]);
  await expect(fetch(`http://127.0.0.1:${String(ports[0])}/healthz`)).rejects.toThrow('fetch failed');
});

test('which of several credentials is used is said at the start', async () => {
  const warnings: unknown[] = [];
  const log = listening((message, fields) => {
    if (message.startsWith('several credentials')) warnings.push(fields);
  });
  const config = await lonelyConfig();
  const azure = { ...config.azure, unusedCredentials: ['client-secret'] } as const;
  await runOperator({ ...config, azure }, log, systemClock, AbortSignal.abort());
  expect(warnings).toEqual([{ credential: 'managed-identity', unused: ['client-secret'] }]);
});

test('a stop before the objects are read ends the operator, without asking for the lease', async () => {
  const stop = new AbortController();
  const lines: string[] = [];
  const log = listening((message) => {
    lines.push(message);
    if (/^watch interrupted/i.test(message)) stop.abort();
  });
  expect(await runOperator(await lonelyConfig(), log, systemClock, stop.signal)).toBe('stopped');
  expect(lines[0]).toBe('started');
  expect(lines.slice(1).filter((message) => !/^watch interrupted/i.test(message))).toEqual([]);
});

test('an address that is taken ends the start with one line that names the setting, and leaves no other server', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const address = { host: '127.0.0.1', port: (taken.address() as AddressInfo).port };
  const log = listening(() => {});
  for (const [setting, key] of [
    ['METRICS_ADDRESS', 'metricsAddress'],
    ['HEALTH_ADDRESS', 'healthAddress'],
  ] as const) {
    const config = { ...(await lonelyConfig()), [key]: address };
    await expect(runOperator(config, log, systemClock, AbortSignal.abort())).rejects.toThrow(
      new StartProblem(
        `${setting} is 127.0.0.1:${address.port}, which another process listens at: choose another port, or end that process`,
      ),
    );
  }
});

test('a serving certificate of no use ends the start with one line, too', async () => {
  const metricsTlsDir = await mkdtemp(join(tmpdir(), 'tls-'));
  onTestFinished(() => rm(metricsTlsDir, { recursive: true }));
  for (const name of ['tls.crt', 'tls.key']) await writeFile(join(metricsTlsDir, name), 'nonsense');
  const config = { ...(await lonelyConfig()), metricsTlsDir };
  const start = runOperator(
    config,
    listening(() => {}),
    systemClock,
    AbortSignal.abort(),
  );
  await expect(start).rejects.toThrow(/^METRICS_TLS_DIR is .*, whose tls.crt and tls.key cannot be served: /);
});

test('where the map cannot be served the start ends with one line as well, and leaves no other server', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const tlsDir = await mkdtemp(join(tmpdir(), 'tls-'));
  onTestFinished(() => rm(tlsDir, { recursive: true }));
  for (const name of ['tls.crt', 'tls.key']) await writeFile(join(tlsDir, name), 'nonsense');
  const free = { host: '127.0.0.1', port: 0 };
  const address = { ...free, port: (taken.address() as AddressInfo).port };
  const start = async (map: Config['map']): Promise<unknown> => {
    const config = { ...(await lonelyConfig()), map };
    return runOperator(
      config,
      listening(() => {}),
      systemClock,
      AbortSignal.abort(),
    );
  };
  for (const requireToken of [false, true]) {
    await expect(start({ address, requireToken, tlsDir: undefined })).rejects.toThrow(
      `MAP_ADDRESS is 127.0.0.1:${address.port}, which another process listens at: choose another port, or end that process`,
    );
  }
  await expect(start({ address: free, requireToken: false, tlsDir })).rejects.toThrow(
    /^MAP_TLS_DIR is .*, whose tls.crt and tls.key cannot be served: /,
  );
});

test('the map is served where it is told to, and its port is told', async () => {
  const told: unknown[] = [];
  const log = listening((message, { mapPort }) => {
    if (message === 'started') told.push(mapPort);
  });
  const map = { address: { host: '127.0.0.1', port: 0 }, requireToken: false, tlsDir: undefined };
  for (const served of [undefined, map])
    await runOperator({ ...(await lonelyConfig()), map: served }, log, systemClock, AbortSignal.abort());
  expect(told).toEqual([undefined, expect.any(Number)]);
});

test("the operator's own identity is used by objects that bring none, and by nobody else", () => {
  const machine = { kind: 'managed-identity', clientId: undefined } as const;
  const configured = { kind: 'managed-identity', clientId: 'id' } as const;
  for (const identity of [machine, configured]) {
    expect(isOwnIdentityUsed(identity, { own: 1, referred: 1 })).toBe(true);
    expect(isOwnIdentityUsed(identity, { own: 0, referred: 1 })).toBe(false);
    expect(isOwnIdentityUsed(identity, { own: 0, referred: 0 })).toBe(identity === configured);
  }
});
