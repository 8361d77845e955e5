import { join } from 'node:path';
import { GoMissing } from './go-build.ts';
import { type GoProgram, type ObtainOptions, obtainGoProgram } from './go-program.ts';

/** Other people's programs that the tests use, each a Go module in tools/: how long a first build takes, how it is built. */
const tools = {
  actionlint: { takes: 'half a minute' },
  health: { takes: 'two minutes' },
  helm: { takes: 'three minutes' },
  kustomize: { takes: 'two minutes' },
  prometheus: { takes: 'five minutes' },
} as const satisfies Record<string, Pick<GoProgram, 'takes' | 'main' | 'tags'>>;

export type Tool = keyof typeof tools;

/** The path of the program; built the first time, which needs Go. */
export async function obtainTool(name: Tool, options: ObtainOptions = {}): Promise<string> {
  const source = join(import.meta.dirname, 'tools', name);
  try {
    const folder = await obtainGoProgram({ name, what: name, source, names: [name], ...tools[name] }, options);
    return join(folder, name);
  } catch (error) {
    if (!(error instanceof GoMissing)) throw error;
    throw new Error(`${name} is built from its Go modules, and ${error.message}. Install Go (https://go.dev/dl/).`);
  }
}
