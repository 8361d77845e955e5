import type { TestProject } from 'vitest/node';
import { obtainTool } from '../../sandbox/tool.ts';
import { obtainPython, type PythonProgram } from '../python.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of a Python that has `checkov.main`. */
    checkov: string;
  }
}

const release = '3.3.30';
const checkov: PythonProgram = {
  what: `checkov ${release}`,
  takes: 'about a minute',
  neededBy: 'The tests with checkov',
  name: `checkov-${release}`,
  requirement: `checkov==${release}`,
  check: { args: ['-m', 'checkov.main', '--version'], prints: release, env: (home) => ({ HOME: home }) },
};

export default async function setup(project: TestProject): Promise<void> {
  for (const name of ['helm', 'kubectl-kyverno'] as const) await obtainTool(name);
  project.provide('checkov', await obtainPython(checkov));
}
