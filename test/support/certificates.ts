import { generate } from 'selfsigned';

/** A self-signed certificate and its key, PEM with a line break at the end. */
export async function selfSigned(
  keyType: 'rsa' | 'ec' = 'rsa',
): Promise<{ readonly key: string; readonly cert: string }> {
  const name = [{ name: 'commonName', value: 'contoso' }];
  const made = await generate(name, { algorithm: 'sha256', keySize: 2048, keyType });
  return { key: `${made.private.trim()}\n`, cert: `${made.cert.trim()}\n` };
}
