import type { Command } from './command.ts';
import { completion } from './commands/completion.ts';
import { list } from './commands/list.ts';
import { logs } from './commands/logs.ts';
import { reconcile } from './commands/reconcile.ts';
import { recreate } from './commands/recreate.ts';
import { resume } from './commands/resume.ts';
import { suspend } from './commands/suspend.ts';
import { version } from './commands/version.ts';

/** Every command, in the order of --help. */
export const commands: readonly Command[] = [list, reconcile, suspend, resume, recreate, logs, version, completion];
