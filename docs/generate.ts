/**
 * Writes docs/troubleshooting.md from the table of answers, and docs/cli.md from the commands of the plugin; tests say when
 * a page is not what its table makes.
 */
import { writeFile } from 'node:fs/promises';
import { cliPage } from './cli.ts';
import { troubleshootingPage } from './troubleshooting.ts';

await writeFile(new URL('troubleshooting.md', import.meta.url), troubleshootingPage());
await writeFile(new URL('cli.md', import.meta.url), cliPage());
