import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { everything } from '../../integration/install/everything.ts';
import { renderedText, type Values } from '../../integration/install/programs.ts';
import { command } from '../../sandbox/command.ts';

/** Each finding that is left as it is, and why. */
const left: Readonly<Record<string, string>> = {
  CKV_K8S_11: 'CPU limit: it throttles the pod while cores are idle; its request says what it gets when none are',
  CKV_K8S_35: 'Secret in variables: the Azure SDK reads them there, and nothing is there with workload identity',
  CKV_K8S_38: 'token of the service account: the operator is a client of the API server',
};
const byDefault = {
  ...left,
  CKV_K8S_15: 'pull policy Always: a tag of a release never moves, and the pod must start while a registry is away',
  CKV_K8S_43: 'digest: that of an image is known when it is built, and the chart of a release has it',
  CKV2_K8S_6: 'NetworkPolicy: networkPolicy.enabled makes it; what the pods must reach only the cluster knows',
};

test.each<readonly [string, Values, Readonly<Record<string, string>>]>([
  ['the defaults', {}, byDefault],
  ['everything at once', everything, left],
])('checkov finds in %s what is known, and nothing else', async (_, values, known) => {
  expect(await checkov(values)).toEqual(Object.keys(known).toSorted());
});

test('checkov is awake: it finds what is worse', async () => {
  const found = await checkov({ podSecurityContext: { runAsUser: 100, seccompProfile: null } });
  expect(found.filter((finding) => !(finding in byDefault))).toEqual(['CKV_K8S_31', 'CKV_K8S_40']);
});

interface Report {
  readonly summary: { readonly passed: number };
  readonly results: { readonly failed_checks: readonly { readonly check_id: string }[] };
}

/** The numbers of the checks that fail, each once. */
async function checkov(values: Values): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'acr-replication-checkov-'));
  try {
    const file = join(folder, 'manifests.yaml');
    await writeFile(file, await renderedText(values));
    const args = [
      '-m',
      'checkov.main',
      '--file',
      file,
      '--framework',
      'kubernetes',
      '--output',
      'json',
      '--skip-download',
    ];
    const env = { PATH: process.env['PATH'], HOME: folder };
    const { stdout } = await command(inject('checkov'), args, { env, signal: AbortSignal.timeout(100_000) });
    const { summary, results } = JSON.parse(stdout) as Report;
    expect(summary.passed).toBeGreaterThan(50);
    return [...new Set(results.failed_checks.map(({ check_id }) => check_id))].toSorted();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
