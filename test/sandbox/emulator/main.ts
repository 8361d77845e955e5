import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { EFFECT_KINDS, WORLD } from './control-arguments.ts';
import { CONTROL_FUNCTIONS } from './control-client.ts';
import { type Emulator, startEmulator } from './emulator.ts';
import type { Federation } from './model.ts';
import { DEFAULTS, type EmulatorOptions, HABITS, type World } from './settings.ts';
import { problemWith } from './shapes.ts';

const HELP = `Emulated Azure: container registries, their replications and the identity endpoints, over TLS on 127.0.0.1.

Usage: npm run emulator -- [options]

  --port N                     port; default: the system chooses
  --world FILE                 JSON: {tenantId, subscriptions, registries, apps, roles, networks}; default: one
                               Premium registry "contoso" in the group "registries" at home in eastus
  --state FILE                 keep the state in this file, and start from it when it is there
  --operation-ms N             time of a create; default 10000
  --sync-ms N                  time from Succeeded to Ready; default 1000
  --delete-ms N                time of a delete; default as --operation-ms
  --update-ms N                time of an update; default 500
  --home-delay-ms N            time until the home replica appears; default 4000
  --latency-ms N               added to every answer; default 0
  --page-size N                items per LIST page; default: all
  --retry-after-seconds N      send Retry-After with running operations; default: none, as Azure does
  --token-life-seconds N       life of an access token; default 3599
  --seed N                     for everything random; default 1
  --tag-patch HOW              a PATCH of tags alone: operation (201, default) or immediate (200); both were recorded
  --patch-of-failed HOW        a PATCH of a Failed replica: heals (default) or stays
  --put-of-failed HOW          a PUT of one: stays (200, default) or heals
  --zone-redundancy HOW        of registries: Disabled (default), or Enabled: home is listed from the start
  --federation-issuer URL      accept tokens of this issuer in place of the first app's secret
  --federation-jwks FILE         … verified with these keys (kubectl get --raw /openid/v1/jwks)
  --federation-subject SUBJECT   … for this subject, such as system:serviceaccount:NAMESPACE:NAME
  --json                       print one line of JSON in place of text
  --help                       this text

Behind the scenes, plain JSON without a token: GET or POST to ENDPOINT/_emulator/FUNCTION, where FUNCTION is one of
${wrapped(CONTROL_FUNCTIONS)}
A wrong argument is answered with what the function takes. addFault makes Azure go wrong:
  curl --cacert CA -d '{"times":3,"match":{"verb":"PUT"},"effect":{"kind":"throttle","retryAfterSeconds":5}}' ENDPOINT/_emulator/addFault
match: verb, kind of call, registry, region, homeRegion. times, after, probability, forMs (for so long from now) and
afterWriteMs (for so long after each accepted write) limit it. The effects:
${wrapped(EFFECT_KINDS)}
`;

/** Names in lines that a terminal of 120 columns holds. */
function wrapped(names: readonly string[]): string {
  const lines = [''];
  for (const name of names) {
    const line = `${lines.at(-1)}${lines.at(-1) === '' ? '  ' : ', '}${name}`;
    if (line.length > 118) lines.push(`  ${name}`);
    else lines[lines.length - 1] = line;
  }
  return lines.join(',\n');
}

const TEXT = { type: 'string' } as const;
const NUMBERS = {
  port: 'port',
  'operation-ms': 'operationMs',
  'sync-ms': 'syncMs',
  'delete-ms': 'deleteMs',
  'update-ms': 'updateMs',
  'home-delay-ms': 'homeDelayMs',
  'latency-ms': 'latencyMs',
  'page-size': 'pageSize',
  'retry-after-seconds': 'retryAfterSeconds',
  'token-life-seconds': 'tokenLifeSeconds',
  seed: 'seed',
} as const satisfies Record<string, keyof EmulatorOptions>;
const CHOICES = {
  'tag-patch': { option: 'tagPatch', among: HABITS.tagPatch },
  'patch-of-failed': { option: 'patchOfFailed', among: HABITS.patchOfFailed },
  'put-of-failed': { option: 'putOfFailed', among: HABITS.putOfFailed },
  'zone-redundancy': { option: 'zoneRedundancy', among: ['Disabled', 'Enabled'] },
} as const satisfies Record<string, { readonly option: keyof EmulatorOptions; readonly among: readonly string[] }>;

