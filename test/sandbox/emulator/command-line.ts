import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { EFFECT_KINDS, WORLD } from './control-arguments.ts';
import { CONTROL_FUNCTIONS } from './control-client.ts';
import type { Federation } from './model.ts';
import { DEFAULTS, type EmulatorOptions, HABITS, type World } from './settings.ts';
import { listOf, object, problemWith } from './shapes.ts';

interface Flag {
  /** The argument, for the help; a switch has none. */
  readonly takes?: string;
  readonly help: string;
  /** The option that a number, a text or one of several words becomes. */
  readonly option?: keyof EmulatorOptions;
  readonly kind?: 'port' | 'count' | 'text' | 'url';
  readonly among?: readonly string[];
}

const count = (option: keyof EmulatorOptions, help: string): Flag => ({ takes: 'N', help, option, kind: 'count' });
const port = (option: keyof EmulatorOptions, help: string): Flag => ({ takes: 'N', help, option, kind: 'port' });
const word = (option: keyof EmulatorOptions, among: readonly string[], help: string): Flag => ({
  takes: 'HOW',
  help,
  option,
  among,
});

/** Every flag, in the order of the help. */
const FLAGS = {
  port: port('port', 'port; default: the system chooses'),
  listen: { takes: 'ADDRESS', help: 'address; default 127.0.0.1, 0.0.0.0 is all', option: 'listen', kind: 'text' },
  url: {
    takes: 'URL',
    help: 'where clients reach it, if not at https://127.0.0.1:PORT; the certificate names this host, too',
    option: 'url',
    kind: 'url',
  },
  'identity-port': port('identityPort', 'port of managed identities, plain HTTP; default: the system chooses'),
  world: {
    takes: 'FILE',
    help: 'JSON: {cloud, tenantId, subscriptions, registries, apps, roles, networks}, each optional; default: one Premium registry "contoso" in the group "registries" at home in eastus',
  },
  state: { takes: 'FILE', help: 'keep the state in this file, and start from it when it is there' },
  'operation-ms': count('operationMs', 'time of a create; default 10000'),
  'sync-ms': count('syncMs', 'time from Succeeded to Ready; default 1000'),
  'delete-ms': count('deleteMs', 'time of a delete; default as --operation-ms'),
  'update-ms': count('updateMs', 'time of an update; default 500'),
  'home-delay-ms': count('homeDelayMs', 'time until the home replica appears; default 4000'),
  'latency-ms': count('latencyMs', 'added to every answer; default 0'),
  'graph-age-ms': count('graphAgeMs', 'how old what Azure Resource Graph shows is; default 1000'),
  'page-size': count('pageSize', 'items per LIST page; default: all'),
  'retry-after-seconds': count(
    'retryAfterSeconds',
    'send Retry-After with running operations; default: none, as Azure does',
  ),
  'token-life-seconds': count('tokenLifeSeconds', 'life of an access token; default 3599'),
  'journal-size': count('journalSize', 'calls that the journal keeps; default 10000'),
  seed: count('seed', 'for everything random; default 1'),
  'tag-patch': word(
    'tagPatch',
    HABITS.tagPatch,
    'a PATCH of tags alone: operation (201, default) or immediate (200); both were recorded',
  ),
  'patch-of-failed': word(
    'patchOfFailed',
    HABITS.patchOfFailed,
    'a PATCH of a Failed replica: heals (default) or stays',
  ),
  'put-of-failed': word('putOfFailed', HABITS.putOfFailed, 'a PUT of one: stays (200, default) or heals'),
  'zone-redundancy': word(
    'zoneRedundancy',
    ['Disabled', 'Enabled'],
    'of registries: Disabled (default), or Enabled: home is listed from the start',
  ),
  'federation-issuer': { takes: 'URL', help: "accept tokens of this issuer in place of the first app's secret" },
  'federation-jwks': { takes: 'FILE', help: '… verified with these keys (kubectl get --raw /openid/v1/jwks)' },
  'federation-subject': {
    takes: 'SUBJECT',
    help: '… for this subject, such as system:serviceaccount:NAMESPACE:NAME',
  },
  json: { help: 'print one line of JSON in place of text' },
  help: { help: 'this text' },
} as const satisfies Record<string, Flag>;

