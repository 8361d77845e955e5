import { settingsTable } from '../src/operator/settings-table.ts';

/** docs/configuration.md: the settings that the program itself is made from, as one page. */
export function configurationPage(): string {
  return `# Configuration

<!-- Made from src/operator/settings.ts by \`npm run generate\`. Do not edit. -->

The operator is configured by environment variables, or by flags; the flag wins, and an empty value counts as unset. A wrong
configuration names every problem at once on standard error, and the program ends with code 2. The chart sets the variables
from [its values](install.md#values-of-the-chart); \`extraEnv\` sets any other.

${settingsTable()}

## Proxy and authorities

\`HTTPS_PROXY\` and \`NO_PROXY\` are read as curl reads them, for the way to Azure only: [Proxies](kubernetes.md#proxies).
\`NODE_EXTRA_CA_CERTS\`, Node's own, names a PEM file with further authorities to trust; the chart sets it from \`extraCA\`.

## Exit codes

| code | meaning |
|---|---|
| 0 | A signal ended it, and it stopped cleanly. |
| 1 | It lost the leadership, or cannot go on. |
| 2 | The configuration is wrong. |

On SIGTERM the passes in hand are finished and the lease is given back, within 10 s.

## Health

\`/healthz\` fails when only a restart helps; \`/readyz\` when cache, API server or Azure token are not in order, and says which.
`;
}
