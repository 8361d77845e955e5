import type { Command } from './command.ts';
import { doctor } from './commands/doctor.ts';
import { importCommand } from './commands/import.ts';
import { list } from './commands/list.ts';
import { plan } from './commands/plan.ts';
import { regions } from './commands/regions.ts';
import { version } from './commands/version.ts';

/** Every command, in the order of --help. */
export const commands: readonly Command[] = [list, plan, importCommand, regions, doctor, version];
