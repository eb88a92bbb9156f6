/**
 * A window of the real VS Code, in words of its user: run a command, click a row, read the terminal.
 * Below: harness.ts. Above: every test of this folder.
 */
import axe, { type AxeResults } from 'axe-core';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  screenshots,
  startHarness,
  type FrameLocator,
  type Harness,
  type HarnessOptions,
  type Locator,
  type Page,
} from './harness';

export { makeExample, temporaryFolder, themeSettings } from './harness';
export type { HarnessOptions, Theme } from './harness';
export type { FrameLocator, Locator, Page } from './harness';

/** How long what a click does may take until it shows, in milliseconds. */
const showsMs = 30_000;

type Text = string | RegExp;

/** Matches a text in full, or a pattern. */
const matches = (text: string, wanted: Text) =>
  typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);

/** Waits until `look` gives something other than undefined or false; says what it saw last. */
export async function until<T>(
  what: string,
  look: () => Promise<T> | T,
  deadlineMs = showsMs,
  seen: () => Promise<string> | string = () => '',
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
    if (Date.now() > deadline) {
      throw new Error(`Not within ${deadlineMs / 1000} s: ${what}\n${await seen()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];

/** What of VS Code's own page depends on what an extension gives it. */
const given = [
  ...['image-alt', 'svg-img-alt', 'role-img-alt', 'link-name', 'button-name'],
  ...['aria-command-name', 'aria-input-field-name', 'aria-treeitem-name', 'aria-text'],
];

/** A line for each element that axe finds fault with. */
function faults({ violations }: AxeResults): string[] {
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => {
      const why = id === 'color-contrast' ? (failureSummary?.split('\n')[1]?.trim() ?? '') : help;
      return `${id}: ${why}: ${html.slice(0, 200)}`;
    }),
  );
}

/** A window; see the methods. Close it in a `finally`, or use `windowTest`. */
export class Window {
  constructor(private readonly harness: Harness) {}

  get page(): Page {
    return this.harness.page;
  }
  get port(): number {
    return this.harness.port;
  }
  /** The folder that is open. */
  get workspace(): string {
    return this.harness.workspace;
  }

  /** The folder that keeps the window's user data. */
  get state(): string {
    return this.harness.state;
  }
  /** What the page's console and the server have said. */
  noise(): readonly string[] {
    return this.harness.noise;
  }

  /** Runs a command of the palette by its whole title, "Parley: Start Broker". */
  async run(title: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input').first();
    await this.page.keyboard.press('F1');
    await input.waitFor({ timeout: showsMs });
    await input.fill(`>${title}`);
    await this.pick(title);
  }

  /** The titles the palette offers for some words: what cannot work must not be among them. */
  async offers(words: string): Promise<string[]> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget input').first();
    await input.fill(`>${words}`);
    await this.page.locator('.quick-input-widget .monaco-list-row').first().waitFor();
    await this.page.waitForTimeout(300); // the list follows the input
    const titles = await this.quickRows();
    await this.page.keyboard.press('Escape');
    return titles
      .filter((title) => title.startsWith('Parley:'))
      .map((title) => title.replace(/, (recently used|other commands|commonly used).*$/, ''));
  }

  /** What the open quick pick lists, by the label of each row. */
  async quickRows(): Promise<string[]> {
    const rows = this.page.locator('.quick-input-widget .monaco-list-row');
    return rows.evaluateAll((all: Element[]) =>
      all.map((row) => row.getAttribute('aria-label') ?? row.textContent ?? ''),
    );
  }

  /**
   * Clicks the row of the open quick pick that begins with a text. A list that is still filling
   * moves its rows and uses their elements again, so the button goes down only once the pointer
   * is on the row that was meant.
   */
  async pick(text: Text): Promise<void> {
    const means = (label: string) =>
      typeof text === 'string'
        ? label === text || label.startsWith(`${text},`) || label.startsWith(`${text} `)
        : text.test(label);
    await until(
      `a row "${text}" to pick`,
      async () => {
        const label = (await this.quickRows()).find(means);
        if (label === undefined) return false;
        // By its label, not its place: the list may still be sorting itself.
        const row = `.quick-input-widget .monaco-list-row[aria-label=${JSON.stringify(label)}]`;
        try {
          await this.page.locator(row).first().hover({ timeout: 2000 });
        } catch {
          return false;
        }
        if ((await this.page.locator(`${row}:hover`).count()) === 0) return false;
        await this.page.mouse.down();
        await this.page.mouse.up();
        return true;
      },
      showsMs,
      async () => `Offered: ${(await this.quickRows()).join(' | ')}`,
    );
  }

  /** Types into the open input box and presses Enter. */
  async answer(text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input').first();
    await input.waitFor({ timeout: showsMs });
    await input.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /**
   * Types a path into VS Code's own file dialog. Until it has listed its folder it writes that
   * folder's path over what is typed, so it is waited for, and what stands there is looked at.
   */
  async chooseFile(path: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input').first();
    await input.waitFor({ timeout: showsMs });
    const typed = (): Promise<string> => input.inputValue();
    await until('the dialog shows a folder', async () => (await typed()).startsWith('/'));
    await until(`the dialog takes ${path}`, async () => {
      if ((await typed()) !== path) await input.fill(path);
      await this.page.waitForTimeout(500);
      return (await typed()) === path;
    });
    await this.page.keyboard.press('Enter');
  }

  /** Opens a file of the workspace in the editor, by its name. */
  async openFile(name: string): Promise<void> {
    await this.run('Go to File...');
    const input = this.page.locator('.quick-input-widget input').first();
    await input.fill(name);
    await this.pick(name);
    await this.page.locator('.tab', { hasText: name }).first().waitFor({ timeout: showsMs });
  }

  /** The notification that contains a text, once it shows. */
  async notification(text: Text, deadlineMs = showsMs): Promise<Locator> {
    const found = this.page.locator('.notification-list-item').filter({ hasText: text }).first();
    await found.waitFor({ timeout: deadlineMs });
    return found;
  }

  /** Clicks a button of a notification. */
  async clickNotification(text: Text, button: string): Promise<void> {
    const found = await this.notification(text);
    await found.hover();
    await found.locator('.monaco-button', { hasText: button }).first().click();
  }

  /** Clicks a button of the dialog that is open (a modal message), and gives its text. */
  async dialog(button: Text): Promise<string> {
    const box = this.page.locator('.monaco-dialog-box');
    await box.waitFor({ timeout: showsMs });
    const text = await box.innerText();
    await box.locator('.monaco-button', { hasText: button }).first().click();
    return text;
  }

  /** Opens a container of the activity bar, where it is not open yet. */
  async openSidebar(title = 'Parley'): Promise<void> {
    const item = this.page.locator('.activitybar .action-item', {
      has: this.page.locator(`a[aria-label^="${title}"]`),
    });
    await item.first().waitFor({ timeout: showsMs });
    const open = (await item.first().getAttribute('class'))?.split(' ').includes('checked');
    const shown = await this.page.locator('.part.sidebar').isVisible();
    if (!open || !shown) await item.first().locator('a').first().click();
  }

  /** The rows of the sidebar's trees: label and description with a space between. */
  async treeRows(): Promise<string[]> {
    return this.page
      .locator('.part.sidebar .pane-body .monaco-list-row')
      .evaluateAll((rows: Element[]) =>
        rows.map((row) => {
          const parts = [...row.querySelectorAll('.label-name, .label-description')];
          const texts = parts.length > 0 ? parts : [row];
          return texts.map((part) => part.textContent?.trim() ?? '').join(' ');
        }),
      );
  }

  /** The row of a tree of the sidebar that contains a text, once it shows. */
  async treeRow(text: Text, deadlineMs = showsMs): Promise<Locator> {
    const rows = this.page.locator('.part.sidebar .pane-body .monaco-list-row');
    const row = rows.filter({ hasText: text }).first();
    await until(
      `a row "${text}"`,
      () => row.isVisible(),
      deadlineMs,
      async () => `Rows: ${(await this.treeRows()).join(' | ')}`,
    );
    return row;
  }

  /** Clicks an inline icon of a row, by its tooltip. */
  async treeAction(row: Text, title: string): Promise<void> {
    const found = await this.treeRow(row);
    await found.hover();
    await found.locator(`a.action-label[aria-label^="${title}"]`).first().click();
  }

  /**
   * Clicks an entry of a row's context menu. As a person would, opens the menu again when it has no
   * such entry yet (the row is just becoming ready) or closed because the tree changed. `within` is
   * the entry that opens the menu it is in.
   */
  async treeMenu(row: Text, title: string, within?: string): Promise<void> {
    const found = await this.treeRow(row);
    // By its label: an entry that opens a menu has that menu inside it.
    const entries = this.page.locator('.monaco-menu .action-label');
    const entry = entries.filter({ hasText: title }).first();
    await until(
      `"${title}" in the menu of "${row}"`,
      async () => {
        await found.click({ button: 'right', timeout: showsMs });
        try {
          if (within) await entries.filter({ hasText: within }).first().hover({ timeout: 2000 });
          await entry.waitFor({ timeout: 2000 });
          await this.page.waitForTimeout(200); // a click right after opening counts as the opening one
          await entry.click({ timeout: 2000 });
          await entry.waitFor({ state: 'hidden', timeout: 3000 });
          return true;
        } catch {
          await this.page.keyboard.press('Escape');
          return false;
        }
      },
      showsMs,
    );
  }

  /** The text of the terminal in front, as far as it is in sight, rows joined by newlines. */
  async terminalText(): Promise<string> {
    const rows = this.page.locator('.terminal-wrapper.active .xterm-rows > div');
    const lines: string[] = await rows.evaluateAll((all: Element[]) =>
      all.map((row) => (row.textContent ?? '').replace(/\u00a0/g, ' ').trimEnd()),
    );
    return lines.join('\n').trimEnd();
  }

  /** Waits until the terminal in front shows a text, and gives all it shows. */
  async terminalShows(text: Text, deadlineMs = showsMs): Promise<string> {
    await until(
      `"${text}" in the terminal`,
      async () => matches(await this.terminalText(), text),
      deadlineMs,
      async () => `It shows:\n${await this.terminalText()}`,
    );
    return this.terminalText();
  }

  /** Types into the terminal in front; `\n` is Enter. */
  async typeInTerminal(text: string): Promise<void> {
    await this.page.locator('.terminal-wrapper.active .xterm-helper-textarea').focus();
    for (const [index, line] of text.split('\n').entries()) {
      if (index > 0) await this.page.keyboard.press('Enter');
      await this.page.keyboard.type(line);
    }
  }

  /** Presses a key in the terminal in front: 'Control+C', 'Enter'. */
  async pressInTerminal(key: string): Promise<void> {
    await this.page.locator('.terminal-wrapper.active .xterm-helper-textarea').focus();
    await this.page.keyboard.press(key);
  }

  /** The inside of Parley's webview: locators in it find the page the extension made. */
  conversation(): FrameLocator {
    return this.page
      .frameLocator('iframe.webview.ready[src*="extensionId=parley.parley"]')
      .first()
      .frameLocator('#active-frame');
  }

  /** The inside of a panel of ours, which is an editor and no view. */
  panel(): FrameLocator {
    const views = '[src*="purpose=webviewView"]';
    return this.page
      .frameLocator(`iframe.webview.ready[src*="extensionId=parley.parley"]:not(${views})`)
      .first()
      .frameLocator('#active-frame');
  }

  /** The item of the status bar that contains a text, once it shows. */
  async statusBar(text: Text, deadlineMs = showsMs): Promise<Locator> {
    const item = this.page.locator('.statusbar-item').filter({ hasText: text }).first();
    await until(
      `"${text}" in the status bar`,
      () => item.isVisible(),
      deadlineMs,
      async () =>
        `It shows: ${(await this.page.locator('.statusbar-item').allInnerTexts()).join(' | ')}`,
    );
    return item;
  }

  /** The text of the output panel, as far as it is in sight. */
  async outputText(): Promise<string> {
    const text: string = await this.page.locator('.part.panel .view-lines').first().innerText();
    return text.replace(/\u00a0/g, ' ');
  }

  /** What went wrong in the page or the extension host and names Parley. */
  problems(): string[] {
    return this.harness.noise.filter(
      (line) =>
        /\[page error\]|Activating extension .* failed/.test(line) &&
        // VS Code's own faults name its files, and the checkout is often in a folder of that name.
        /parley/i.test(line.replaceAll(`${process.cwd()}/test/vscode/`, '')),
    );
  }

  /**
   * What axe finds in our views as they stand that keeps people out who cannot see or point: WCAG 2.1,
   * A and AA. A line each, empty when nothing is wrong. Fails where no view of ours shows.
   */
  async barriers(needed = true): Promise<string[]> {
    // A line that fades in just now is pale for a moment.
    await this.page.emulateMedia({ reducedMotion: 'reduce' });
    try {
      return await this.barriersNow(needed);
    } finally {
      await this.page.emulateMedia({ reducedMotion: null });
    }
  }

  private async barriersNow(needed: boolean): Promise<string[]> {
    const found: string[] = [];
    const frames = await this.ourFrames();
    for (const frame of frames) {
      await frame.evaluate(axe.source);
      // The page is transparent, and axe would take what is behind it for white.
      await frame.evaluate(
        'document.documentElement.style.background = "var(--vscode-sideBar-background)"',
      );
      const run = `axe.run(document, { runOnly: ${JSON.stringify(WCAG)} })`;
      found.push(...faults((await frame.evaluate(run)) as AxeResults));
    }
    if (needed && frames.length === 0) throw new Error('no view of Parley shows');
    return found;
  }

  /**
   * The same for parts of VS Code's own page, by selector: a tree, a list, a welcome view. Its markup is
   * its own (it nests buttons, for one), and so are the colours of its lists; what we give it are
   * names, texts and pictures.
   */
  async barriersIn(...parts: string[]): Promise<string[]> {
    if (parts.length === 0) return [];
    await this.page.evaluate(axe.source);
    const run = `axe.run({ include: ${JSON.stringify(parts.map((part) => [part]))}, exclude: [['iframe']] },
      { runOnly: ${JSON.stringify(given)}, iframes: false })`;
    return faults((await this.page.evaluate(run)) as AxeResults);
  }

  /** The documents of our webviews that show. */
  async ourFrames(): Promise<ReturnType<Page['frames']>> {
    const frames: ReturnType<Page['frames']> = [];
    for (const frame of this.page.frames()) {
      const ours = 'Boolean(document.querySelector(\'script[src*="dist/webview"]\'))';
      // A frame that goes away meanwhile is none of ours.
      if (await frame.evaluate(ours).catch(() => false)) frames.push(frame);
    }
    return frames;
  }

  /** A picture in artifacts/screenshots/<name>.png. @returns its path */
  async screenshot(name: string): Promise<string> {
    mkdirSync(screenshots, { recursive: true });
    const path = join(screenshots, `${name}.png`);
    await this.page.screenshot({ path });
    return path;
  }

  /** Reloads the page, as F5 does, and waits until VS Code is there again. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.locator('.statusbar-item').first().waitFor({ timeout: 60_000 });
  }

  /** Ends VS Code and starts it again with what it kept. */
  restart(): Promise<void> {
    return this.harness.restart();
  }

  close(keepLogsAs?: string): Promise<void> {
    return this.harness.close(keepLogsAs);
  }
}

/** Opens a window; 5 to 10 seconds. */
export async function startWindow(options: HarnessOptions = {}): Promise<Window> {
  return new Window(await startHarness(options));
}

/**
 * A test with a window of its own. When it fails, a picture `failed-<name>` and the logs stay in
 * artifacts.
 */
export function windowTest(
  name: string,
  options: HarnessOptions & { timeout?: number; skip?: string | false },
  body: (window: Window) => Promise<void>,
): void {
  const { timeout = 180_000, skip = false, ...harness } = options;
  // The time of the test, and the opening and closing of its window.
  test(name, { timeout: timeout + 120_000, skip }, async () => {
    const window = await startWindow(harness);
    let failed: string | undefined = name.replace(/[^\w-]+/g, '-');
    try {
      const late = `It is not done after ${timeout / 1000} s.`;
      await within(timeout, late, body(window));
      failed = undefined;
    } finally {
      if (failed) await window.screenshot(`failed-${failed}`).catch(() => undefined);
      await window.close(failed);
    }
  });
}

/** What `work` gives; rejects with `late` when it is not done in time. Its window is closed then. */
async function within(ms: number, late: string, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const alarm = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(late)), ms);
  });
  try {
    await Promise.race([work, alarm]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
