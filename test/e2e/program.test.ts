import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { operatorWorld } from '../support/operator-world.ts';

const regions = [{ location: 'japaneast' }];

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, ['dist/main.js', ...args], {
    env: { PATH: process.env['PATH'], HOME: '/nowhere', ...env },
    encoding: 'utf8',
    timeout: 20_000,
  });
}

test('a wrong configuration names every problem at once on stderr and exits 2', () => {
  const { status, stderr, stdout } = run([], {
    AZURE_SUBSCRIPTION_ID: 'mine',
    LOG_LEVEL: 'loud',
    MAX_CONCURRENT_RECONCILES: '0',
    KUBECONFIG: '/missing',
  });
  expect(status).toBe(2);
  for (const name of ['AZURE_SUBSCRIPTION_ID', 'LOG_LEVEL', 'MAX_CONCURRENT_RECONCILES', 'KUBECONFIG'])
    expect(stderr).toContain(name);
  expect(stdout).toBe('');
});

test('--help and --version answer and exit 0 without any configuration', () => {
  expect(run(['--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('AZURE_SUBSCRIPTION_ID') });
  expect(run(['--version'])).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^acr-replication-operator \d+\.\d+\.\d+\n$/),
  });
});

test('an API server that cannot be reached is waited for, and /readyz says so', async (t) => {
  const world = await operatorWorld(t);
  const kubeconfig = await world.cluster.kubeconfigFor({ token: 'not-a-token' });
  const operator = await world.start({ KUBECONFIG: kubeconfig });
  const ready = await fetch(`${operator.healthUrl}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.text()).toMatch(/not ok cache: .+/);
  expect((await fetch(`${operator.healthUrl}/healthz`)).status).toBe(200);
  expect(await operator.stop()).toBe('exit code 0');
});

test('a working operator is ready, and its metrics speak of what it did', async (t) => {
  const world = await operatorWorld(t);
  const operator = await world.start();
  await world.apply('contoso', { regions });
  await world.untilReady('contoso');
  await t.expect.poll(async () => (await fetch(`${operator.healthUrl}/readyz`)).status, { timeout: 20_000 }).toBe(200);
  const metrics = await (await fetch(operator.metricsUrl)).text();
  expect(metrics).toMatch(/^controller_runtime_reconcile_total\{.*result="success".*\} [1-9]/m);
  expect(metrics).toMatch(/^acr_replication_arm_requests_total\{operation="replication_put",code="201"\} 1$/m);
  expect(metrics).toMatch(/^acr_replication_objects\{phase="Ready"\} 1$/m);
  expect(metrics).not.toMatch(/contoso|undefined/);
});

test('the log is one JSON object per line, tells each write to Azure, and holds no token', async (t) => {
  const world = await operatorWorld(t);
  const operator = await world.start({ LOG_LEVEL: 'debug' });
  await world.apply('contoso', { regions });
  await world.untilReady('contoso');
  await operator.stop();
  const lines = operator.output().trim().split('\n');
  expect(lines.map((line) => typeof (JSON.parse(line) as unknown))).toEqual(lines.map(() => 'object'));
  expect(operator.log()).toContainEqual(
    expect.objectContaining({ message: 'creating replica', object: `${world.namespace}/contoso`, region: 'japaneast' }),
  );
  expect(operator.log().at(-1)?.message).toBe('stopped');
  expect(operator.output()).not.toMatch(/eyJ[\w-]{10,}\./);
});

test('SIGTERM in the middle of a slow call to Azure ends the operator within its 10 s, cleanly', async (t) => {
  const world = await operatorWorld(t);
  await world.azure.control.addFault({ match: { verb: 'LIST' }, effect: { kind: 'latency', ms: 60_000 } });
  const operator = await world.start();
  await world.apply('contoso', { regions });
  await t.expect
    .poll(async () => (await world.azure.control.counters())['GET registry'] ?? 0, { timeout: 20_000 })
    .toBe(1);
  expect(await operator.stop()).toBe('exit code 0');
  const [first, last] = ['stopping', 'stopped'].map((m) =>
    Date.parse(operator.log().find((l) => l.message === m)?.timestamp ?? ''),
  );
  expect((last ?? Number.NaN) - (first ?? Number.NaN)).toBeLessThan(10_000); // the promise of the contract, not a benchmark
});
