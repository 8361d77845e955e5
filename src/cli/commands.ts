import type { Command } from './command.ts';
import { list } from './commands/list.ts';
import { status } from './commands/status.ts';
import { version } from './commands/version.ts';

/** Every command, in the order of --help. */
export const commands: readonly Command[] = [list, status, version];