type FlagName = keyof typeof FLAGS;
const TABLE = Object.entries(FLAGS) as readonly (readonly [FlagName, Flag])[];

/** A variable says the same as the flag, for containers: --operation-ms is ACR_EMULATOR_OPERATION_MS. */
const variableOf = (name: FlagName): string => `ACR_EMULATOR_${name.toUpperCase().replaceAll('-', '_')}`;

const WIDTH = 118;
const COLUMN = 33;

export const HELP = `An emulated Azure for Azure Container Registry geo-replications: registries, their replicas, the long-running
operations that make them, and the identity endpoints, over TLS, with every failure that is known of the real one.
No other emulator has replications. Use it alone: with az, an SDK of Azure or curl, by hand or in tests of yours.
docs/emulator.md has recipes, and an example of each fault.

Usage: npm run emulator -- [options]        in a checkout
       acr-emulator [options]               as a program

${TABLE.map(flagLines).join('\n')}

Each flag is a variable, too: ${variableOf('operation-ms')} is --operation-ms. A flag comes before a variable.

It ends by Ctrl-C, and leaves nothing. Exit code: 0 when it was stopped, 1 when it did not start, 2 for wrong flags.

Behind the scenes, plain JSON without a token: GET or POST to ENDPOINT/_emulator/FUNCTION, where FUNCTION is one of
${wrapped(CONTROL_FUNCTIONS)}
A wrong argument is answered with what the function takes. GET ENDPOINT/_emulator/ca.pem is the certificate to trust.
addFault makes Azure go wrong:
  curl --cacert CA -d '{"times":3,"match":{"verb":"PUT"},"effect":{"kind":"throttle","retryAfterSeconds":5}}' \\
    ENDPOINT/_emulator/addFault
match: verb, kind of call, registry, region, homeRegion, apiVersion. times, after, probability, forMs (for so long from
now) and afterWriteMs (for so long after each accepted write) limit it. The effects:
${wrapped(EFFECT_KINDS)}
`;

function flagLines([name, { takes, help }]: readonly [FlagName, Flag]): string {
  const lines = [`  --${name}${takes === undefined ? '' : ` ${takes}`}`.padEnd(COLUMN - 2)];
  for (const part of help.split(' ')) {
    const line = `${lines.at(-1) ?? ''} ${part}`;
    if (line.length > WIDTH) lines.push(`${' '.repeat(COLUMN - 2)} ${part}`);
    else lines[lines.length - 1] = line;
  }
  return lines.join('\n');
}

/** Names in lines that a terminal of 120 columns holds. */
function wrapped(names: readonly string[]): string {
  const lines = [''];
  for (const name of names) {
    const line = `${lines.at(-1)}${lines.at(-1) === '' ? '  ' : ', '}${name}`;
    if (line.length > WIDTH) lines.push(`  ${name}`);
    else lines[lines.length - 1] = line;
  }
  return lines.join(',\n');
}

type Values = Readonly<Partial<Record<FlagName, string | boolean>>>;

export type CommandLine =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] }
  | { readonly kind: 'run'; readonly options: EmulatorOptions; readonly json: boolean };

/** Reads flags and variables, and the files that they name; all problems at once. */
export async function commandLine(args: readonly string[], env: NodeJS.ProcessEnv): Promise<CommandLine> {
  let values: Values;
  try {
    values = { ...variables(env), ...flagsIn(args) };
  } catch (error) {
    return { kind: 'wrong', problems: [error instanceof Error ? error.message : 'wrong flags'] };
  }
  if (values.help === true) return { kind: 'help' };
  const read = TABLE.map(([name, flag]) => valueOf(name, flag, values[name]));
  const world = await worldIn(values.world);
  const federation = await federationIn(values);
  const problems = [...read, world, federation].flatMap((one) => ('problem' in one ? [one.problem] : []));
  if (problems.length > 0 || 'problem' in world || 'problem' in federation) return { kind: 'wrong', problems };
  const [first = { clientId: DEFAULTS.clientId, secret: DEFAULTS.clientSecret }, ...others] = world.value.apps ?? [];
  const options = {
    ...world.value,
    ...Object.assign({}, ...read.flatMap((one) => ('value' in one ? [one.value] : []))),
    apps: [{ ...first, ...federation.value }, ...others],
    ...(typeof values.state === 'string' ? { stateFile: values.state } : {}),
  } as EmulatorOptions;
  return { kind: 'run', options, json: values.json === true };
}

