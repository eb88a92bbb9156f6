/** Types of browser.mjs for the tests. Playwright's own are in test/browser/harness.ts. */
export function findBrowser(): string | undefined;
export function launchBrowser(): Promise<unknown>;
export function remoteUri(port: number, file: string): string;
export function windowAddress(
  port: number,
  folder: string,
  payload?: readonly (readonly [string, string])[],
): string;
