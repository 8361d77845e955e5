import { request } from 'node:https';
import type { EmulatorControl } from './control.ts';

/** Every control function. */
export const CONTROL_FUNCTIONS = [
  'state',
  'setState',
  'counters',
  'resetCounters',
  'journal',
  'clearJournal',
  'addFault',
  'faults',
  'clearFaults',
  'replicas',
  'createReplica',
  'deleteReplica',
  'alterReplica',
  'putRegistry',
  'alterRegistry',
  'recreateRegistry',
  'deleteRegistry',
  'deleteResourceGroup',
  'deleteSubscription',
  'revokeTokens',
  'putApp',
  'setRoles',
  'setTimes',
  'setResourceGraph',
  'setHabits',
] as const satisfies readonly (keyof EmulatorControl)[];

/** The control functions of an emulator in another process; `ca` is its CA as PEM. Each call has 10 s. */
export function emulatorClient(url: string, ca: string): EmulatorControl {
  const entries = CONTROL_FUNCTIONS.map((name) => [
    name,
    (argument?: unknown) => post(new URL(`/_emulator/${name}`, url), ca, argument),
  ]);
  return Object.fromEntries(entries) as EmulatorControl;
}

function post(url: URL, ca: string, argument: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', ca, agent: false, signal: AbortSignal.timeout(10_000) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode === 204) return resolve(undefined);
        const body = JSON.parse(text) as { readonly error?: { readonly message?: string } };
        if (response.statusCode === 200) resolve(body);
        else reject(new TypeError(body.error?.message ?? `status ${response.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end(argument === undefined ? undefined : JSON.stringify(argument));
  });
}
