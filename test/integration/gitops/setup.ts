import type { TestProject } from 'vitest/node';
import { obtainTool } from '../../sandbox/tool.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the program of test/sandbox/tools/health. */
    health: string;
    /** Path of kubectl. */
    kubectl: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  project.provide('health', await obtainTool('health'));
  project.provide('kubectl', await obtainTool('kubectl'));
}
