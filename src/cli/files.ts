import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Problem } from './command.ts';

/** A file, `-`, or the YAML and JSON files of a folder, sorted. */
export function filesIn(path: string): readonly string[] {
  if (path === '-' || !existsSync(path) || !statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

/** The text of standard input, `-`, once whoever writes it is done, or of a file. Throws a Problem when it cannot be read. */
export async function textBehind(path: string): Promise<string> {
  return path === '-' ? decoded(await buffer(process.stdin)) : textIn(path); // a read of 0 ends with EAGAIN while it is empty
}

/** The text of a file. Throws a Problem when it cannot be read. */
export function textIn(file: string): string {
  try {
    return decoded(readFileSync(file));
  } catch (error) {
    const cure = /^https?:/.test(file) ? `curl -sSL ${file}, piped to the same command with -f -` : `ls -l ${file}`;
    const { code = 'error' } = error as NodeJS.ErrnoException;
    throw new Problem(code === 'ENOENT' ? `there is no ${file}` : `${file} cannot be read: ${code}`, cure);
  }
}

/** UTF-8, or UTF-16 as PowerShell's `>` writes it; without the mark at its beginning. */
function decoded(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}