/** Exit code 2 and every problem at once when the flags are wrong. */
async function optionsOf(
  args: readonly string[],
): Promise<{ readonly options: EmulatorOptions; readonly json: boolean } | 'help' | readonly string[]> {
  const numbers = Object.fromEntries(Object.keys({ ...NUMBERS, ...CHOICES }).map((name) => [name, TEXT]));
  const flags = {
    world: TEXT,
    state: TEXT,
    'federation-issuer': TEXT,
    'federation-jwks': TEXT,
    'federation-subject': TEXT,
  };
  const switches = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
  let values: Readonly<Record<string, string | boolean | undefined>>;
  try {
    ({ values } = parseArgs({ args: [...args], options: { ...numbers, ...flags, ...switches } }));
  } catch (error) {
    return [error instanceof Error ? error.message : 'wrong flags'];
  }
  if (values['help'] === true) return 'help';
  const problems: string[] = [];
  const options: Record<string, unknown> = {};
  for (const [flag, option] of Object.entries(NUMBERS)) {
    const value = values[flag];
    if (value === undefined) continue;
    if (/^\d+$/.test(String(value))) options[option] = Number(value);
    else problems.push(`--${flag} must be a whole number, not '${String(value)}'`);
  }
  for (const [flag, { option, among }] of Object.entries(CHOICES)) {
    const value = values[flag];
    if (value === undefined) continue;
    if (among.some((one) => one === value)) options[option] = value;
    else problems.push(`--${flag} must be ${among.join(' or ')}, not '${String(value)}'`);
  }
  const read = async (flag: string): Promise<unknown> => {
    const path = values[flag];
    if (typeof path !== 'string') return undefined;
    try {
      return JSON.parse(await readFile(path, 'utf8'));
    } catch (error) {
      problems.push(`--${flag} ${path}: ${error instanceof Error ? error.message : 'unreadable'}`);
      return undefined;
    }
  };
  const given = (await read('world')) ?? {};
  const wrong = problemWith(given, WORLD, 'the world');
  if (wrong !== undefined) problems.push(`--world ${String(values['world'])}: ${wrong}`);
  const world = (wrong === undefined ? given : {}) as World;
  const federation = ['federation-issuer', 'federation-jwks', 'federation-subject'].filter(
    (f) => values[f] !== undefined,
  );
  if (federation.length === 1 || federation.length === 2)
    problems.push('--federation-issuer, --federation-jwks and --federation-subject go together');
  const jwks = (await read('federation-jwks')) as Federation['jwks'] | undefined;
  if (problems.length > 0) return problems;
  const [first = { clientId: DEFAULTS.clientId, secret: DEFAULTS.clientSecret }, ...others] = world.apps ?? [];
  const federated =
    jwks === undefined
      ? {}
      : {
          federation: [
            { issuer: String(values['federation-issuer']), subject: String(values['federation-subject']), jwks },
          ],
        };
  const state = values['state'];
  return {
    options: {
      ...world,
      ...options,
      apps: [{ ...first, ...federated }, ...others],
      ...(typeof state === 'string' ? { stateFile: state } : {}),
    },
    json: values['json'] === true,
  };
}

function describe({
  url,
  caFile,
  identityUrl,
  identityHeader,
  imdsUrl,
  credentials,
  subscriptionId,
}: Emulator): string {
  return `Emulated Azure is up.

  endpoint         ${url}
  CA certificate   ${caFile}
  tenant           ${credentials.tenantId}
  subscription     ${subscriptionId}
  client id        ${credentials.clientId}
  client secret    ${credentials.clientSecret}
  managed identity IDENTITY_ENDPOINT=${identityUrl} IDENTITY_HEADER=${identityHeader}
                   or AZURE_POD_IDENTITY_AUTHORITY_HOST=${imdsUrl}

With the Azure CLI (the last line undoes the second):
  export REQUESTS_CA_BUNDLE=${caFile} AZURE_CORE_INSTANCE_DISCOVERY=false
  az cloud register --name Emulated --endpoint-resource-manager ${url} && az cloud set --name Emulated
  az login --service-principal --tenant ${credentials.tenantId} --username ${credentials.clientId} --password ${credentials.clientSecret}
  az cloud set --name AzureCloud && az cloud unregister --name Emulated

With curl:
  TOKEN=$(curl -s --cacert ${caFile} -d grant_type=client_credentials -d client_id=${credentials.clientId} \\
    -d client_secret=${credentials.clientSecret} -d scope=${url}/.default ${url}/${credentials.tenantId}/oauth2/v2.0/token \\
    | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl --cacert ${caFile} -H "Authorization: Bearer $TOKEN" \\
    '${url}/subscriptions/${subscriptionId}/providers/Microsoft.ContainerRegistry/registries?api-version=2025-11-01'

With the operator, beside its KUBECONFIG:
  export NODE_EXTRA_CA_CERTS=${caFile} AZURE_RESOURCE_MANAGER_ENDPOINT=${url} AZURE_AUTHORITY_HOST=${url} \\
    AZURE_SUBSCRIPTION_ID=${subscriptionId} AZURE_TENANT_ID=${credentials.tenantId} \\
    AZURE_CLIENT_ID=${credentials.clientId} AZURE_CLIENT_SECRET=${credentials.clientSecret}

Ctrl-C stops it.
`;
}

const read = await optionsOf(process.argv.slice(2));
if (read === 'help') {
  process.stdout.write(HELP);
} else if (!('options' in read)) {
  process.stderr.write(`${read.join('\n')}\n\nSee --help.\n`);
  process.exitCode = 2;
} else {
  await run(read.options, read.json);
}

async function run(options: EmulatorOptions, json: boolean): Promise<void> {
  let emulator: Emulator;
  try {
    emulator = await startEmulator(options);
  } catch (error) {
    process.stderr.write(`The emulator did not start: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
    return;
  }
  const { url, caFile, identityUrl, identityHeader, imdsUrl, credentials, subscriptionId } = emulator;
  const facts = { url, caFile, identityUrl, identityHeader, imdsUrl, subscriptionId, ...credentials };
  // npm hands a Ctrl-C on that the terminal has sent already: the second one must not kill.
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= emulator.stop();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.stdout.write(json ? `${JSON.stringify(facts)}\n` : describe(emulator));
}
