import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Answer, Destination, Outgoing } from './outgoing.ts';
import { connectTimeoutMs, secureOptions, type Tls } from './pool.ts';

/** Streams on one connection: API servers allow 250 or more, and a lost connection should not end too many watches. */
const streamsPerConnection = 100;
/**
 * A connection that does not answer a ping before the next one is due is ended. Otherwise all its watches would be
 * silent, and so would those that follow them on the same connection.
 */
const pingEveryMs = 15_000;

/** Answers that are read for long, many on one connection. */
export interface SharedStreams {
  /**
   * Sends one request over HTTP/2 and resolves when the headers of its answer have come; until then an abort counts.
   * Undefined: the server speaks no HTTP/2.
   */
  send(request: Outgoing, tls: Tls, signal: AbortSignal): Promise<Answer | undefined>;
  /** Ends all connections. */
  close(): void;
}

interface Connection {
  readonly session: Promise<ClientHttp2Session | undefined>;
  /** Streams that are open or about to be. */
  streams: number;
  /** False once the connection takes no more streams. It is ended with the last one. */
  isOpen: boolean;
}

/**
 * Opens a connection for every hundred streams: a stream costs about 15 kB, a connection 90. When the TLS settings
 * change, new connections are opened, and the old ones end with their streams.
 */
export function createSharedStreams(): SharedStreams {
  const connections = new Set<Connection>();
  let settings = '';

  function connectionFor(to: Destination, tls: Tls): Connection {
    const wanted = JSON.stringify([to.origin, tls]);
    if (wanted !== settings) for (const connection of connections) connection.isOpen = false;
    settings = wanted;
    for (const connection of connections) {
      if (connection.isOpen && connection.streams < streamsPerConnection) return connection;
    }
    const connection: Connection = { session: openSession(to, tls), streams: 0, isOpen: true };
    connections.add(connection);
    const drop = (): void => {
      connection.isOpen = false;
      connections.delete(connection);
    };
    connection.session.then((session) => {
      if (session === undefined || session.closed) return drop();
      session.once('close', drop);
      session.once('goaway', () => {
        connection.isOpen = false; // the streams that it has may go on
      });
    }, drop);
    return connection;
  }

  return {
    async send(request, tls, signal) {
      const connection = connectionFor(request.to, tls);
      connection.streams += 1;
      let hasLeft = false;
      const leave = (): void => {
        if (hasLeft) return;
        hasLeft = true;
        connection.streams -= 1;
        if (connection.streams > 0) return;
        connection.isOpen = false;
        void endWhenOpen(connection);
      };
      try {
        const session = await connection.session;
        signal.throwIfAborted();
        if (session !== undefined) return await openStream(session, request, signal, leave);
      } catch (error) {
        leave();
        throw error;
      }
      leave();
      return undefined;
    },
    close() {
      for (const connection of connections) void endWhenOpen(connection);
      connections.clear();
    },
  };
}

async function endWhenOpen({ session }: Connection): Promise<void> {
  try {
    (await session)?.destroy();
  } catch {
    // It was never open.
  }
}

/** Connects and looks whether the server speaks HTTP/2; undefined: it does not. */
async function openSession(to: Destination, tls: Tls): Promise<ClientHttp2Session | undefined> {
  const socket = await openSocket(to, tls);
  if (socket.alpnProtocol !== 'h2') {
    socket.destroy();
    return undefined;
  }
  const { connect } = await import('node:http2'); // few operators need it, and it takes some MiB
  const session = connect(to.origin, { createConnection: () => socket });
  session.on('error', () => {}); // its streams tell
  let isAnswered = true;
  const pinging = setInterval(() => {
    if (!isAnswered) return session.destroy(Object.assign(new Error('no answer to a ping'), { code: 'ETIMEDOUT' }));
    isAnswered = false;
    session.ping(() => {
      isAnswered = true;
    });
  }, pingEveryMs);
  session.once('close', () => clearInterval(pinging));
  return session;
}

function openSocket({ hostname: host, port }: Destination, tls: Tls): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const servername = tls.servername ?? (/[a-z]/i.test(host) && !host.includes(':') ? host : undefined);
    const socket = connectTls({
      host,
      port: Number(port || 443),
      ALPNProtocols: ['h2', 'http/1.1'],
      ...secureOptions({ ...tls, servername }),
    });
    const timer = setTimeout(() => {
      const message = `not connected within ${connectTimeoutMs / 1_000} s`;
      socket.destroy(Object.assign(new Error(message), { code: 'ETIMEDOUT' }));
    }, connectTimeoutMs);
    socket.once('close', () => clearTimeout(timer));
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

/** One stream. `leave` is called when it has ended, in whatever way. */
function openStream(
  session: ClientHttp2Session,
  { path, method, headers }: Outgoing,
  signal: AbortSignal,
  leave: () => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const copied = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
    );
    const stream = session.request({ ...copied, ':method': method, ':path': path });
    const abort = (): void => void stream.destroy(brokenOff());
    signal.addEventListener('abort', abort, { once: true });
    stream.once('close', () => {
      signal.removeEventListener('abort', abort);
      leave();
      reject(brokenOff());
    });
    stream.on('error', reject);
    stream.once('response', (answered: IncomingHttpHeaders & { readonly ':status'?: number }) => {
      signal.removeEventListener('abort', abort);
      resolve({
        statusCode: answered[':status'],
        headers: answered,
        destroy: abort,
        once: (event, listener) => stream.once(event, listener),
        [Symbol.asyncIterator]: () => bodyOf(stream, session),
      });
    });
    stream.end();
  });
}

/** What the stream brings. Throws when it does not end as the server meant it to, which Node takes for an end. */
async function* bodyOf(stream: ClientHttp2Stream, session: ClientHttp2Session): AsyncGenerator<Uint8Array> {
  yield* stream as AsyncIterable<Uint8Array>;
  if (session.destroyed || stream.rstCode !== 0) throw brokenOff();
}

function brokenOff(): Error {
  return Object.assign(new Error('the stream was broken off'), { code: 'ECONNRESET' });
}
