import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, inject, test } from 'vitest';
import type { Lifetime } from './operator-world.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the browser of the project listens; undefined: there is none, and its tests are skipped. */
    browser: string | undefined;
  }
}

const address = inject('browser');

/** A test that needs a browser. */
export const browserTest = test.skipIf(address === undefined);

let connected: Promise<Browser> | undefined;
afterAll(async () => {
  await (await connected)?.close();
  connected = undefined;
});

export interface Watched {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Complaints of the console that fit are meant to be: requests that the test makes fail. */
  readonly expectComplaints: (fits: RegExp) => void;
}

/** What goes wrong in a page without anybody asking. */
const watchViolations = `
  addEventListener('securitypolicyviolation', (event) => {
    console.error('content security policy: ' + event.violatedDirective + ' ' + event.blockedURI);
  });
`;

/**
 * A window of its own, until the test is over. It fails the test when a page of `origin` says anything on its console,
 * throws, breaks its content security policy, or asks another origin for something.
 */
export async function openWindow(
  { onTestFinished }: Lifetime,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  if (address === undefined) throw new Error('there is no browser');
  const browser = await (connected ??= chromium.connect(address));
  const context = await browser.newContext({ viewport: { width: 1_280, height: 800 }, ...options });
  const complaints: string[] = [];
  const expected: RegExp[] = [];
  await context.addInitScript(watchViolations);
  context.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  context.on('weberror', (error) => complaints.push(`thrown: ${error.error().stack ?? error.error().message}`));
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith(`blob:${origin}/`)) complaints.push(`asks elsewhere: ${url}`);
  });
  onTestFinished(async () => {
    await context.close();
    const unexpected = complaints.filter((complaint) => !expected.some((fits) => fits.test(complaint)));
    if (unexpected.length > 0) throw new Error(`the page complains:\n${unexpected.join('\n')}`);
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  return { context, page, expectComplaints: (fits) => void expected.push(fits) };
}
