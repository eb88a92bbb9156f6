/**
 * Every view of Parley in three themes, in one window: looked at by axe, and pictures of all of it in
 * artifacts/screenshots/looks-*; then at 200 % zoom and with motion reduced.
 * Below: support.ts. Above: npm test; the pictures are for a person to look at.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { makeProject, projectTemplates, settingsOf } from '../../src/operations/newProject';
import {
  temporaryFolder,
  themeSettings,
  until,
  windowTest,
  type Theme,
  type Window,
} from './support';

const themes: readonly Theme[] = ['dark', 'light', 'high contrast'];
const size = { width: 1360, height: 860 };

/** A board that has something to show in every view: pins, lights, sensors, numbers, messages. */
const program = `import dht, json, machine, neopixel
from talk import Talk

mqtt_server = 'REPLACE_WITH_YOUR_MQTT_BROKER_IP'
mqtt_port = 1883
led = machine.Pin(2, machine.Pin.OUT)
button = machine.Pin(0, machine.Pin.IN, machine.Pin.PULL_UP)
servo = machine.PWM(machine.Pin(18), freq=50, duty_u16=16384)
ring = neopixel.NeoPixel(machine.Pin(13), 8)
sensor = dht.DHT22(machine.Pin(4))
for i in range(8):
    ring[i] = (255 - 32 * i, 20 * i, 32 * i)
ring.write()
talk = Talk(mqtt_server, mqtt_port)
n = 0


def measure():
    global n
    n += 1
    led.value(n % 2)
    button.value()
    sensor.measure()
    warm = sensor.temperature() + n % 5
    print('temp:%.1f hum:%d' % (warm, 40 + n % 7))
    talk.say('room/air', json.dumps({'temperature': warm, 'humidity': sensor.humidity()}))


talk.hear('reader/card', lambda card: talk.say('gate/state', 'open'))
talk.every(1000, measure)
talk.run()
`;

/** Changes the workspace's settings, as somebody does in the file. */
function set(window: Window, settings: Record<string, unknown>): void {
  const file = join(window.workspace, '.vscode/settings.json');
  mkdirSync(dirname(file), { recursive: true });
  const now = existsSync(file) ? readFileSync(file, 'utf8') : '{}';
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(now) as object), ...settings }));
}

const kinds: Readonly<Partial<Record<Theme, string>>> = {
  dark: 'vs-dark',
  light: 'vs',
  'high contrast': 'hc-black',
};

async function dress(window: Window, theme: Theme): Promise<void> {
  set(window, themeSettings(theme));
  await window.page.locator(`.monaco-workbench.${kinds[theme]}`).waitFor({ timeout: 30_000 });
}

/** Looks with axe at our webviews and at the `parts` of VS Code that show what is ours; a picture. */
async function look(window: Window, view: string, ...parts: string[]): Promise<void> {
  view = view.replaceAll(' ', '-');
  await window.page.mouse.move(size.width / 2, 2); // what a pointer showed goes
  await window.page.waitForTimeout(250);
  await window.screenshot(`looks-${view}`);
  const found = [...(await window.barriers(false)), ...(await window.barriersIn(...parts))];
  assert.deepEqual(found, [], view);
}

const SIDEBAR = '.part.sidebar';
const QUICK = '.quick-input-widget';
const STATUS = '.statusbar-item[id^="parley"]';
const WALKTHROUGH = '.getting-started-detail-columns';

/** What somebody sees who has no board yet. */
async function emptyViews(window: Window, theme: Theme): Promise<void> {
  await dress(window, theme);
  await look(window, `${theme}-1-no-boards`, SIDEBAR, WALKTHROUGH);
}

const tab = async (window: Window, name: string): Promise<void> => {
  await window.conversation().getByRole('tab', { name }).click();
};

const panels = {
  async board(window: Window, name: string): Promise<void> {
    await window.run('View: Close All Editors');
    await window.run('Parley: Show Virtual Board');
    await window.answer(name); // no pointer over the list: what it shows of a row hides the next one
    await window.panel().getByRole('heading', { name }).waitFor({ timeout: 30_000 });
  },
  async plot(window: Window): Promise<void> {
    await window.run('View: Close All Editors');
    await window.run('Parley: Plot What It Prints');
    const charts = window.panel().locator('.chart canvas');
    // Where a board's terminal is in front, that board is meant and nothing is asked.
    const gate = window.page.locator(`${QUICK} .monaco-list-row`, { hasText: /^gate/ }).first();
    const asked = async (): Promise<boolean> =>
      (await gate.isVisible()) && (await window.answer('gate'), true);
    await until('two charts', async () => (await charts.count()) === 2 || (await asked(), false));
    const now = window.panel().locator('.chip .now').first();
    // A line between points, not one point; and that it is drawn, by its coloured pixels.
    for (let i = 0; i < 3; i++) {
      const last = await now.innerText();
      await until('another number', async () => (await now.innerText()) !== last);
    }
    const coloured = (): Promise<number> =>
      charts.first().evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let i = 0; i < data.length; i += 4) {
          const [r, g, b] = [data[i]!, data[i + 1]!, data[i + 2]!];
          if (data[i + 3]! > 100 && Math.max(r, g, b) - Math.min(r, g, b) > 60) count++;
        }
        return count;
      });
    await until('a line is drawn', async () => (await coloured()) > 50);
  },
};

