/**
 * Chromium, driven by the playwright-core that lies beside code-server. Below: processes.mjs,
 * realVscode.mjs. Above: extensionTests.mjs and test/browser.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { which } from './processes.mjs';
import { home } from './realVscode.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const elsewhere = [
  '/usr/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** A Chromium of this computer, or undefined. PARLEY_TEST_BROWSER names another one. */
export function findBrowser() {
  const named = process.env.PARLEY_TEST_BROWSER;
  return named ?? names.map((n) => which(n)).find(Boolean) ?? elsewhere.find((f) => existsSync(f));
}

/** Starts a headless browser. Throws an Error with a sentence where there is none. */
export async function launchBrowser() {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error('There is no Chromium here: apt-get install chromium.');
  const { chromium } = createRequire(path.join(home, 'package.json'))('playwright-core');
  return chromium.launch({
    executablePath,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
}

/** A path as the page of a code-server at `port` names it. */
export const remoteUri = (port, file) => `vscode-remote://localhost:${port}${file}`;

/** The address of a window on a folder, with VS Code's development payload where there is one. */
export function windowAddress(port, folder, payload = []) {
  const query = new URLSearchParams({ folder });
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `http://localhost:${port}/?${query}`;
}
