/**
 * Each step of the tutorial by hand, as a newcomer clicks it: from an empty window to a conversation,
 * a line said by hand, a program run and stopped. Below: support.ts. Above: npm test.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeExample, temporaryFolder, until, windowTest } from './support';

/** A workspace with the programs, and none of the example's boards in its settings. */
function programs(): string {
  const folder = temporaryFolder();
  const settings = {
    'parley.wifi.ssid': 'Parley',
    'parley.broker.port': 18841,
    'parley.folders': { machine1: 'machine1', machine2: 'machine2' },
  };
  mkdirSync(join(folder, '.vscode'));
  writeFileSync(join(folder, '.vscode', 'settings.json'), JSON.stringify(settings));
  writeFileSync(join(folder, 'loop.py'), "print('round and round')\nwhile True: pass\n");
  return makeExample(folder);
}

windowTest(
  'two boards by hand: erase, flash, prompt, broker, put, reset, say, run, stop',
  { workspace: programs(), timeout: 400_000, size: { width: 1360, height: 860 } },
  async (window) => {
    const { page } = window;
    await window.openSidebar();

    // 2. An empty tree has the one right button.
    const welcome = page.locator('.welcome-view .monaco-button');
    await welcome.filter({ hasText: 'Add Two Virtual Boards' }).first().waitFor();
    await window.screenshot('hand-1-empty');
    await welcome.filter({ hasText: 'Add Two Virtual Boards' }).first().click();
    await window.treeRow('machine1', 60_000);
    await window.treeRow('machine2', 60_000);

    // A board without MicroPython on Put: a sentence, not a hang.
    await window.run('Parley: Set the Wi-Fi Password…');
    await window.answer('only-in-secret-storage');
    await window.treeMenu('machine1', 'Put a Folder on the Board');
    const noPython = await window.notification(/machine1 does not answer as MicroPython/, 60_000);
    await noPython.waitFor();

    // 3. Erase, then flash, with progress.
    for (const name of ['machine1', 'machine2']) {
      await window.treeMenu(name, 'Erase…');
      assert.match(await window.dialog(`Erase ${name}`), /cannot be undone/);
      await window.notification(`${name} is blank now`, 60_000);
      await window.treeMenu(name, 'Flash MicroPython…');
      await window.pick(/virtual/i);
      if (name === 'machine1') await window.screenshot('hand-2-flashing');
      await window.notification(new RegExp(`${name}: .*written and verified`), 60_000);
    }

    // 4. The prompt.
    await window.treeAction('machine1', 'Open REPL');
    await window.terminalShows('>>>', 60_000);
    await window.typeInTerminal('import os; os.listdir()\n');
    await window.terminalShows("['boot.py']");
    await window.screenshot('hand-3-prompt');

    // 5. The broker and its self-check.
    await window.run('Parley: Start Broker');
    await window.statusBar('127.0.0.1:18841');
    await window.run('Parley: Check the Broker');
    await window.notification('published on esp32/output, came back');

    // 6. Put, with Wi-Fi and broker filled in; the workspace keeps its placeholders.
    for (const name of ['machine1', 'machine2']) {
      await window.treeMenu(name, 'Put a Folder on the Board');
      await window.notification(new RegExp(`${name}: 3 files put`), 90_000);
    }
    const boot = await readFile(join(window.workspace, 'machine1', 'boot.py'), 'utf8');
    assert.equal(boot, await readFile('firmware/machine1/boot.py', 'utf8'));

    // 7. Reset: they talk.
    for (const name of ['machine1', 'machine2']) await window.treeMenu(name, 'Reset (Press EN)');
    const log = window.conversation().locator('[role="log"]');
    await log
      .getByText(/^heard #\d+/)
      .first()
      .waitFor({ timeout: 60_000 });
    const said = await log.innerText();
    assert.match(said, /machine1[^]*machine2/);
    await window.screenshot('hand-4-conversation');

    // A line by hand, answered by both boards.
    await window.conversation().locator('[placeholder^="Say something"]').fill('on');
    await page.keyboard.press('Enter');
    for (const name of ['machine1', 'machine2']) {
      await log.getByText(`${name} led on`).first().waitFor({ timeout: 30_000 });
    }

    // 8. Run the open file; Stop works on a tight loop.
    await window.openFile('loop.py');
    await page.locator('.tab', { hasText: 'loop.py' }).first().waitFor();
    await window.run('Parley: Run this File on the Board');
    await window.pick('machine1');
    await window.terminalShows('round and round', 60_000);
    await window.run('Parley: Stop the Program');
    await until(
      'the program stops',
      async () => !(await window.treeRows()).some((row) => /machine1.*Run/.test(row)),
      30_000,
      async () => (await window.treeRows()).join(' | '),
    );
    await window.screenshot('hand-5-stopped');

    // No secret in settings or workspace.
    const settings = await readFile(join(window.workspace, '.vscode', 'settings.json'), 'utf8');
    assert.doesNotMatch(settings, /only-in-secret-storage/);
    assert.deepEqual(window.problems(), []);
  },
);
