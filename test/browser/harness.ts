/**
 * A browser and a code-server for one test file, and their end. Below: scripts/lib (the same start
 * as `npm start`), playwright-core. Above: support.ts.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
// Playwright lies beside code-server, in test/vscode, and may not be installed when types are
// checked; then these are `any`.
// eslint-disable-next-line @typescript-eslint/ban-ts-comment
// @ts-ignore
import type * as playwright from '../vscode/node_modules/playwright-core';
import { launchBrowser, windowAddress } from '../../scripts/lib/browser.mjs';
import { endOnSignals } from '../../scripts/lib/processes.mjs';
import { calmSettings, startCodeServer, type CodeServer } from '../../scripts/lib/realVscode.mjs';

export type Browser = playwright.Browser;
export type Page = playwright.Page;
export type Locator = playwright.Locator;
export type FrameLocator = playwright.FrameLocator;

export const root = process.cwd();
export const artifacts = join(root, 'artifacts');
export const screenshots = join(artifacts, 'screenshots');

const themes = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  'high contrast': 'Default High Contrast',
  'high contrast light': 'Default High Contrast Light',
} as const;

export type Theme = keyof typeof themes;

/** The user's settings that dress a window in a theme. */
export const themeSettings = (theme: Theme): Record<string, unknown> => ({
  'window.autoDetectColorScheme': false,
  'workbench.colorTheme': themes[theme],
});

export interface HarnessOptions {
  /** The folder to open; 'example' makes a fresh example workspace; without it an empty folder. */
  workspace?: string;
  /** A folder that keeps the window's user data from one start to the next. */
  state?: string;
  /** Forget what `state` keeps before the start. True by default. */
  fresh?: boolean;
  /** User settings, on top of those that keep VS Code quiet. */
  settings?: Record<string, unknown>;
  theme?: Theme;
  /** Window size in pixels. */
  size?: { width: number; height: number };
  /** Ask for workspace trust, as a desktop VS Code does. */
  workspaceTrust?: boolean;
  /** Another project folder to load as the extension, or a .vsix to install. */
  extension?: string;
  /** VS Code’s own language, "vi". */
  locale?: string;
  /** More environment for the server and the extension host. */
  env?: Record<string, string>;
}

/** What is running: a page on a workspace. */
export interface Harness {
  readonly page: Page;
  readonly port: number;
  readonly workspace: string;
  readonly state: string;
  /** What the page's console and the server said, for a failing test. */
  readonly noise: readonly string[];
  /** Stops server and page and starts both again on the same state. */
  restart(): Promise<void>;
  /** Ends everything. With a name, logs are kept in artifacts/<name>. */
  close(keepAs?: string): Promise<void>;
}

/** How long VS Code may take until its status bar shows, in milliseconds (it takes 5 to 9 s). */
const readyMs = 60_000;
let signalsHandled = false;

/** A fresh folder with a short name: unix sockets in it must stay below 108 bytes. */
export function temporaryFolder(): string {
  return mkdtempSync('/tmp/ply-');
}

/** Makes an example workspace as `npm start` does. */
export function makeExample(folder: string): string {
  execFileSync(process.execPath, [join(root, 'dist/terminal.js'), '--make-example', folder]);
  return folder;
}

function writeSettings(state: string, options: HarnessOptions): void {
  const file = join(state, 'user/User/settings.json');
  mkdirSync(join(state, 'user/User'), { recursive: true });
  const settings = calmSettings({
    'terminal.integrated.gpuAcceleration': 'off', // so that the terminal's text is in the page
    'git.enabled': false,
    'parley.firmware.index': 'http://127.0.0.1:9/download/', // no test asks micropython.org
    ...themeSettings(options.theme ?? 'dark'),
    ...options.settings,
  });
  writeFileSync(file, JSON.stringify(settings, null, 2));
}

/** Starts VS Code on a workspace and waits until it can be used. */
export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  if (!signalsHandled) endOnSignals();
  signalsHandled = true;
  const scratch = temporaryFolder();
  const state = options.state ? resolve(options.state) : join(scratch, 's');
  if (options.fresh !== false) rmSync(state, { recursive: true, force: true });
  mkdirSync(state, { recursive: true });
  if (options.fresh !== false || !existsSync(join(state, 'user/User/settings.json'))) {
    writeSettings(state, options);
  }
  let workspace = options.workspace ?? join(scratch, 'workspace');
  if (workspace === 'example') workspace = makeExample(join(scratch, 'two-boards'));
  workspace = resolve(workspace);
  mkdirSync(workspace, { recursive: true });

  const noise: string[] = [];
  let server: CodeServer | undefined;
  let browser: Browser | undefined;
  let page: Page | undefined;

  const open = async (port = 0) => {
    server = await startCodeServer({
      folder: state,
      port,
      extension: options.extension ?? root,
      workspaceTrust: options.workspaceTrust ?? false,
      env: options.env ?? {},
      ...(options.locale ? { locale: options.locale } : {}),
      onOutput: (text) => noise.push(text.trimEnd()),
    });
    browser ??= (await launchBrowser()) as Browser;
    page ??= await newPage(browser, options, noise);
    await page.goto(windowAddress(server.port, workspace), { timeout: readyMs });
    await page.locator('.statusbar-item').first().waitFor({ timeout: readyMs });
  };

  const close = async (keepAs?: string) => {
    if (keepAs) keepLogs(keepAs, state, noise);
    await browser?.close().catch(() => undefined);
    await server?.stop();
    rmSync(scratch, { recursive: true, force: true });
  };

  try {
    await open();
  } catch (error) {
    await close('start');
    throw error;
  }
  return {
    get page() {
      return page as Page;
    },
    get port() {
      return server?.port ?? 0;
    },
    workspace,
    state,
    noise,
    // The same port: a page's storage belongs to its address.
    restart: async () => {
      const port = server?.port;
      await page?.goto('about:blank');
      await server?.stop();
      await open(port);
    },
    close,
  };
}

async function newPage(browser: Browser, options: HarnessOptions, noise: string[]): Promise<Page> {
  const page = (await browser.newPage({
    viewport: options.size ?? { width: 1400, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
    ...(options.locale ? { locale: options.locale } : {}),
  })) as Page;
  page.on('console', (message: playwright.ConsoleMessage) => {
    noise.push(`[page ${message.type()}] ${message.text()}`);
  });
  page.on('pageerror', (error: Error) => noise.push(`[page error] ${error.stack ?? error}`));
  return page;
}

function keepLogs(name: string, state: string, noise: readonly string[]): void {
  const folder = join(artifacts, 'browser', name.replace(/[^\w-]+/g, '-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'console.log'), noise.join('\n'));
  const logs = join(state, 'user/logs');
  if (existsSync(logs)) cpSync(logs, join(folder, 'logs'), { recursive: true });
}
