import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

interface Guest {
  readonly socket: Socket;
  readonly address: string;
  /** Whether a request of the connection is being answered. */
  isAnswered: boolean;
}

/** The open connections of one server. */
export interface Crowd {
  /** The connection with this remote end has sent a request. Call the function that is returned when it is answered. */
  asks(remote: Pick<Socket, 'remoteAddress' | 'remotePort'>): () => void;
}

/**
 * Keeps the connections of a server to `most`. When there is one more, another one is cut: one of the network address
 * that has the most, there one that asks for nothing before one that is being answered, and of those the one that has
 * been open longest. So a newcomer is always heard, and idle connections keep nobody out.
 */
export function limitCrowd(server: EventEmitter, most: number): Crowd {
  const guests = new Map<string, Guest>();

  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    if (guests.size >= most) guestToCut([...guests.values()])?.socket.destroy();
    guests.set(name, { socket, address: socket.remoteAddress ?? '', isAnswered: false });
    socket.once('close', () => {
      if (guests.get(name)?.socket === socket) guests.delete(name);
    });
  });
  return {
    asks(remote) {
      const guest = guests.get(nameOf(remote));
      if (guest !== undefined) guest.isAnswered = true;
      return () => {
        if (guest !== undefined) guest.isAnswered = false;
      };
    },
  };
}

/** The other end of a connection, which names it: the socket that TLS shows is another one than the server's own. */
function nameOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`;
}

function guestToCut(guests: readonly Guest[]): Guest | undefined {
  const perAddress = new Map<string, number>();
  for (const { address } of guests) perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
  const most = Math.max(...perAddress.values());
  const likely = guests.filter(({ address }) => perAddress.get(address) === most);
  return likely.find(({ isAnswered }) => !isAnswered) ?? likely[0];
}
