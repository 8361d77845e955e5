import type { IncomingHttpHeaders } from 'node:http';

/** Where requests are sent: the parts of an address, taken apart once. */
export interface Destination {
  readonly protocol: string;
  /** Without the brackets of an IPv6 address. */
  readonly hostname: string;
  /** Empty: that of the protocol. */
  readonly port: string;
  /** Host and port, as metrics name it. */
  readonly host: string;
  readonly origin: string;
  /** What every path begins with: empty, or that of a proxy for several clusters. */
  readonly basePath: string;
}

export function destinationOf(server: string): Destination {
  const { protocol, hostname, port, host, origin, pathname } = new URL(server);
  const basePath = pathname.replace(/\/$/, '');
  return { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, host, origin, basePath };
}

/** One request to the API server. */
export interface Outgoing {
  readonly to: Destination;
  /** Path and query. */
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | undefined;
  /** Called when the connection is ready, just before anything is sent. When it throws, nothing is sent. */
  readonly fence?: (() => void) | undefined;
}

/** The answer to one request, once its headers have come. Its body can be read once. */
export interface Answer extends AsyncIterable<Uint8Array> {
  readonly statusCode?: number | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Breaks the answer off. */
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}
