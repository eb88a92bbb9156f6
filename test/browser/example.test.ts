/**
 * The example workspace, as `npm start` opens it: the conversation starts by itself. In three themes,
 * with pictures. Below: support.ts. Above: npm test.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWindow, type Theme, type Window } from './support';

const themes: readonly Theme[] = ['light', 'dark', 'high contrast'];

/** VS Code is closed and opened: flash and files are there, nothing is flashed or put again. */
async function comesBack(window: Window): Promise<void> {
  await window.restart();
  await window.openSidebar();
  await window.statusBar(/127\.0\.0\.1/, 60_000);
  const again = window.conversation().locator('[role="log"]');
  await again
    .getByText(/^received #1$/)
    .first()
    .waitFor({ timeout: 60_000 });
  await again
    .getByText(/^heard #\d+/)
    .first()
    .waitFor({ timeout: 60_000 });
}

/** What there is to see in each tab. */
const shown = {
  Topics: '.topic-row',
  Charts: '.charts-tab .tab-head',
  Conversation: '.said',
} as const;

/** Each tab of the conversation, by axe, in this theme's colours; and a picture of it. */
async function nobodyIsKeptOut(window: Window, picture: string): Promise<void> {
  for (const tab of ['Topics', 'Charts', 'Conversation'] as const) {
    await window.conversation().getByRole('tab', { name: tab }).click();
    await window.conversation().locator(shown[tab]).first().waitFor();
    await window.screenshot(`${picture}-${tab.toLowerCase()}`);
    assert.deepEqual(await window.barriers(), [], tab);
  }
}

for (const theme of themes) {
  const picture = `example-${theme.replace(' ', '-')}`;
  const name = `the example converses by itself (${theme})`;
  test(name, { timeout: 240_000 }, async () => {
    const window = await startWindow({
      workspace: 'example',
      theme,
      settings: { 'parley.broker.port': 18830 + themes.indexOf(theme) },
      size: { width: 1360, height: 860 },
    });
    try {
      await window.notification('Parley starts this example by itself');
      await window.openSidebar();
      await window.screenshot(`${picture}-1-starting`);
      await window.notification('are talking', 120_000);
      const lines = window.conversation().locator('[role="log"]');
      await lines
        .getByText(/^received #\d+/)
        .first()
        .waitFor({ timeout: 60_000 });
      await lines
        .getByText(/^heard #3/)
        .first()
        .waitFor({ timeout: 60_000 });
      const said = await lines.innerText();
      for (const word of ['machine1', 'machine2', 'hello', 'notification']) {
        assert.ok(said.includes(word), `${word} in:\n${said}`);
      }
      await window.statusBar(/127\.0\.0\.1/);
      assert.deepEqual(window.problems(), []);
      await window.screenshot(`${picture}-2-talking`);
      await nobodyIsKeptOut(window, picture);
      await window.run('Notifications: Clear All Notifications');
      await window.treeAction('machine1', 'Open REPL');
      await window.terminalShows('I hear');
      await lines
        .getByText(/^heard #8/)
        .first()
        .waitFor({ timeout: 60_000 });
      await window.page.mouse.move(700, 300);
      await window.page.waitForTimeout(600); // the newest lines fade in
      await window.screenshot(`${picture}-3-prompt`);
      if (theme === 'light') await comesBack(window);
    } catch (error) {
      await window.screenshot(`failed-${picture}`);
      throw error;
    } finally {
      await window.close();
    }
  });
}
