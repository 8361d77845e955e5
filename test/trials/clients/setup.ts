import type { TestProject } from 'vitest/node';
import { obtainAzureCli } from './install.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of a Python that has `azure.cli` and the Azure SDK. */
    python: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  project.provide('python', await obtainAzureCli());
}
