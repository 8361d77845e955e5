import type { TestProject } from 'vitest/node';
import { noBrowser, startBrowser } from '../support/browser.ts';

/** One browser for all tests of the project: each has windows, cookies and storage of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startBrowser();
  if (server === undefined) process.stderr.write(`skipped: ${noBrowser}\n`);
  project.provide('browser', server?.wsEndpoint());
  return async () => server?.close();
}
