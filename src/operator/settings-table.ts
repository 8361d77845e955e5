import { flagOf, type Setting, settings } from './settings.ts';

/** The text that --help prints. */
export function helpText(): string {
  const lines = Object.values<Setting<unknown>>(settings).flatMap((setting) => [
    `  ${setting.name}${setting.secret ? '' : `, --${flagOf(setting)}`}`,
    `      ${setting.help}${setting.default === undefined ? '' : ` Default: ${setting.default}.`}`,
  ]);
  return [
    'Keeps Azure container registries replicated to the regions that RegistryReplication objects name.',
    '',
    'Usage: acr-replication-operator [flags]',
    '',
    'Each setting is an environment variable or a flag; the flag wins, an empty value counts as unset.',
    '',
    ...lines,
    '  --help, --version',
  ].join('\n');
}

/** The table of settings in Markdown, for docs/configuration.md. */
export function settingsTable(): string {
  const rows = Object.values<Setting<unknown>>(settings).map(
    (setting) =>
      `| \`${setting.name}\` | ${setting.secret ? '' : `\`--${flagOf(setting)}\``} | ${setting.default === undefined ? '' : `\`${setting.default}\``} | ${setting.help} |`,
  );
  return ['| variable | flag | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
