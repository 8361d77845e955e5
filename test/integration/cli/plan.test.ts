import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { controlPlane } from '../../support/cluster.ts';

const cluster = controlPlane();
afterAll(() => cluster.close());

/** The exit code and all that a line of sh says; `plugin` in it is the plugin. */
function shell(line: string): Promise<{ readonly code: number; readonly said: string }> {
  const prelude = `plugin() { '${process.execPath}' '${resolve('dist/kubectl-acr_replication.mjs')}' "$@"; };`;
  const env = { ...process.env, KUBECONFIG: cluster.adminKubeconfig, NO_COLOR: '1' };
  return new Promise((done) => {
    const child = execFile('bash', ['-c', `${prelude} ${line}`], { env }, (_, out, err) => {
      done({ code: child.exitCode ?? -1, said: out + err });
    });
  });
}

test('plan -f - waits for what another program takes its time to write', async () => {
  // As `kustomize build | kubectl acr-replication plan -f -`: the other program is as slow as three of this one.
  const slowly =
    '(for i in 1 2 3; do plugin --help >/dev/null; done; echo "{ kind: Service, metadata: { name: shop } }")';
  expect(await shell(`${slowly} | plugin plan -f -`)).toEqual({
    code: 1,
    said: expect.stringContaining('there is no RegistryReplication in what -f names: only Service shop'),
  });
});
