/**
 * The plot in the real VS Code: a virtual board prints numbers, they are drawn beside its terminal,
 * held, chosen, cleared and written to a file. Below: support.ts. Above: npm test.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder, until, windowTest } from './support';

const program = `import time
n = 0
while True:
    n += 1
    print('temp:%.1f hum:%d' % (20 + n % 7, 40 + n % 3))
    print('a sentence with a number, 12')
    time.sleep_ms(50)
`;

/** A workspace with one blank virtual board and a program that prints numbers. */
function workspace(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, '.vscode'));
  const settings = { 'parley.virtualBoards': ['meter'] };
  writeFileSync(join(folder, '.vscode', 'settings.json'), JSON.stringify(settings));
  writeFileSync(join(folder, 'numbers.py'), program);
  return folder;
}

windowTest(
  'the plot: numbers drawn as they come, paused, chosen, cleared, exported',
  { workspace: workspace(), timeout: 240_000, size: { width: 1360, height: 860 } },
  async (window) => {
    const { page } = window;
    await window.openSidebar();
    await window.treeMenu('meter', 'Flash MicroPython…');
    await window.pick(/virtual/i);
    await window.notification(/meter: .*written and verified/, 90_000);

    await window.treeMenu('meter', 'Plot What It Prints', 'Tools');
    const plot = window.panel();
    await plot.getByText('No numbers yet').waitFor({ timeout: 60_000 });
    await window.openFile('numbers.py');
    await window.run('Parley: Run this File on the Board');
    await window.terminalShows('a sentence with a number', 60_000);
    await window.run('Parley: Plot What It Prints');

    // A chip and a chart for each name, and none for the sentence.
    const chips = plot.locator('.chip');
    await until('two series', async () => (await chips.count()) === 2);
    assert.deepEqual(await plot.locator('.chip-name').allInnerTexts(), ['temp', 'hum']);
    await until('two charts', async () => (await plot.locator('.chart canvas').count()) === 2);
    assert.match(await plot.locator('.chip .now').first().innerText(), /^2\d(\.\d)?$/);
    await window.screenshot('plot-apart');
    await plot.getByRole('button', { name: 'Draw all in one chart' }).click();
    await until('one chart', async () => (await plot.locator('.chart canvas').count()) === 1);
    await window.screenshot('plot-together');
    assert.deepEqual(await window.barriers(), []);

    // Held still: the values stay while the board goes on.
    await plot.getByRole('button', { name: 'Pause' }).click();
    const held = await plot.locator('.chip .now').allInnerTexts();
    await page.waitForTimeout(600);
    assert.deepEqual(await plot.locator('.chip .now').allInnerTexts(), held);
    await until('what came meanwhile is told', async () => {
      const title = await plot.getByRole('button', { name: 'Go On' }).getAttribute('title');
      return /Go on: \d+ lines came meanwhile/.test(title ?? '') && !/: 0 /.test(title ?? '');
    });
    await plot.getByRole('button', { name: 'Go On' }).click();

    // One series left off is not in the file.
    await chips.filter({ hasText: 'temp' }).click();
    assert.equal(await chips.filter({ hasText: 'temp' }).getAttribute('aria-pressed'), 'false');
    const file = join(window.workspace, 'meter.csv'); // the name it offers
    await plot.getByRole('button', { name: 'Export as CSV' }).click();
    await window.chooseFile(file);
    await window.notification(/rows of numbers from meter are in/);
    const rows = (await readFile(file, 'utf8')).split('\r\n');
    assert.equal(rows[0], 'time,hum');
    assert.match(rows[1] ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z,4[0-2]$/);

    await window.run('Parley: Stop the Program');
    await until('the program stops', async () => {
      return !(await window.treeRows()).some((row) => /meter.*Run/.test(row));
    });
    // How it ended is at the bottom.
    await window.statusBar(/numbers\.py stopped, \d/);
    await plot.getByRole('button', { name: 'Clear' }).click();
    await plot.getByText('No numbers yet').waitFor();
    assert.equal(await chips.count(), 0);
    assert.deepEqual(window.problems(), []);
    const broken = window.noise().filter((line) => /Content Security Policy/i.test(line));
    assert.deepEqual(
      broken.filter((line) => /plot\.js|uPlot/.test(line)),
      [],
    );
  },
);
