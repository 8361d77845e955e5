import { type Certificate, readCertificate, watchCertificate } from '../http/certificate.ts';
import type { RunningServer } from '../http/server.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { StartProblem } from './start-problem.ts';

/** Reads the certificate to begin with, of the folder that `setting` names. Throws a StartProblem when it is of no use. */
export async function certificateIn(setting: string, folder: string): Promise<Certificate> {
  try {
    return await readCertificate(folder, AbortSignal.timeout(10_000));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === undefined ? message : `${code}, ${message}`;
    throw new StartProblem(`${setting} is ${folder}, whose tls.crt and tls.key cannot be served: ${why}`);
  }
}

export interface KeptCertificate {
  readonly folder: string;
  /** The certificate that is served now. */
  readonly current: Certificate;
  readonly server: Pick<RunningServer, 'useCertificate'>;
  readonly metrics: Pick<Metrics, 'certificateRead'>;
  readonly log: Log;
}

/** Gives the server every other certificate that the folder will hold. Returns a function that ends this. */
export function keepCertificate({ folder, current, server, metrics, log }: KeptCertificate): () => void {
  metrics.certificateRead(true);
  return watchCertificate({
    folder,
    current,
    onChange: server.useCertificate,
    onRead(problem) {
      metrics.certificateRead(problem === undefined);
      if (problem === undefined) log.info('serving certificate read again', { folder });
      else log.warn('serving certificate is of no use, the one before stays', { folder, problem });
    },
  });
}
