import type { TestContext } from 'vitest';
import type { RegistryReplication } from '../../src/api/registryreplication.ts';
import type { SeedApp } from '../sandbox/emulator/settings.ts';
import { DEFAULTS } from '../sandbox/emulator/settings.ts';
import type { KubeAdmin } from '../sandbox/kube-admin.ts';
import { readManifestFile } from '../sandbox/manifests.ts';
import { type OperatorWorld, operatorWorld } from './operator-world.ts';

export const { tenantId } = DEFAULTS;
export const contosoApp = '30000000-0000-4000-8000-000000000003';

/** What a user writes into a Secret; undefined leaves a key out. */
export type SecretValues = Readonly<Record<string, string | undefined>>;

/**
 * A change seen within this time came from a watch: failures of credentials wait 30 s, intervals 5 min. A Ready object
 * tells of one that often passes after 14 s.
 */
export const withinSecondsMs = 25_000;

export const goodSecret: SecretValues = {
  AZURE_TENANT_ID: tenantId,
  AZURE_CLIENT_ID: contosoApp,
  AZURE_CLIENT_SECRET: 'contoso-secret',
};

type Example = 'secret' | 'service-account';

export interface CredentialsWorld extends OperatorWorld {
  /** Applies an example of deploy/credentials, its namespace and some texts replaced. */
  grant(example: Example, replace?: Readonly<Record<string, string>>): Promise<void>;
  putSecret(values: SecretValues, name?: string, namespace?: string): Promise<void>;
  /** Waits for a reason of Ready and gives the condition's message. */
  untilReason(name: string, reason: string, says?: RegExp): Promise<string>;
}

/** An Azure in which the operator itself may do nothing, and the application `contosoApp` everything. */
export async function credentialsWorld(
  t: Pick<TestContext, 'onTestFinished'>,
  app: Partial<SeedApp> = {},
): Promise<CredentialsWorld> {
  const scope = `/subscriptions/${DEFAULTS.subscriptionId}`;
  const world = await operatorWorld(t, { roles: [{ clientId: contosoApp, scope, actions: ['*'] }] });
  await world.azure.control.putApp({ clientId: contosoApp, secret: 'contoso-secret', ...app });
  const { kube } = world.cluster;
  return {
    ...world,
    grant: (example, replace = {}) => grant(kube, example, { platform: world.namespace, ...replace }),
    async putSecret(values, name = 'azure-contoso', namespace = world.namespace) {
      const present = Object.entries(values).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, Buffer.from(value).toString('base64')] as const],
      );
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace } };
      await kube.delete(await kube.pathOf(secret));
      await kube.apply({ ...secret, data: Object.fromEntries(present) });
    },
    async untilReason(name, reason, says = /./) {
      const object = await world.until(
        name,
        `reason ${reason} (${says.source})`,
        (seen) => readyOf(seen)?.reason === reason && says.test(readyOf(seen)?.message ?? ''),
        withinSecondsMs,
      );
      return readyOf(object)?.message ?? '';
    },
  };
}

/** Applies an example of deploy/credentials with some of its texts replaced. */
export async function grant(
  kube: KubeAdmin,
  example: Example,
  replace: Readonly<Record<string, string>>,
): Promise<void> {
  for (const manifest of await readManifestFile(`deploy/credentials/${example}.yaml`)) {
    const text = Object.entries(replace).reduce((json, [a, b]) => json.replaceAll(a, b), JSON.stringify(manifest));
    await kube.apply(JSON.parse(text) as typeof manifest);
  }
}

function readyOf({ status }: RegistryReplication) {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}
