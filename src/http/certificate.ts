import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';

/** As a Secret of type kubernetes.io/tls names them. */
export const certificateFiles = ['tls.crt', 'tls.key'] as const;

/** A serving certificate with its chain, and its key, both PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Reads both files of the folder; throws when one is missing or they don't belong together. */
export async function readCertificate(folder: string, signal: AbortSignal): Promise<Certificate> {
  const [cert, key] = await Promise.all(
    certificateFiles.map((name) => readFile(join(folder, name), { encoding: 'utf8', signal })),
  );
  const certificate = { cert: cert ?? '', key: key ?? '' };
  createSecureContext(certificate); // throws
  return certificate;
}

export interface CertificateWatch {
  readonly folder: string;
  /** What is served now. */
  readonly current: Certificate;
  readonly onChange: (certificate: Certificate) => void;
  /** Told of each reading of changed files, and of each that failed, in one line without their content. */
  readonly onRead: (problem: string | undefined) => void;
  /** Default 10 000, as controller-runtime's: file events are lost over some volumes. */
  readonly everyMs?: number;
}

/**
 * Looks at the files now and then. A pair that is of no use, such as one half written, is told once and the one before
 * stays. Returns how to stop.
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

  async function look(): Promise<void> {
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

  const timer = setInterval(() => void look(), everyMs).unref();
  return () => {
    clearInterval(timer);
    end.abort();
  };
}
