import { join } from 'node:path';
import { certificateFiles } from '../http/certificate.ts';
import type { Address } from '../http/server.ts';
import { type Part, problemsOf, type Readers, unmade } from './part.ts';
import { type Values, type Wrong, wrong } from './values.ts';

/** Where and how the operator answers questions about itself. */
export interface ServersConfig {
  readonly metricsAddress: Address;
  readonly metricsRequireToken: boolean;
  /** Folder with tls.crt and tls.key; undefined means plain HTTP. */
  readonly metricsTlsDir: string | undefined;
  readonly healthAddress: Address;
  /** The map; undefined: it is not served. */
  readonly map: MapConfig | undefined;
}

/** Where and to whom the map is served. */
export interface MapConfig {
  readonly address: Address;
  readonly requireToken: boolean;
  /** Folder with tls.crt and tls.key; undefined means plain HTTP. */
  readonly tlsDir: string | undefined;
}

/** Makes the part from its settings; looks at the two files of each TLS folder. */
export function serversConfig(values: Values, readers: Readers): Part<ServersConfig> {
  const addresses = addressesPart(values);
  const metricsTls = tlsDirPart('METRICS_TLS_DIR', values.metricsTlsDir, readers);
  const mapTls = tlsDirPart('MAP_TLS_DIR', values.mapTlsDir, readers);
  const { metricsRequireToken, mapRequireToken: requireToken } = values;
  if (!addresses.ok || !metricsTls.ok || !mapTls.ok || metricsRequireToken === wrong || requireToken === wrong)
    return unmade(...problemsOf(addresses, metricsTls, mapTls));
  const { mapAddress: address, ...others } = addresses.value;
  const map = address === undefined ? undefined : { address, requireToken, tlsDir: mapTls.value };
  return { ok: true, value: { ...others, metricsRequireToken, metricsTlsDir: metricsTls.value, map } };
}

interface Addresses {
  readonly metricsAddress: Address;
  readonly healthAddress: Address;
  readonly mapAddress: Address | undefined;
}

/** All addresses; no two of them may be the same. */
function addressesPart({ metricsAddress, healthAddress, mapAddress }: Values): Part<Addresses> {
  const named = [
    ['METRICS_ADDRESS', metricsAddress],
    ['HEALTH_ADDRESS', healthAddress],
    ['MAP_ADDRESS', mapAddress],
  ] as const;
  const problems = named.flatMap(([name, address], index) =>
    named
      .slice(index + 1)
      .filter(([, other]) => collide(address, other))
      .map(([other]) => `${name} and ${other} are the same, they must differ. Example: :8080 and :8081`),
  );
  if (metricsAddress === wrong || healthAddress === wrong || mapAddress === wrong || problems.length > 0)
    return unmade(...problems);
  return { ok: true, value: { metricsAddress, healthAddress, mapAddress } };
}

type Given = Address | undefined | Wrong;

/** Whether only one of the two could be listened at. They may share a port only if both name a host, and not the same. */
function collide(one: Given, other: Given): boolean {
  if (one === wrong || other === wrong || one === undefined || other === undefined) return false;
  if (one.port === 0 || one.port !== other.port) return false;
  return one.host === undefined || other.host === undefined || one.host === other.host;
}

function tlsDirPart(name: string, folder: string | undefined | Wrong, readers: Readers): Part<string | undefined> {
  if (folder === wrong) return unmade();
  const missing = folder === undefined ? [] : certificateFiles.filter((file) => !readers.isFile(join(folder, file)));
  if (missing.length === 0) return { ok: true, value: folder };
  return unmade(`${name} is ${JSON.stringify(folder)}, where there is no readable ${missing.join(' and no ')}`);
}
