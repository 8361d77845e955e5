import { join } from 'node:path';
import { certificateFiles } from '../http/certificate.ts';
import type { Address } from '../http/server.ts';
import { type Part, problemsOf, type Readers, unmade } from './part.ts';
import { type Values, wrong } from './values.ts';

/** Where and how the operator answers questions about itself. */
export interface ServersConfig {
  readonly metricsAddress: Address;
  readonly metricsRequireToken: boolean;
  /** Folder with tls.crt and tls.key; undefined means plain HTTP. */
  readonly metricsTlsDir: string | undefined;
  readonly healthAddress: Address;
}

/** Makes the part from its settings; looks at the two files of a TLS folder. */
export function serversConfig(values: Values, readers: Readers): Part<ServersConfig> {
  const addresses = addressesPart(values);
  const tlsDir = tlsDirPart(values, readers);
  const { metricsRequireToken } = values;
  if (!addresses.ok || !tlsDir.ok || metricsRequireToken === wrong) return unmade(...problemsOf(addresses, tlsDir));
  return { ok: true, value: { ...addresses.value, metricsRequireToken, metricsTlsDir: tlsDir.value } };
}

/** Both addresses. They may share a port only if both name a host, and not the same one. */
function addressesPart({
  metricsAddress,
  healthAddress,
}: Values): Part<Pick<ServersConfig, 'metricsAddress' | 'healthAddress'>> {
  if (metricsAddress === wrong || healthAddress === wrong) return unmade();
  const { host: metricsHost = healthAddress.host, port } = metricsAddress;
  const { host: healthHost = metricsHost } = healthAddress;
  if (port !== 0 && port === healthAddress.port && metricsHost === healthHost) {
    return unmade('METRICS_ADDRESS and HEALTH_ADDRESS are the same, they must differ. Example: :8080 and :8081');
  }
  return { ok: true, value: { metricsAddress, healthAddress } };
}

function tlsDirPart({ metricsTlsDir: folder }: Values, readers: Readers): Part<string | undefined> {
  if (folder === wrong) return unmade();
  const missing = folder === undefined ? [] : certificateFiles.filter((name) => !readers.isFile(join(folder, name)));
  if (missing.length === 0) return { ok: true, value: folder };
  return unmade(`METRICS_TLS_DIR is ${JSON.stringify(folder)}, where there is no readable ${missing.join(' and no ')}`);
}
