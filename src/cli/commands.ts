import type { Command } from './command.ts';
import { list } from './commands/list.ts';
import { version } from './commands/version.ts';

/** Every command, in the order of --help. */
export const commands: readonly Command[] = [list, version];
