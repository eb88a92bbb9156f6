/**
 * The example workspace, as `npm start` opens it: the conversation starts by itself, and comes back.
 * With pictures; looks.test.ts has the other themes. Below: support.ts. Above: npm test.
 */
import assert from 'node:assert/strict';
import { windowTest, type Window } from './support';

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

windowTest(
  'the example converses by itself',
  {
    workspace: 'example',
    theme: 'light',
    timeout: 240_000,
    settings: { 'parley.broker.port': 18830 },
    size: { width: 1360, height: 860 },
  },
  async (window) => {
    await window.notification('Parley starts this example by itself');
    await window.openSidebar();
    await window.screenshot('example-1-starting');
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
    await window.screenshot('example-2-talking');
    await window.run('Notifications: Clear All Notifications');
    await window.treeAction('machine1', 'Open REPL');
    await window.terminalShows('I hear');
    await lines
      .getByText(/^heard #8/)
      .first()
      .waitFor({ timeout: 60_000 });
    await window.page.mouse.move(700, 300);
    await window.page.waitForTimeout(600); // the newest lines fade in
    await window.screenshot('example-3-prompt');
    await comesBack(window);
  },
);
