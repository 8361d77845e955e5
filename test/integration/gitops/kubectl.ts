import { inject } from 'vitest';
import { type CommandEnd, command } from '../../sandbox/command.ts';
import { controlPlane } from '../../support/cluster.ts';

/** kubectl as administrator; a minute at most. */
export function kubectl(...args: readonly string[]): Promise<CommandEnd> {
  return asAdministrator(inject('kubectl'), args);
}

/** A program with the administrator's kubeconfig; a minute at most. */
export async function asAdministrator(program: string, args: readonly string[]): Promise<CommandEnd> {
  const cluster = controlPlane();
  await cluster.close();
  // In its home it keeps what it learns of the API server.
  const env = { PATH: process.env['PATH'], HOME: inject('controlPlane').dir, KUBECONFIG: cluster.adminKubeconfig };
  return command(program, args, { env, signal: AbortSignal.timeout(60_000) });
}
