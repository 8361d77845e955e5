import { obtainTool } from '../../sandbox/tool.ts';

/** Builds the programs once, where their progress can be seen, before tests with deadlines want them. */
export default async function setup(): Promise<void> {
  for (const name of ['prometheus', 'promtool'] as const) await obtainTool(name);
}
