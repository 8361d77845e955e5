import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import type { Emulator } from '../sandbox/emulator/emulator.ts';
import { operatorWorld } from '../support/operator-world.ts';

interface Case {
  readonly kind: string;
  /** What a user sets; undefined unsets what the sandbox sets by itself. */
  readonly env: (azure: Emulator, certificateFile: string) => Readonly<Record<string, string | undefined>>;
}

const noTokenFile = { AZURE_FEDERATED_TOKEN_FILE: undefined };

/** Azure App Service's way to a managed identity, and that of virtual machines. */
const appService = ({ identityUrl, identityHeader }: Emulator) => ({
  IDENTITY_ENDPOINT: identityUrl,
  IDENTITY_HEADER: identityHeader,
});
const machine = ({ imdsUrl }: Emulator) => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: imdsUrl });

const cases: readonly Case[] = [
  { kind: 'workload-identity', env: () => ({}) },
  {
    kind: 'client-secret',
    env: ({ credentials }) => ({ ...noTokenFile, AZURE_CLIENT_SECRET: credentials.clientSecret }),
  },
  { kind: 'client-certificate', env: (_, file) => ({ ...noTokenFile, AZURE_CLIENT_CERTIFICATE_PATH: file }) },
  { kind: 'managed-identity', env: (azure) => ({ ...noTokenFile, ...appService(azure) }) },
  { kind: 'managed-identity', env: (azure) => ({ ...noTokenFile, ...machine(azure), AZURE_CLIENT_ID: undefined }) },
  // Named, it wins over what else is configured.
  {
    kind: 'client-secret',
    env: ({ credentials }) => ({ AZURE_CREDENTIAL: 'client-secret', AZURE_CLIENT_SECRET: credentials.clientSecret }),
  },
];

for (const [index, { kind, env }] of cases.entries()) {
  test(`${index + 1}. ${kind} gets the job done`, async (t) => {
    const world = await operatorWorld(t);
    const folder = await mkdtemp(join(tmpdir(), 'certificate-'));
    t.onTestFinished(() => rm(folder, { recursive: true }));
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'operator' }], {
      algorithm: 'sha256',
      keySize: 2048,
    });
    const file = join(folder, 'client.pem');
    await writeFile(file, key + cert);
    const [app] = (await world.azure.control.state()).apps;
    if (app === undefined) throw new Error('the emulator has no app');
    await world.azure.control.putApp({ ...app, certificate: cert });

    const operator = await world.start(env(world.azure, file));
    expect(operator.log()[0]).toMatchObject({ message: 'started', credential: kind });
    await world.apply('contoso', { regions: [{ location: 'uksouth' }] });
    await world.untilReady('contoso');
  });
}
