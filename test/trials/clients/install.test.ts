import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheScene } from '../../support/cache-scene.ts';
import { obtainAzureCli } from './install.ts';

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

const at = cacheScene('python3', stubPython);

const installs = async () => (await readFile(join(at.dir, 'installs'), 'utf8').catch(() => '')).length / 2;

test('installs once per Python and then says nothing', async () => {
  const python = await obtainAzureCli(at);
  expect(at.told).toMatch(/Installing the Azure CLI .*, about two minutes, once/);
  at.told = '';
  expect(await obtainAzureCli(at)).toBe(python);
  expect(at.told).toBe('');
  expect(await installs()).toBe(1);
  expect(await obtainAzureCli({ env: { ...at.env, VERSION: '3.12' }, output: at.output })).not.toBe(python);
  expect(await installs()).toBe(2);
});

test('an installation that no longer runs is made again', async () => {
  const python = await obtainAzureCli(at);
  await rm(join(dirname(python), 'azure-cli'));
  expect(await obtainAzureCli(at)).toBe(python);
  expect(at.told).toContain('broken: installing it again');
  expect(await installs()).toBe(2);
});

test('what pip says about a failed installation is in the error, and nothing half-made is left', async () => {
  const failing = obtainAzureCli({ env: { ...at.env, PIP_FAILS: '1' }, output: at.output });
  await expect(failing).rejects.toThrow(/pip install ended with 1:\nERROR: No matching distribution found/);
  expect(await at.cached()).toEqual([]);
});

test.for([
  ['is missing', { PATH: '/nowhere' }, /no program "python3" in PATH/],
  ['is too old', { VERSION: '3.9' }, /python3 is 3\.9/],
  ['lacks ensurepip', { NO_VENV: '1' }, /python3 \(3\.11\) lacks them: No module named 'ensurepip'/],
] as const)('when Python %s the error says what to install', async ([, change, why]) => {
  const error = await obtainAzureCli({ env: { ...at.env, ...change }, output: at.output }).catch(String);
  expect(error).toMatch(why);
  expect(error).toMatch(/need Python 3\.10 or newer[^]*apt install python3-venv/);
});
