import { execFile } from 'node:child_process';

/** What a program printed, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end with exactly these environment variables and nothing on its stdin; never throws because it failed. */
export function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ran> {
  return new Promise((done) => {
    const child = execFile(file, args, { env, timeout: 120_000, maxBuffer: 16 << 20 }, (error, out, err) => {
      const { code } = (error ?? { code: 0 }) as { readonly code?: number | string };
      done({ code: typeof code === 'number' ? code : 1, out, err });
    });
    child.stdin?.end();
  });
}
