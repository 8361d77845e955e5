import { expect, test } from 'vitest';
import type { RegistryReplication } from '../../src/api/registryreplication.ts';
import type { Emulator } from '../sandbox/emulator/emulator.ts';
import { credentialsWorld, goodSecret } from '../support/object-credentials.ts';
import { type OperatorWorld, operatorWorld } from '../support/operator-world.ts';
import { condition } from '../support/registry-scene.ts';

const japan = { location: 'japaneast' };
const britain = { location: 'uksouth' };

async function signIns({ control }: Emulator): Promise<number> {
  const journal = await control.journal();
  return journal.filter(({ kind }) => kind === 'token' || kind === 'managedIdentityToken').length;
}

/** Gives every reason that Ready had on the way. */
async function untilReady(world: OperatorWorld, { metadata }: RegistryReplication): Promise<ReadonlySet<string>> {
  const reasons = new Set<string>();
  await world.until('contoso', 'Ready', (object) => {
    reasons.add(condition(object, 'Ready')?.reason ?? '');
    return object.status?.phase === 'Ready' && object.status.observedGeneration === metadata.generation;
  });
  return reasons;
}

const own: readonly { readonly kind: string; readonly env: (azure: Emulator) => Record<string, string | undefined> }[] =
  [
    { kind: 'workload identity', env: () => ({}) },
    {
      kind: 'managed identity, whose tokens the identity library keeps for the whole process',
      env: ({ identityUrl, identityHeader }) => ({
        AZURE_FEDERATED_TOKEN_FILE: undefined,
        IDENTITY_ENDPOINT: identityUrl,
        IDENTITY_HEADER: identityHeader,
      }),
    },
  ];
for (const { kind, env } of own) {
  for (const code of ['ExpiredAuthenticationToken', 'InvalidAuthenticationToken'] as const) {
    test(`a token answered with 401 ${code} and no challenge is replaced at once: nobody notices (${kind})`, async (t) => {
      const world = await operatorWorld(t);
      await world.start(env(world.azure));
      await untilReady(world, await world.apply('contoso', { regions: [japan] }));
      const before = await signIns(world.azure);
      await world.azure.control.revokeTokens(code);
      const reasons = await untilReady(world, await world.apply('contoso', { regions: [japan, britain] }));
      expect(reasons).not.toContain('AuthenticationFailed');
      expect(await signIns(world.azure)).toBe(before + 1);
      const refused = (await world.azure.control.journal()).filter(({ status }) => status === 401);
      expect(refused.length).toBeGreaterThan(0);
      const writes = refused.filter(({ verb }) => verb === 'PUT').length;
      expect(await world.writes()).toEqual({ PUT: 2 + writes, PATCH: 0, DELETE: 0 });
    });
  }
}

test('so is the token of credentials that an object names', async (t) => {
  const world = await credentialsWorld(t);
  await world.grant('secret');
  await world.putSecret(goodSecret);
  await world.start();
  const credentialsRef = { name: 'azure-contoso' };
  await untilReady(world, await world.apply('contoso', { regions: [japan], credentialsRef }));
  const before = await signIns(world.azure);
  await world.azure.control.revokeTokens('InvalidAuthenticationToken');
  const reasons = await untilReady(world, await world.apply('contoso', { regions: [japan, britain], credentialsRef }));
  expect(reasons).not.toContain('AuthenticationFailed');
  expect(await signIns(world.azure)).toBe(before + 1);
});

test('an Azure that refuses every token is not hammered with sign-ins, and the work goes on by itself', async (t) => {
  const names = ['contoso', 'fabrikam', 'adatum', 'proseware', 'tailspin', 'wingtip'];
  const world = await operatorWorld(t, {
    registries: names.map((name) => ({ name, resourceGroup: 'registries', location: 'eastus' })),
  });
  const { control } = world.azure;
  const effect = { kind: 'respond', status: 401, code: 'InvalidAuthenticationToken' } as const;
  const fault = await control.addFault({ effect });
  const began = Date.now();
  await world.start();
  for (const name of names) {
    await world.apply(name, { registry: { name, resourceGroup: 'registries' }, regions: [japan] });
    const object = await world.until(
      name,
      'AuthenticationFailed',
      (seen) => condition(seen, 'Ready')?.reason === 'AuthenticationFailed',
    );
    expect(condition(object, 'Stalled')?.status).toBe('True');
  }
  const refused = (await control.journal()).filter(({ status }) => status === 401);
  expect(refused.length).toBeGreaterThan(names.length); // one of them was asked twice: it found out
  const pauses = Math.ceil((Date.now() - began) / 15_000);
  expect(await signIns(world.azure)).toBeLessThanOrEqual(1 + pauses);
  await control.clearFaults(fault);
  for (const name of names) await world.untilReady(name);
});
