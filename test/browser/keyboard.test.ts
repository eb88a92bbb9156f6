/**
 * By keyboard alone, the pointer never touched: the welcome view's button, a board's menu, the list of
 * firmware, the walkthrough, the plot. Below: support.ts. Above: npm test.
 */
import assert from 'node:assert/strict';
import { until, windowTest, type Window } from './support';

/** What has the keyboard, in the page or in the frame of a view that has it: its name, or its text. */
async function focused(window: Window): Promise<string> {
  for (const frame of [...(await window.ourFrames()), window.page.mainFrame()]) {
    const name = (await frame.evaluate(
      `(() => { const e = document.hasFocus() ? document.activeElement : null;
         if (!e || e === document.body || e.tagName === 'IFRAME') return '';
         return (e.getAttribute('aria-label') ?? e.textContent ?? '').trim() || e.title || ''; })()`,
    )) as string;
    if (name) return name;
  }
  return '';
}

/** Presses `key` until what has the keyboard is called so. */
async function go(window: Window, key: string, wanted: RegExp, most = 40): Promise<void> {
  const met: string[] = [];
  for (let i = 0; i <= most; i++) {
    const now = await focused(window);
    if (wanted.test(now)) return;
    met.push(now.slice(0, 40));
    await window.page.keyboard.press(key);
    await window.page.waitForTimeout(60); // the focus follows in the next frame
  }
  assert.fail(`${key} does not lead to ${wanted}: ${met.join(' | ')}`);
}

windowTest(
  'by keyboard alone: welcome view, a board’s menu, firmware, walkthrough, plot',
  { timeout: 240_000, size: { width: 1360, height: 860 } },
  async (window) => {
    const { page } = window;
    const { keyboard } = page;
    // The palette lists what there is when it opens: not before the view is there.
    await page.locator('.activitybar a[aria-label^="Parley"]').first().waitFor();
    await window.run('Parley: Focus on Boards View');
    await page.getByText('Two ESP32 boards, from blank').first().waitFor();
    await go(window, 'Tab', /^Add Two Virtual Boards/);
    await keyboard.press('Enter');
    await window.notification('blank as from the shop', 60_000);
    await window.run('Notifications: Clear All Notifications');

    // The board's menu, from its row: the menu key, an arrow, Enter.
    await window.run('Parley: Focus on Boards View');
    const row = page.locator('.part.sidebar .monaco-list-row.focused', { hasText: 'machine1' });
    await until('the first board has the keyboard', async () => {
      if ((await row.count()) > 0) return true;
      await keyboard.press('Home');
      return false;
    });
    const menu = page.locator('.monaco-menu .action-item.focused');
    await until('the board’s menu', async () => {
      await keyboard.press('Shift+F10');
      await page.waitForTimeout(300);
      return (await page.locator('.monaco-menu').count()) > 0;
    });
    await until('the entry for flashing', async () => {
      await keyboard.press('ArrowDown');
      return (await menu.count()) > 0 && /Flash MicroPython/.test(await menu.last().innerText());
    });
    await keyboard.press('Enter');

    // The list of firmware.
    await until('the list of firmware', async () =>
      (await window.quickRows()).some((one) => one.includes('for virtual boards')),
    );
    await window.answer('virtual boards');
    await window.notification(/machine1: .*written and verified/, 90_000);
    await window.run('Notifications: Clear All Notifications');

    // The walkthrough: from step to step, and a button in one.
    await window.run('Parley: Show the Steps');
    await page.locator('.getting-started-step').first().waitFor();
    // What was done before the steps were first looked at is ticked as well.
    const done = page.locator(
      '.getting-started-step[data-step-id$="#boards"][aria-checked="true"]',
    );
    await done.waitFor();
    await go(window, 'Tab', /^Talk to MicroPython/);
    await keyboard.press('Enter');
    await page.locator('.getting-started-step.expanded', { hasText: 'Open REPL' }).waitFor();
    const question = page.locator('.quick-input-widget input').first();
    await go(window, 'Tab', /^Open REPL/);
    await keyboard.press('Enter');
    // VS Code gives the keyboard back to the step a moment later; the question outlives that.
    await question.waitFor();
    await page.waitForTimeout(1500);
    assert.ok(await question.isVisible(), 'the question which board has closed by itself');
    assert.ok(await question.evaluate((input: Element) => input === document.activeElement));
    await window.answer('machine1');
    await window.terminalShows('>>>', 60_000);

    // The plot: every button and series has a name and is reached.
    await window.run('Terminal: Focus Terminal');
    await window.typeInTerminal("for n in range(5): print('temp:%d hum:%d' % (n, n))\n\n");
    await window.terminalShows('temp:4 hum:4');
    await window.run('View: Close All Editors');
    await window.run('Parley: Plot What It Prints');
    const chips = window.panel().locator('.chip');
    await window.panel().locator('body').waitFor();
    await window.run('Terminal: Focus Terminal');
    await window.typeInTerminal("for n in range(5): print('temp:%d hum:%d' % (n, n))\n\n");
    await until('two series', async () => (await chips.count()) === 2);
    await window.run('View: Focus Active Editor Group');
    await go(window, 'Tab', /temp/);
    await keyboard.press('Enter');
    assert.equal(await chips.filter({ hasText: 'temp' }).getAttribute('aria-pressed'), 'false');
    for (const name of [/^Draw all in one chart/, /^Pause/, /^Clear/, /^Export as CSV/]) {
      await go(window, 'Tab', name);
    }
    assert.deepEqual(window.problems(), []);
  },
);
