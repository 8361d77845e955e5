/**
 * Writes docs/troubleshooting.md from the table of answers, docs/cli.md from the commands of the plugin, and
 * docs/configuration.md from the operator's settings; tests say when a page is not what its table makes.
 */
import { writeFile } from 'node:fs/promises';
import { cliPage } from './cli.ts';
import { configurationPage } from './configuration.ts';
import { troubleshootingPage } from './troubleshooting.ts';

await writeFile(new URL('troubleshooting.md', import.meta.url), troubleshootingPage());
await writeFile(new URL('cli.md', import.meta.url), cliPage());
await writeFile(new URL('configuration.md', import.meta.url), configurationPage());
