import type { TestProject } from 'vitest/node';
import { obtainTool } from '../../sandbox/tool.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the program of test/sandbox/tools/health. */
    health: string;
    /** Path of the program of test/sandbox/tools/rollout. */
    rollout: string;
    /** Path of Helm 4. */
    helm: string;
    helm3: string;
    /** Path of kubectl. */
    kubectl: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  for (const name of ['health', 'rollout', 'helm', 'helm3', 'kubectl'] as const)
    project.provide(name, await obtainTool(name));
}