type Read<T> = { readonly value: T } | { readonly problem: string };

function flagsIn(args: readonly string[]): Values {
  const options = Object.fromEntries(
    TABLE.map(([name, { takes }]) => [
      name,
      {
        type: takes === undefined ? ('boolean' as const) : ('string' as const),
        ...(name === 'help' ? { short: 'h' } : {}),
      },
    ]),
  );
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [extra] = positionals;
  if (extra !== undefined) throw new Error(`'${extra}' is no flag: each begins with --`);
  return values;
}

function variables(env: NodeJS.ProcessEnv): Values {
  const known = new Map(TABLE.map(([name, flag]) => [variableOf(name), [name, flag] as const]));
  const set = Object.entries(env).filter(([name, value]) => name.startsWith('ACR_EMULATOR_') && value !== '');
  return Object.fromEntries(
    set.map(([variable, value]) => {
      const found = known.get(variable);
      if (found === undefined)
        throw new Error(`unknown variable ${variable}: there is ${[...known.keys()].join(', ')}`);
      const [name, { takes }] = found;
      return [name, takes === undefined ? value === 'true' : value];
    }),
  ) as Values;
}

/** The options that a flag's value becomes. */
function valueOf(name: FlagName, { option, kind, among }: Flag, value: string | boolean | undefined): Read<object> {
  if (value === undefined || option === undefined) return { value: {} };
  const text = String(value);
  const must = (what: string): Read<object> => ({ problem: `--${name} must be ${what}, not '${text}'` });
  if (among !== undefined) return among.includes(text) ? { value: { [option]: text } } : must(among.join(' or '));
  if (kind === 'url') {
    const url = URL.parse(text);
    return url?.protocol === 'https:' && url.pathname === '/' && url.search === ''
      ? { value: { [option]: url.origin } }
      : must('an address such as https://azure.example:8443');
  }
  if (kind === 'text') return { value: { [option]: text } };
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (kind === 'port') return number <= 65_535 ? { value: { [option]: number } } : must('a port from 0 to 65535');
  return number >= 0 ? { value: { [option]: number } } : must('a whole number');
}

async function worldIn(path: string | boolean | undefined): Promise<Read<World>> {
  if (typeof path !== 'string') return { value: {} };
  const read = await jsonFile('world', path);
  if ('problem' in read) return read;
  const wrong = problemWith(read.value, WORLD, 'the world');
  return wrong === undefined ? { value: read.value as World } : { problem: `--world ${path}: ${wrong}` };
}

const KEYS = object({ keys: listOf('anything') });

async function federationIn(values: Values): Promise<Read<{ readonly federation?: readonly Federation[] }>> {
  const { 'federation-issuer': issuer, 'federation-subject': subject, 'federation-jwks': path } = values;
  const given = [issuer, subject, path].filter((one) => one !== undefined).length;
  if (given === 0) return { value: {} };
  if (given < 3) return { problem: '--federation-issuer, --federation-jwks and --federation-subject go together' };
  const read = await jsonFile('federation-jwks', String(path));
  if ('problem' in read) return read;
  const wrong = problemWith(read.value, KEYS, 'the key set');
  if (wrong !== undefined) return { problem: `--federation-jwks ${String(path)}: ${wrong}` };
  const jwks = read.value as Federation['jwks'];
  return { value: { federation: [{ issuer: String(issuer), subject: String(subject), jwks }] } };
}

async function jsonFile(flag: FlagName, path: string): Promise<Read<unknown>> {
  try {
    return { value: JSON.parse(await readFile(path, 'utf8')) as unknown };
  } catch (error) {
    return { problem: `--${flag} ${path}: ${error instanceof Error ? error.message : 'unreadable'}` };
  }
}
