/** Writes docs/troubleshooting.md from the table of answers; a test says when the page is not what the table makes. */
import { writeFile } from 'node:fs/promises';
import { troubleshootingPage } from './troubleshooting.ts';

await writeFile(new URL('troubleshooting.md', import.meta.url), troubleshootingPage());
