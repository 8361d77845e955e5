import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../../sandbox/command.ts';
import { type KubeObject, parseManifests } from '../../sandbox/manifests.ts';
import { obtainTool } from '../../sandbox/tool.ts';

/** Names of the one release that is documented. */
export const name = 'acr-replication-operator';
export const namespace = 'acr-replication-system';
export const chart = 'deploy/chart';

export type Helm = 'helm' | 'helm3';
type Program = Helm | 'kustomize' | 'kubectl';

const limitMs = 120_000;

/** Runs it with a home of its own and gives what it prints; when it fails, the error says what it printed. */
export async function run(program: Program, args: readonly string[], kubeconfig = '/dev/null'): Promise<string> {
  const path = await obtainTool(program);
  const home = await mkdtemp(join(tmpdir(), 'acr-replication-home-'));
  try {
    const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: kubeconfig };
    const { end, stdout, stderr } = await command(path, args, { env, signal: AbortSignal.timeout(limitMs) });
    if (end !== '0') throw new Error(`${program} ${args.join(' ')} ended with ${end}: ${stderr || stdout}`);
    return stdout;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

export type Values = Readonly<Record<string, unknown>>;

/** Flags that set values, whole lists and all. */
function valueFlags(values: Values): readonly string[] {
  return Object.entries(values).flatMap(([key, value]) => ['--set-json', `${key}=${JSON.stringify(value)}`]);
}

/** The text that `helm template` makes of the chart. */
export function renderedText(
  values: Values = {},
  release = name,
  into = namespace,
  helm: Helm = 'helm',
): Promise<string> {
  return run(helm, ['template', release, chart, '-n', into, ...valueFlags(values)]);
}

/** What `helm template` makes of the chart. */
export async function rendered(values: Values = {}, release = name, into = namespace): Promise<readonly KubeObject[]> {
  return parseManifests(await renderedText(values, release, into));
}

export async function kustomized(folder: string): Promise<readonly KubeObject[]> {
  return parseManifests(await run('kustomize', ['build', folder]));
}
