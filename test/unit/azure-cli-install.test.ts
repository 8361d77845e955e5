import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { obtainAzureCli } from '../clients/install.ts';

/** Stands for python3 and for the Python of the virtual environment it makes; `pip` counts itself. */
const stubPython = `#!/bin/sh
case "$*" in
  -c*) echo "\${VERSION:-3.11}"; if [ -n "$NO_VENV" ]; then echo "No module named 'ensurepip'" >&2; exit 1; fi ;;
  '-m venv'*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
  '-m pip'*)
    echo x >> "$STUB_DIR/installs"
    if [ -n "$PIP_FAILS" ]; then echo 'ERROR: No matching distribution found' >&2; exit 1; fi
    touch "$(dirname "$0")/azure-cli" ;;
  '-m azure.cli'*) [ -e "$(dirname "$0")/azure-cli" ] && echo '  --location -l' ;;
esac
`;

let dir: string;
let env: NodeJS.ProcessEnv;
let told: string;
const output = { write: (text: string) => (told += text) };

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'azure-cli-cache-test-'));
  await mkdir(join(dir, 'bin'));
  await writeFile(join(dir, 'bin', 'python3'), stubPython);
  await chmod(join(dir, 'bin', 'python3'), 0o755);
  const path = [join(dir, 'bin'), '/usr/bin', '/bin'].join(delimiter);
  env = { PATH: path, XDG_CACHE_HOME: join(dir, 'cache'), STUB_DIR: dir };
  told = '';
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const installs = async () => (await readFile(join(dir, 'installs'), 'utf8').catch(() => '')).length / 2;
const cached = () => readdir(join(dir, 'cache', 'acr-replication-operator'));

test('installs once per Python and then says nothing', async () => {
  const python = await obtainAzureCli({ env, output });
  expect(told).toMatch(/Installing the Azure CLI .*, about two minutes, once/);
  told = '';
  expect(await obtainAzureCli({ env, output })).toBe(python);
  expect(told).toBe('');
  expect(await installs()).toBe(1);
  expect(await obtainAzureCli({ env: { ...env, VERSION: '3.12' }, output })).not.toBe(python);
  expect(await installs()).toBe(2);
});

test('an installation that no longer runs is made again', async () => {
  const python = await obtainAzureCli({ env, output });
  await rm(join(dirname(python), 'azure-cli'));
  expect(await obtainAzureCli({ env, output })).toBe(python);
  expect(told).toContain('broken: installing it again');
  expect(await installs()).toBe(2);
});

test('what pip says about a failed installation is in the error, and nothing half-made is left', async () => {
  const failing = obtainAzureCli({ env: { ...env, PIP_FAILS: '1' }, output });
  await expect(failing).rejects.toThrow(/pip install ended with 1:\nERROR: No matching distribution found/);
  expect(await cached()).toEqual([]);
});

test.for([
  ['is missing', { PATH: '/nowhere' }, /no program "python3" in PATH/],
  ['is too old', { VERSION: '3.9' }, /python3 is 3\.9/],
  ['lacks ensurepip', { NO_VENV: '1' }, /python3 \(3\.11\) lacks them: No module named 'ensurepip'/],
] as const)('when Python %s the error says what to install', async ([, change, why]) => {
  const error = await obtainAzureCli({ env: { ...env, ...change }, output }).catch(String);
  expect(error).toMatch(why);
  expect(error).toMatch(/need Python 3\.10 or newer[^]*apt install python3-venv/);
});
