import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { everything } from '../../integration/install/everything.ts';
import { renderedText, type Values } from '../../integration/install/programs.ts';
import { command } from '../../sandbox/command.ts';
import { obtainTool } from '../../sandbox/tool.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acr-replication-kyverno-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/**
 * Kyverno's own rule for the Pod Security Standards, https://kyverno.io/docs/policy-types/cluster-policy/validate/#pod-security,
 * which it carries over to Deployments by itself.
 */
const policy = (level: string): object => ({
  apiVersion: 'kyverno.io/v1',
  kind: 'ClusterPolicy',
  metadata: { name: level },
  spec: {
    rules: [
      {
        name: level,
        match: { any: [{ resources: { kinds: ['Pod'] } }] },
        validate: { failureAction: 'Enforce', podSecurity: { level, version: 'latest' } },
      },
    ],
  },
});

/** Kyverno's last line: how many objects pass, and how many do not; before it, why. */
async function kyverno(level: string, values: Values): Promise<string> {
  const [policyFile, file] = [`${level}.yaml`, `${crypto.randomUUID()}.yaml`].map((name) => join(folder, name)) as [
    string,
    string,
  ];
  await writeFile(policyFile, JSON.stringify(policy(level)));
  await writeFile(file, await renderedText(values));
  const { stdout } = await command(await obtainTool('kubectl-kyverno'), ['apply', policyFile, '--resource', file], {
    env: { HOME: folder },
    signal: AbortSignal.timeout(60_000),
  });
  return stdout;
}

test.each<readonly [string, string, Values]>([
  ['the defaults', 'baseline', {}],
  ['the defaults', 'restricted', {}],
  ['everything at once', 'baseline', everything],
  ['everything at once', 'restricted', everything],
])('Kyverno finds nothing in %s that is not %s', async (_, level, values) => {
  expect(await kyverno(level, values)).toMatch(/^pass: 1, fail: 0, warn: 0, error: 0, skip: 0 *$/m);
});

test('Kyverno is awake: it finds what is not restricted', async () => {
  const said = await kyverno('restricted', { podSecurityContext: { runAsNonRoot: false } });
  expect(said).toMatch(/^pass: 0, fail: 1, /m);
  expect(said).toContain('runAsNonRoot');
});
