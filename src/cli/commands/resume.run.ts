import type { Run } from '../command.ts';
import { setSuspend } from '../steering/suspend.ts';

export const run: Run = (call) => setSuspend(call, false);
