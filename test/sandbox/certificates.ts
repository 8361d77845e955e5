import { generate } from 'selfsigned';

export interface CertificateAuthority {
  readonly certPem: string;
  readonly keyPem: string;
}

export async function createAuthority(commonName: string): Promise<CertificateAuthority> {
  const pems = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { certPem: pems.cert, keyPem: pems.private };
}

/** A server certificate for 127.0.0.1, localhost and the given DNS names. */
export async function issueServerCertificate(
  ca: CertificateAuthority,
  dnsNames: readonly string[] = [],
): Promise<{ readonly certPem: string; readonly keyPem: string }> {
  const names = ['localhost', ...dnsNames].map((value) => ({ type: 2 as const, value }));
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: ca.keyPem, cert: ca.certPem },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [...names, { type: 7, ip: '127.0.0.1' }] },
    ],
  });
  return { certPem: pems.cert, keyPem: pems.private };
}