async function views(window: Window, theme: Theme): Promise<void> {
  const { page } = window;
  await dress(window, theme);
  await look(window, `${theme}-2-conversation`, SIDEBAR, STATUS);
  await tab(window, 'Topics');
  await look(window, `${theme}-3-topics`);
  await tab(window, 'Charts');
  await look(window, `${theme}-4-charts`);
  await tab(window, 'Conversation');

  await panels.board(window, 'gate');
  await window.panel().locator('.pin').first().waitFor();
  await look(window, `${theme}-5-virtual-board`);
  await panels.board(window, 'reader');
  await window.panel().getByLabel('Card', { exact: true }).waitFor();
  await look(window, `${theme}-6-virtual-board-cards`);
  await panels.plot(window);
  await look(window, `${theme}-7-plot`);

  await window.run('View: Close All Editors');
  await window.run('Parley: Flash MicroPython…');
  await window.answer('gate');
  await until('the firmware', async () =>
    (await window.quickRows()).some((row) => /virtual boards/.test(row)),
  );
  await look(window, `${theme}-8-flash-picker`, QUICK);
  await page.keyboard.press('Escape');
  await (await window.statusBar(/127\.0\.0\.1/)).locator('a').click();
  await until('the broker’s menu', async () => (await window.quickRows()).length > 2);
  await look(window, `${theme}-9-broker`, QUICK);
  await page.keyboard.press('Escape');
  await window.run('Parley: Choose the Broker’s Address…');
  await until('the addresses', async () =>
    (await window.quickRows()).some((row) => /Automatic/.test(row)),
  );
  await look(window, `${theme}-10-addresses`, QUICK);
  await page.keyboard.press('Escape');
  await window.run('Parley: Who May Reach the Broker…');
  await until('the question', async () =>
    (await window.quickRows()).some((row) => /with a password and TLS/.test(row)),
  );
  await look(window, `${theme}-11-reach`, QUICK);
  await page.keyboard.press('Escape');
}

/** The animation with which a line comes in. */
function motionOfALine(window: Window): Promise<string> {
  return window
    .conversation()
    .locator('body')
    .evaluate((body: HTMLElement) => {
      const line = document.createElement('div');
      line.className = 'fresh';
      body.append(line);
      const { animationName } = getComputedStyle(line);
      line.remove();
      return animationName;
    });
}

/** Nothing of ours is wider than its place: no view is scrolled sideways to be read. */
async function fits(window: Window, view: string): Promise<void> {
  await look(window, view);
  const wide: string[] = [];
  for (const frame of await window.ourFrames()) {
    const one = (await frame.evaluate(
      `(() => { const { scrollWidth, clientWidth } = document.documentElement;
         const out = [...document.querySelectorAll('button, input, select, [role=tab]')].filter((e) => {
           const box = e.getBoundingClientRect();
           return e.checkVisibility() && box.width > 0 && (box.right > clientWidth + 1 || box.left < -1);
         });
         return [scrollWidth > clientWidth ? scrollWidth + ' of ' + clientWidth : '',
           ...out.map((e) => e.outerHTML.slice(0, 120))].filter(Boolean); })()`,
    )) as string[];
    wide.push(...one);
  }
  assert.deepEqual(wide, [], `${view} is too wide`);
}

async function eachView(window: Window, name: string): Promise<void> {
  for (const one of ['Topics', 'Charts', 'Conversation']) {
    await tab(window, one);
    await fits(window, `${name}-${one.toLowerCase()}`);
  }
}

/** Drags the edge of the sidebar until it is so wide; VS Code gives no less than its 170 px. */
async function sidebarWidth(window: Window, width: number): Promise<void> {
  const { page } = window;
  const sidebar = page.locator(SIDEBAR);
  const now = async () => (await sidebar.boundingBox())!;
  await until(
    `a sidebar of ${width} px`,
    async () => {
      const { x, y, width: had, height } = await now();
      if (Math.abs(had - width) <= 3) return true;
      const middle = y + height / 2;
      await page.mouse.move(x + had + 1, middle);
      await page.waitForTimeout(400); // a sash wakes under a resting pointer
      await page.mouse.down();
      await page.mouse.move(x + width + 1, middle, { steps: 5 });
      await page.mouse.up();
      return false;
    },
    20_000,
    async () => `It has ${(await now()).width} px.`,
  );
}

