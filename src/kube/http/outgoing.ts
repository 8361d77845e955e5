import type { IncomingHttpHeaders } from 'node:http';

/** One request to the API server. */
export interface Outgoing {
  readonly url: URL;
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
