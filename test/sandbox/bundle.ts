import { command } from './command.ts';

/** Makes dist/ where sources have changed since; 0.2 s when none has. Rejects with what the build says. */
export async function bundle(signal: AbortSignal): Promise<void> {
  const { end, stdout, stderr } = await command(process.execPath, ['build.ts'], { env: process.env, signal });
  if (end !== '0') throw new Error(`the operator and the plugin could not be bundled:\n${stdout}${stderr}`);
}
