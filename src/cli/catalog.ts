import type { Command } from './command.ts';
import { completion } from './commands/completion.ts';
import { convert } from './commands/convert.ts';
import { doctor } from './commands/doctor.ts';
import { drain } from './commands/drain.ts';
import { importCommand } from './commands/import.ts';
import { list } from './commands/list.ts';
import { logs } from './commands/logs.ts';
import { map } from './commands/map.ts';
import { plan } from './commands/plan.ts';
import { reconcile } from './commands/reconcile.ts';
import { recreate } from './commands/recreate.ts';
import { regions } from './commands/regions.ts';
import { resume } from './commands/resume.ts';
import { status } from './commands/status.ts';
import { suspend } from './commands/suspend.ts';
import { undrain } from './commands/undrain.ts';
import { version } from './commands/version.ts';

/** Every command, in the order of --help. */
export const commands: readonly Command[] = [
  list,
  status,
  map,
  plan,
  importCommand,
  convert,
  regions,
  reconcile,
  suspend,
  resume,
  drain,
  undrain,
  recreate,
  doctor,
  logs,
  version,
  completion,
];
