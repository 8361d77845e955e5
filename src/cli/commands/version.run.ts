import { version } from '../../version.ts';
import type { Call } from '../command.ts';

export async function run({ terminal }: Call): Promise<number> {
  terminal.out(`plugin ${version}\n`);
  return 0;
}
