import { isIP } from 'node:net';
import { generate } from 'selfsigned';

/** An authority's certificate and key as PEM texts. */
export interface CertificateAuthority {
  readonly certPem: string;
  readonly keyPem: string;
}

/** What all certificates share. They are valid since an hour ago, for clocks may differ. */
const made = () => ({ algorithm: 'sha256', notBeforeDate: new Date(Date.now() - 3_600_000) }) as const;

/** An authority that signs server certificates for one test run. */
export async function createAuthority(commonName: string): Promise<CertificateAuthority> {
  const pems = await generate([{ name: 'commonName', value: commonName }], {
    ...made(),
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  });
  return { certPem: pems.cert, keyPem: pems.private };
}

/** A server certificate for 127.0.0.1, localhost and the given names, which may be IP addresses, too. */
export async function issueServerCertificate(
  ca: CertificateAuthority,
  names: readonly string[] = [],
): Promise<{ readonly certPem: string; readonly keyPem: string }> {
  const altNames = ['localhost', '127.0.0.1', ...names].map((name) =>
    isIP(name) === 0 ? { type: 2 as const, value: name } : { type: 7 as const, ip: name },
  );
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...made(),
    keyType: 'ec',
    ca: { key: ca.keyPem, cert: ca.certPem },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  return { certPem: pems.cert, keyPem: pems.private };
}

/** A client's self-signed certificate and its key, PEM with a line break at the end. */
export async function selfSigned(
  keyType: 'rsa' | 'ec' = 'rsa',
): Promise<{ readonly key: string; readonly cert: string }> {
  const pems = await generate([{ name: 'commonName', value: 'contoso' }], {
    algorithm: 'sha256',
    keySize: 2048,
    keyType,
  });
  return { key: `${pems.private.trim()}\n`, cert: `${pems.cert.trim()}\n` };
}
