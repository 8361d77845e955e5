import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from './command.ts';

/** A file, `-`, or the YAML and JSON files of a folder, sorted. */
export function filesIn(path: string): readonly string[] {
  if (path === '-' || !existsSync(path) || !statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

/** The text of a file, or of standard input, `-`. Throws a Problem when it cannot be read. */
export function textIn(file: string): string {
  try {
    return decoded(readFileSync(file === '-' ? 0 : file));
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    throw new Problem(code === 'ENOENT' ? `there is no ${file}` : `${file} cannot be read: ${code}`, `ls -l ${file}`);
  }
}

/** UTF-8, or UTF-16 as PowerShell's `>` writes it; without the mark at its beginning. */
function decoded(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}
