import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readCertificate, watchCertificate } from '../../../src/http/certificate.ts';
import { startServer } from '../../../src/http/server.ts';
import { selfSigned } from '../../sandbox/certificates.ts';

async function folderWith({ cert, key }: { readonly cert: string; readonly key: string }) {
  const dir = await mkdtemp(join(tmpdir(), 'acr-replication-certificate-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const write = async (name: string, text: string) => {
    await writeFile(join(dir, `${name}.new`), text);
    await rename(join(dir, `${name}.new`), join(dir, name)); // whole, as a mounted Secret changes
  };
  await write('tls.crt', cert);
  await write('tls.key', key);
  return { dir, write };
}

/** The certificate that a new connection gets to see, as base64. */
async function served(port: number): Promise<string | undefined> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return raw.toString('base64');
}
const bare = (pem: string) => pem.replace(/-----.*-----|\s/g, '');

test('a changed certificate counts without a restart, half of one does not', async () => {
  const [first, second] = await Promise.all([selfSigned('ec'), selfSigned('ec')]);
  const { dir, write } = await folderWith(first);
  const certificate = await readCertificate(dir, AbortSignal.timeout(5_000));
  const server = await startServer({ host: '127.0.0.1', port: 0 }, {}, certificate);
  onTestFinished(() => server.close());
  const onRead = vi.fn<(problem: string | undefined) => void>();
  onTestFinished(
    watchCertificate({ folder: dir, current: certificate, onChange: server.useCertificate, onRead, everyMs: 200 }),
  );
  expect(await served(server.port)).toBe(bare(first.cert));

  await write('tls.crt', second.cert); // its key is not there yet
  await vi.waitFor(() => expect(onRead).toHaveBeenCalled());
  expect(onRead.mock.lastCall).toEqual([expect.stringMatching(/^[\w]+$/)]);
  expect(await served(server.port)).toBe(bare(first.cert));

  await write('tls.key', second.key);
  await vi.waitFor(async () => expect(await served(server.port)).toBe(bare(second.cert)));
  expect(onRead.mock.calls.at(-1)).toEqual([undefined]); // half of it may have been read before
});

test('a certificate without its key, or with another one, is refused at the start', async () => {
  const [first, second] = await Promise.all([selfSigned('ec'), selfSigned('ec')]);
  const { dir, write } = await folderWith({ cert: first.cert, key: second.key });
  await expect(readCertificate(dir, AbortSignal.timeout(5_000))).rejects.toThrow(/key/i);
  await rm(join(dir, 'tls.key'));
  await expect(readCertificate(dir, AbortSignal.timeout(5_000))).rejects.toThrow('ENOENT');
  await write('tls.key', first.key);
  await expect(readCertificate(dir, AbortSignal.timeout(5_000))).resolves.toEqual(first);
});
