import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';

/** The names of certificate and key in a Secret of type kubernetes.io/tls, and so in the folder where it is mounted. */
export const certificateFiles = ['tls.crt', 'tls.key'] as const;

/** A serving certificate with its chain, and the certificate's key, both in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Reads both files of the folder. Rejects when one is missing, or when certificate and key do not belong together. */
export async function readCertificate(folder: string, signal: AbortSignal): Promise<Certificate> {
  const [cert, key] = await Promise.all(
    certificateFiles.map((name) => readFile(join(folder, name), { encoding: 'utf8', signal })),
  );
  const certificate = { cert: cert ?? '', key: key ?? '' };
  createSecureContext(certificate); // throws when they do not belong together
  return certificate;
}

export interface CertificateWatch {
  readonly folder: string;
  /** The certificate that is served now. */
  readonly current: Certificate;
  readonly onChange: (certificate: Certificate) => void;
  /** Called when changed files were read, with undefined, or could not be used, with one word that says why. */
  readonly onRead: (problem: string | undefined) => void;
  /** The time between two looks; default 10 000, as in controller-runtime. Events of files are lost on some volumes. */
  readonly everyMs?: number;
}

/**
 * Looks at the files every now and then. When they are of no use, perhaps because one of them is half written, the reason
 * is told once, and the certificate before stays. Returns a function that ends this.
 */
export function watchCertificate({
  folder,
  current,
  onChange,
  onRead,
  everyMs = 10_000,
}: CertificateWatch): () => void {
  let served = current;
  let known: string | undefined;
  const end = new AbortController();

  async function reread(): Promise<void> {
    try {
      const read = await readCertificate(folder, AbortSignal.any([end.signal, AbortSignal.timeout(everyMs)]));
      known = undefined;
      if (read.cert === served.cert && read.key === served.key) return;
      served = read;
      onChange(read);
      onRead(undefined);
    } catch (error) {
      if (end.signal.aborted) return;
      const { code = 'unusable' } = error as NodeJS.ErrnoException;
      if (known !== code) onRead(code);
      known = code;
    }
  }

  const timer = setInterval(() => void reread(), everyMs).unref();
  return () => {
    clearInterval(timer);
    end.abort();
  };
}