/** The narrowest sidebar and a usual one: names of boards can be read, and nothing is cut off. */
async function narrow(window: Window): Promise<void> {
  for (const width of [170, 300]) {
    await sidebarWidth(window, width);
    await eachView(window, `sidebar-${width}`);
    const rows = window.page.locator(`${SIDEBAR} .monaco-list-row`);
    const cut: string[] = await rows.evaluateAll((all: Element[]) =>
      all.flatMap((row) => {
        const name = row.querySelector('.label-name');
        const edge = row.getBoundingClientRect().right;
        return name && name.getBoundingClientRect().right > edge ? [name.textContent ?? ''] : [];
      }),
    );
    assert.deepEqual(cut, [], `names that are cut off at ${width} px`);
  }
}

/** The walkthrough follows what was done, whoever did it and however: nobody ticks a step. */
async function everyStepTicked(window: Window): Promise<void> {
  const view = window.conversation();
  await view.getByLabel('Message', { exact: true }).fill('on');
  await view.getByLabel('Message', { exact: true }).press('Enter');
  await view.locator('.you .text', { hasText: 'on' }).first().waitFor();
  await window.run('View: Close All Editors');
  await window.run('Parley: Show the Steps');
  const steps = window.page.locator('.getting-started-step');
  const left = async (): Promise<string[]> =>
    steps.evaluateAll((all: Element[]) =>
      all
        .filter((step) => step.getAttribute('aria-checked') !== 'true')
        .map((step) => step.getAttribute('data-step-id')?.split('#').at(-1) ?? ''),
    );
  await until(
    'every step is ticked',
    async () => (await steps.count()) === 9 && (await left()).length === 0,
    30_000,
    async () => `Not ticked: ${(await left()).join(', ')}`,
  );
  await window.screenshot('looks-steps-ticked');
}

windowTest(
  'every view in three themes, zoomed and still: nobody is kept out, with pictures',
  { size, timeout: 420_000, settings: { 'parley.broker.port': 18890 } },
  async (window) => {
    const { page } = window;
    await window.openSidebar();
    await page.getByText('Two ESP32 boards, from blank').first().waitFor();
    await window.run('Parley: Show the Steps');
    await page.locator('.getting-started-step').first().waitFor({ timeout: 30_000 });
    await window.conversation().getByText('Two boards, one conversation').waitFor();
    assert.equal(await motionOfALine(window), 'arrive');
    // From here on nothing moves: axe would take a line that fades in for a pale one.
    set(window, { 'workbench.reduceMotion': 'on' });
    await window.conversation().locator('body.vscode-reduce-motion').waitFor({ timeout: 30_000 });
    for (const theme of themes) await emptyViews(window, theme);

    const firmware = resolve('firmware');
    const gate = (await projectTemplates(firmware)).find(({ id }) => id === 'rfid-gate');
    assert.ok(gate);
    const project = join(temporaryFolder(), 'gate');
    await makeProject(firmware, gate, project);
    for (const part of ['gate', 'reader', 'lib']) {
      cpSync(join(project, part), join(window.workspace, part), { recursive: true });
    }
    writeFileSync(join(window.workspace, 'gate/main.py'), program);
    set(window, settingsOf(gate));
    await window.treeRow('gate', 60_000);
    await window.run('Parley: Start the Conversation');
    await window.notification(/are talking/, 120_000);
    await window.run('Notifications: Clear All Notifications');
    const log = window.conversation().locator('[role="log"]');
    await log.getByText('temperature').first().waitFor({ timeout: 60_000 });
    for (const theme of [...themes].reverse()) await views(window, theme);

    await narrow(window);
    await everyStepTicked(window);

    // 200 %: the same window has half the room. The terminal goes: it is not ours.
    if (await page.locator('.part.panel').isVisible()) await page.keyboard.press('Control+j');
    await page.setViewportSize({ width: size.width / 2, height: size.height / 2 });
    await window.run('View: Close All Editors');
    await eachView(window, 'zoom-200');
    await window.run('View: Toggle Primary Side Bar Visibility');
    await panels.board(window, 'gate');
    await fits(window, 'zoom-200-virtual-board');
    await panels.plot(window);
    await fits(window, 'zoom-200-plot');
    assert.equal(await motionOfALine(window), 'none', 'motion is off');
    assert.deepEqual(window.problems(), []);
  },
);
