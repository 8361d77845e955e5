import sparticuz from '@sparticuz/chromium';
import { type BrowserServer, chromium } from 'playwright-core';

/** Browsers that people have, as playwright calls them. */
const channels = ['chrome', 'msedge', 'chromium'] as const;

/** Names of `.example` lead to this machine, as an attacker's name server would have them. */
const rebinding = '--host-resolver-rules=MAP *.example 127.0.0.1';

/**
 * Starts the browser of the tests without a window: on Linux x64 the Chromium of an npm package, elsewhere one that is
 * installed. Undefined: there is none. The package's own arguments are not taken: they switch off the same-origin
 * policy (`--disable-web-security`), which is tested here.
 */
export async function startBrowser(): Promise<BrowserServer | undefined> {
  if (process.platform === 'linux' && process.arch === 'x64') {
    const executablePath = await sparticuz.executablePath();
    return await chromium.launchServer({ executablePath, args: ['--disable-gpu', rebinding] });
  }
  for (const channel of channels) {
    try {
      return await chromium.launchServer({ channel, args: [rebinding] });
    } catch {
      // Not installed: the next.
    }
  }
  return undefined;
}

export const noBrowser = 'there is no browser: install Google Chrome (on Linux x64 npm ci brings one)';
