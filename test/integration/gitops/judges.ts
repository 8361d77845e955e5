import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inject } from 'vitest';
import { cleanAtProcessEnd } from '../../sandbox/leftovers.ts';

interface Opinion<Status extends string> {
  readonly status: Status;
  readonly message: string;
}

/** What GitOps tools make of an object. Error: the tool itself fails on it. */
export interface Judgement {
  /** Flux: `wait: true`, and `healthChecks` that name the object. */
  readonly kstatus: Opinion<'InProgress' | 'Failed' | 'Current' | 'Terminating' | 'Error'>;
  readonly argocd: Opinion<'Progressing' | 'Suspended' | 'Healthy' | 'Degraded' | 'Error'>;
}

export const healthFolder = 'deploy/argocd/resource_customizations/acr-replication.dev/RegistryReplication';

/** What Flux's library and our health.lua in Argo CD's Lua say, for each object. One process does it for all. */
export async function judge(objects: readonly object[]): Promise<readonly Judgement[]> {
  const child = spawn(inject('health'), [join(healthFolder, 'health.lua')], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const forget = cleanAtProcessEnd(() => child.kill('SIGKILL'));
  const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  child.stdin.on('error', () => {}); // its end says why
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stdin.end(objects.map((object) => `${JSON.stringify(object)}\n`).join(''));
  const judgements: Judgement[] = [];
  for await (const line of createInterface(child.stdout)) judgements.push(JSON.parse(line) as Judgement);
  await ended;
  clearTimeout(late);
  forget();
  if (judgements.length !== objects.length) throw new Error(`the judges gave up: ${errors}`);
  return judgements;
}
