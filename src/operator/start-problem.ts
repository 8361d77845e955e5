import type { Address } from '../http/server.ts';

/** Thrown when the operator cannot start for what it was told, or for the machine it is on: the program ends with 2. */
export class StartProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StartProblem';
  }
}

/** What each error says about an address that a server cannot listen at, as the end of a sentence. */
const words: Readonly<Record<string, string>> = {
  EADDRINUSE: 'which another process listens at: choose another port, or end that process',
  EACCES: 'where this process may not listen: choose a port above 1023',
  EADDRNOTAVAIL: 'which is no address of this machine',
  ENOTFOUND: 'whose host has no address in DNS',
};

/** Makes a StartProblem of a server's failure to listen at the address that a setting names; other errors stay. */
export function listenProblem(setting: string, { host = '', port }: Address, error: unknown): unknown {
  const why = error instanceof Error && 'code' in error ? words[String(error.code)] : undefined;
  return why === undefined ? error : new StartProblem(`${setting} is ${host}:${port}, ${why}`);
}
