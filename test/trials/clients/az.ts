import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import { type CommandEnd, command } from '../../sandbox/command.ts';
import type { Emulator } from '../../sandbox/emulator/emulator.ts';

/** An Azure CLI with a folder of its own in place of `~/.azure`. */
export interface Az {
  /**
   * Runs a command, `az('acr list --output table')`, and gives how it ended; arguments with blanks follow one by one.
   */
  (command: string, ...more: readonly string[]): Promise<CommandEnd>;
  /** Expects a command to succeed, and gives what it printed. */
  text(command: string, ...more: readonly string[]): Promise<string>;
  /** Expects a command to succeed and to print JSON, and gives its value. */
  json(command: string, ...more: readonly string[]): Promise<unknown>;
  /** Expects a command to fail, and gives what it said, without the repetition that follows the first line. */
  error(command: string, ...more: readonly string[]): Promise<string>;
}

/** An Azure CLI that knows the public cloud only. `tidy` is given what removes its folder. */
export async function newAz(azure: Emulator, tidy: (end: () => Promise<void>) => unknown): Promise<Az> {
  const folder = await mkdtemp(join(tmpdir(), 'azure-cli-'));
  tidy(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const env = {
    ...environment(azure, folder),
    AZURE_CONFIG_DIR: folder,
    AZURE_CORE_INSTANCE_DISCOVERY: 'false', // of the authority, at the public cloud's
    AZURE_CORE_COLLECT_TELEMETRY: 'no',
    AZURE_CORE_NO_COLOR: 'yes',
    AZURE_EXTENSION_USE_DYNAMIC_INSTALL: 'no',
  };
  const az = (line: string, ...more: readonly string[]): Promise<CommandEnd> =>
    command(inject('python'), ['-m', 'azure.cli', ...line.split(' '), ...more], {
      env,
      signal: AbortSignal.timeout(110_000),
    });
  const text = async (line: string, ...more: readonly string[]): Promise<string> => {
    const { end, stdout, stderr } = await az(line, ...more);
    expect(end, `az ${line}\n${stderr}`).toBe('0');
    return stdout;
  };
  return Object.assign(az, {
    text,
    json: async (line: string, ...more: readonly string[]) => JSON.parse(await text(line, ...more)) as unknown,
    async error(line: string, ...more: readonly string[]) {
      const { end, stdout, stderr } = await az(line, ...more);
      expect(end, `az ${line}\n${stdout}`).toMatch(/^[1-9]/);
      return stderr.split('\n').find((l) => l.startsWith('ERROR: ')) ?? stderr;
    },
  });
}

/** An Azure CLI that knows the emulated cloud and has signed in to it. */
export async function signedInAz(azure: Emulator, tidy: (end: () => Promise<void>) => unknown): Promise<Az> {
  const az = await newAz(azure, tidy);
  const { clientId, clientSecret, tenantId } = azure.credentials;
  await az.text(`cloud register --name Emulated --endpoint-resource-manager ${azure.url}`);
  await az.text('cloud set --name Emulated');
  await az.text(`login --service-principal --username ${clientId} --password ${clientSecret} --tenant ${tenantId}`);
  return az;
}

/** Environment of a Python that can reach this Azure and nothing else: its proxy for everything else does not exist. */
export function environment(azure: Emulator, home: string): NodeJS.ProcessEnv {
  return {
    HOME: home,
    LANG: 'C.UTF-8',
    PYTHONDONTWRITEBYTECODE: '1',
    REQUESTS_CA_BUNDLE: azure.caFile,
    HTTP_PROXY: 'http://127.0.0.1:9',
    HTTPS_PROXY: 'http://127.0.0.1:9',
    NO_PROXY: '127.0.0.1',
  };
}
