/**
 * The pictures of docs/tutorial.md and of the walkthrough (media/walkthrough), made from the real window; only when they are wanted, because a
 * picture is another at each run. Below: support.ts. Above: whoever writes the docs.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { boardPageHtml, startFirmwareSite } from '../../src/esp/firmwareSite';
import { animate, type Frame } from './apng';
import { root } from './harness';
import { until, windowTest, type Window } from './support';

const wanted = process.env['PARLEY_WRITE_DOCS'];
const skip = wanted ? false : 'set PARLEY_WRITE_DOCS=1 to make the pictures of docs/tutorial.md';
const size = { width: 1000, height: 620 };

async function picture(window: Window, name: string): Promise<void> {
  await window.page.mouse.move(500, 300);
  await window.page.waitForTimeout(800); // what a pointer showed goes
  await window.page.screenshot({ path: join(root, 'docs/images', `tutorial-${name}.png`) });
}

/** A picture of the walkthrough: the part of the window that a step is about. */
async function step(
  window: Window,
  name: string,
  [x, y, width, height]: readonly [number, number, number, number],
): Promise<void> {
  await window.page.waitForTimeout(800);
  const clip = { x, y, width, height };
  await window.page.screenshot({ path: join(root, 'media/walkthrough', `${name}.png`), clip });
}

windowTest(
  'tutorial: the pictures of the first steps',
  { skip, size, theme: 'light' },
  async (window) => {
    // The builds as somebody with a network sees them.
    const site = await startFirmwareSite({
      '/download/ESP32_GENERIC/': boardPageHtml({
        '': ['ESP32_GENERIC-20251209-v1.27.0.bin', 'ESP32_GENERIC-20250911-v1.26.1.bin'],
        'Support for SPIRAM / WROVER': ['ESP32_GENERIC-SPIRAM-20251209-v1.27.0.bin'],
      }),
    });
    mkdirSync(join(window.workspace, '.vscode'), { recursive: true });
    writeFileSync(
      join(window.workspace, '.vscode/settings.json'),
      JSON.stringify({ 'parley.firmware.index': site.index }),
    );
    await window.openSidebar();
    await window.page.getByText('Two ESP32 boards, from blank').first().waitFor();
    await window.conversation().getByText('Two boards, one conversation').waitFor();
    await picture(window, '1-empty');
    await window.run('Parley: Add Two Virtual Boards');
    await window.notification('blank as from the shop', 60_000);
    await window.run('Notifications: Clear All Notifications');
    await window.treeRow('machine1');
    await step(window, 'boards', [48, 36, 400, 160]);
    await window.run('Parley: Flash MicroPython…');
    await window.pick(/^machine1/);
    await until('the list of firmware', async () =>
      (await window.quickRows()).some((row) => row.includes('1.27.0 SPIRAM')),
    );
    await picture(window, '2-flash');
    await step(window, 'flash', [190, 0, 620, 240]);
    await window.pick(/MicroPython for virtual boards/);
    await window.notification('written and verified', 120_000);
    await window.run('Notifications: Clear All Notifications');
    await window.treeAction('machine1', 'Open REPL');
    await window.terminalShows('>>>', 60_000);
    await window.typeInTerminal('import os; os.listdir()\n');
    await window.terminalShows('boot.py');
    await picture(window, '3-prompt');
    await step(window, 'repl', [300, 385, 480, 200]);
    await window.run('Parley: Start Broker');
    await (await window.statusBar(/127\.0\.0\.1/)).locator('a').click();
    await until('the broker’s menu', async () => (await window.quickRows()).length > 2);
    await step(window, 'broker', [190, 0, 620, 240]);
    await window.page.keyboard.press('Escape');
    await window.run('Parley: Set the Wi-Fi Password…');
    await window.answer('Home');
    await step(window, 'wifi', [190, 0, 620, 120]);
    await window.page.keyboard.press('Escape');
    await site.close();
  },
);

windowTest(
  'tutorial: the picture of the conversation, and the one that moves for the README',
  {
    skip,
    size: { width: 1000, height: 860 },
    theme: 'light',
    workspace: 'example',
    settings: { 'parley.broker.port': 18860 },
  },
  async (window) => {
    const frames: Frame[] = [];
    // All of the window now and then; between, only the view that changes.
    const part = { x: 48, y: 36, width: 250, height: 790 };
    const whole = async (ms: number): Promise<void> =>
      void frames.push({ png: await window.page.screenshot(), ms });
    const view = async (ms: number): Promise<void> => {
      const png = (await window.page.screenshot({ clip: part })) as Buffer;
      if (!frames.at(-1)?.png.equals(png)) frames.push({ png, x: part.x, y: part.y, ms });
    };
    await window.openSidebar();
    await window.treeRow('machine1', 60_000);
    let talking = false;
    const told = window.notification('are talking', 120_000).then(() => (talking = true));
    while (!talking && frames.length < 9) {
      await whole(700);
      await window.page.waitForTimeout(900);
    }
    await told;
    await whole(1500);
    await window.run('Notifications: Clear All Notifications');
    await window.page.mouse.move(500, 300);
    await whole(500);
    const heard = window
      .conversation()
      .locator('[role="log"]')
      .getByText(/^heard #3/)
      .first();
    for (let i = 0; i < 40 && !(await heard.isVisible()); i++) {
      await view(400);
      await window.page.waitForTimeout(400);
    }
    await heard.waitFor({ timeout: 60_000 });
    await whole(3000);
    writeFileSync(join(root, 'docs/images/recording.png'), animate(frames));
    await picture(window, '4-conversation');
    await step(window, 'reset', [48, 290, 252, 500]);
    const talk = window.conversation();
    await talk.getByLabel('Topic', { exact: true }).fill('esp32/output');
    await talk.getByLabel('Message', { exact: true }).fill('on');
    await talk.getByLabel('Message', { exact: true }).press('Enter');
    await talk
      .getByText(/^LED on|^on$/)
      .last()
      .waitFor();
    await step(window, 'say', [48, 510, 252, 320]);
    await window.treeMenu('machine1', 'Put a Folder on the Board');
    await window.notification(/machine1: /, 90_000);
    await step(window, 'put', [530, 700, 470, 125]);
  },
);
