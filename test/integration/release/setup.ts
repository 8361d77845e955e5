import { obtainTool } from '../../sandbox/tool.ts';

/** Builds the programs once, before tests with deadlines want them. */
export default async function setup(): Promise<void> {
  for (const name of ['actionlint', 'dockerfile', 'krew', 'validate-krew-manifest'] as const) await obtainTool(name);
}
