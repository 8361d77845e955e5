import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** A folder with a cache and a program of its own, made anew for each test. */
export interface CacheScene {
  dir: string;
  env: NodeJS.ProcessEnv;
  readonly output: { write(text: string): void };
  /** All that was written to `output`. */
  told: string;
  cached(): Promise<string[]>;
}

/**
 * A folder for all tests of a file. Its program `bin/<name>`, which is `script`, comes first in PATH; STUB_DIR is the
 * folder. `settings` are variables of its environment.
 */
export function cacheScene(name: string, script: string, settings: NodeJS.ProcessEnv = {}): CacheScene {
  const scene: CacheScene = {
    dir: '',
    env: {},
    output: { write: (text) => void (scene.told += text) },
    told: '',
    cached: () => readdir(join(scene.dir, 'cache', 'acr-replication-operator')),
  };
  beforeEach(async () => {
    const dir = await mkdtemp(join(tmpdir(), 'acr-cache-test-'));
    const bin = join(dir, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, name), script);
    await chmod(join(bin, name), 0o755);
    const path = [bin, '/usr/bin', '/bin'].join(delimiter);
    const env = { PATH: path, XDG_CACHE_HOME: join(dir, 'cache'), STUB_DIR: dir, ...settings };
    Object.assign(scene, { dir, env, told: '' });
  });
  afterEach(() => rm(scene.dir, { recursive: true, force: true }));
  return scene;
}
