import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, constants, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { x as extract } from 'tar';
import { type Dispatcher, EnvHttpProxyAgent, fetch } from 'undici';
import { deadline } from '../../src/time/deadline.ts';
import { cacheRoot, putInPlace } from './cache-folder.ts';
import pinned from './envtest.json' with { type: 'json' };
import { withLock } from './lock-folder.ts';
import { type Progress, type ProgressOutput, startProgress } from './progress.ts';

/** An archive of kube-apiserver, etcd and kubectl, as setup-envtest loads them. */
export interface Release {
  readonly version: string;
  /** With `{os}` and `{arch}` for Go's names of them. */
  readonly url: string;
  /** By `os-arch`, in hexadecimal. */
  readonly sha512: Readonly<Record<string, string>>;
}

export interface LoadOptions {
  readonly signal: AbortSignal;
  readonly output: ProgressOutput;
  readonly env: NodeJS.ProcessEnv;
  /** Default: the release whose hashes stand in envtest.json. */
  readonly release?: Release;
}

const official: Release = pinned;

/** Why the archive is not to be had, in words. */
export class NotLoaded extends Error {}

/** Whoever does not begin to answer within this is not waited for. */
const beginMs = 3_000;
/** Nor is whoever says nothing for this long while answering. */
const stallMs = 10_000;
/** Where the archive has its programs. */
const inside = 'controller-tools/envtest/';
const programs = ['kube-apiserver', 'etcd'] as const;

/** The folder with both programs, when they were loaded before. */
export async function loadedBefore({ env, release = official }: Pick<LoadOptions, 'env' | 'release'>) {
  const folder = folderOf(env, release);
  return (await isComplete(folder)) ? folder : undefined;
}

/**
 * Loads the official archive of both programs, about 75 MB, and gives the folder that holds them. Nothing of an archive
 * with another hash is put in place. Throws NotLoaded when it cannot be had.
 */
export async function loadEnvtest(options: LoadOptions): Promise<string> {
  const { signal, output, env, release = official } = options;
  const sha512 = release.sha512[platformName()];
  if (sha512 === undefined) throw new NotLoaded(`no archive is made for ${platformName()}`);
  const folder = folderOf(env, release);
  await mkdir(dirname(folder), { recursive: true });
  const progress = startProgress(output);
  try {
    const onWait = (): void => progress.say('Another process is loading kube-apiserver and etcd: waiting for it.');
    await withLock(`${folder}.lock`, { signal, onWait }, async () => {
      if (await isComplete(folder)) return;
      const fill = (partial: string) => load(partial, { release, sha512 }, options, progress);
      await putInPlace(folder, fill, () => isComplete(folder));
    });
  } finally {
    progress.stop();
  }
  return folder;
}

function folderOf(env: NodeJS.ProcessEnv, { version }: Release): string {
  return join(cacheRoot(env), `envtest-${version}-${platformName()}`);
}

async function isComplete(folder: string): Promise<boolean> {
  const found = await Promise.allSettled(programs.map((name) => access(join(folder, name), constants.X_OK)));
  return found.every(({ status }) => status === 'fulfilled');
}

/** As Go names it: `linux-amd64`. */
function platformName(): string {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  return `${os}-${arch}`;
}

async function load(
  folder: string,
  { release, sha512 }: { readonly release: Release; readonly sha512: string },
  { signal, env }: LoadOptions,
  progress: Progress,
): Promise<void> {
  const [os = '', arch = ''] = platformName().split('-');
  const address = release.url.replaceAll('{os}', os).replaceAll('{arch}', arch);
  const archive = join(folder, 'archive.tar.gz');
  const dispatcher = new EnvHttpProxyAgent(proxiesOf(env));
  try {
    const { body, bytes } = await begin(address, dispatcher, signal);
    progress.say(`Loading kube-apiserver and etcd ${release.version}, once (kept in ${dirname(folder)}).`);
    const hash = await save(body, archive, { bytes, address, signal }, progress);
    if (hash !== sha512) throw new NotLoaded(`${address} has not the SHA-512 that it should have`);
    progress.now('unpacking');
    const filter = (path: string): boolean => programs.some((name) => path.endsWith(`${inside}${name}`));
    await extract({ file: archive, cwd: folder, strict: true, strip: inside.split('/').length - 1, filter });
    await rm(archive);
    if (!(await isComplete(folder))) throw new NotLoaded(`${address} does not hold ${programs.join(' and ')}`);
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof NotLoaded ? error : new NotLoaded(`${address} cannot be loaded: ${reasonOf(error)}`);
  } finally {
    await dispatcher.destroy();
  }
}

async function begin(address: string, dispatcher: Dispatcher, signal: AbortSignal) {
  using patience = deadline(signal, beginMs, () => new NotLoaded(`${address} does not answer`));
  const { ok, status, headers, body } = await fetch(address, { dispatcher, signal: patience.signal });
  if (!ok || body === null) throw new NotLoaded(`${address} answers ${status}`);
  return { body, bytes: Number(headers.get('content-length')) || undefined };
}

/** Writes what comes into the file; resolves to its SHA-512. */
async function save(
  body: ReadableStream,
  file: string,
  from: { readonly bytes: number | undefined; readonly address: string; readonly signal: AbortSignal },
  progress: Progress,
): Promise<string> {
  using silence = deadline(from.signal, stallMs, () => new NotLoaded(`${from.address} has stopped answering`));
  const hash = createHash('sha512');
  const startedMs = Date.now();
  let loaded = 0;
  async function* counted(chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      silence.refresh();
      hash.update(chunk);
      loaded += chunk.length;
      progress.now(progressText(loaded, from.bytes, Date.now() - startedMs));
      yield chunk;
    }
  }
  await pipeline(Readable.fromWeb(body), counted, createWriteStream(file), { signal: silence.signal });
  if (from.bytes !== undefined && loaded !== from.bytes) throw new NotLoaded(`${from.address} ended too early`);
  return hash.digest('hex');
}

/** `12 of 75 MB, 20 s left`, by the speed so far. */
export function progressText(loaded: number, bytes: number | undefined, elapsedMs: number): string {
  const mb = (count: number): number => Math.round(count / 1e6);
  if (bytes === undefined) return `${mb(loaded)} MB`;
  const leftS = Math.ceil(((bytes - loaded) * elapsedMs) / loaded / 1_000);
  return `${mb(loaded)} of ${mb(bytes)} MB, ${leftS} s left`;
}

/** As curl takes them: small letters before capitals. */
function proxiesOf(env: NodeJS.ProcessEnv) {
  const named = (name: string): string => env[name.toLowerCase()] ?? env[name] ?? '';
  return { httpProxy: named('HTTP_PROXY'), httpsProxy: named('HTTPS_PROXY'), noProxy: named('NO_PROXY') };
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}
