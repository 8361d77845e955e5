import { type Call, misused, Problem } from '../command.ts';
import { scripts } from '../completion/scripts.ts';

export async function run({ args: [shell = ''], terminal }: Call): Promise<number> {
  const script = scripts[shell];
  if (script === undefined) {
    const known = Object.keys(scripts);
    throw new Problem(
      `there is no completion for ${shell}, only for ${known.join(', ')}`,
      `kubectl acr-replication completion ${known[0]}`,
      misused,
    );
  }
  terminal.out(script);
  return 0;
}
