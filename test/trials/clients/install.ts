import { type ObtainOptions, obtainPython, type PythonProgram } from '../python.ts';

/** The release of the Azure CLI. It pins its own dependencies, so this pins them all. */
const release = '2.91';

const azureCli: PythonProgram = {
  what: `the Azure CLI ${release}`,
  takes: 'about two minutes',
  neededBy: 'The tests with the Azure CLI',
  name: `azure-cli-${release}`,
  requirement: `azure-cli==${release}.*`,
  check: {
    args: ['-m', 'azure.cli', 'acr', 'replication', 'create', '--help'],
    prints: '--location',
    env: (home) => ({ AZURE_CONFIG_DIR: home, AZURE_CORE_COLLECT_TELEMETRY: 'no' }),
  },
};

/** A Python that has the Azure CLI (`python -m azure.cli`) and the Azure SDK that comes along: 0.7 GB. */
export function obtainAzureCli(options?: ObtainOptions): Promise<string> {
  return obtainPython(azureCli, options);
}
