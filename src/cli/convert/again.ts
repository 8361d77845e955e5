import { program } from '../help.ts';

/** What messages call the file `-`. */
export const standardInput = 'standard input';

/** The command once more, for what is to be added to it. */
export function again(file: string): string {
  return `${program} convert -f ${file === standardInput ? '-' : file}`;
}
