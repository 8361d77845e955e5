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
  return (await answers([join(healthFolder, 'health.lua')], objects)) as readonly Judgement[];
}

/** What a script of an action makes of the object in Argo CD's Lua. */
export async function runAction(script: string, object: object): Promise<unknown> {
  return (await answers(['run', join(healthFolder, 'actions', script)], [object]))[0];
}

async function answers(args: readonly string[], objects: readonly object[]): Promise<readonly unknown[]> {
  const child = spawn(inject('health'), args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const forget = cleanAtProcessEnd(() => child.kill('SIGKILL'));
  const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  child.stdin.on('error', () => {}); // its end says why
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stdin.end(objects.map((object) => `${JSON.stringify(object)}\n`).join(''));
  const lines: unknown[] = [];
  for await (const line of createInterface(child.stdout)) lines.push(JSON.parse(line));
  await ended;
  clearTimeout(late);
  forget();
  if (lines.length !== objects.length) throw new Error(`the judges gave up: ${errors}`);
  return lines;
}
