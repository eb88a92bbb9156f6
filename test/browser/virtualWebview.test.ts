/**
 * A virtual board's panel alone in a browser, with a host that is played: a person with a keyboard and
 * no pointer, a narrow side bar, and pins that change all the time. Below: webviewPage.ts, dist/webview.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchBrowser } from '../../scripts/lib/browser.mjs';
import type { FromPanel, PanelState, PinState } from '../../src/board/virtualWorld';
import type { Browser, Page } from './harness';
import { newViewPage, VIEW_URL } from './webviewPage';

const pin = (n: number, mode: PinState['mode'], level = 0): PinState => ({
  ...{ pin: n, mode, level, duty: 0, frequency: 0 },
});

const state = (more: Partial<PanelState> = {}, led = 0): PanelState => ({
  type: 'state',
  name: 'desk',
  chip: 'ESP32',
  mac: '24:6f:28:aa:bb:cc',
  status: 'running a program',
  alive: true,
  air: { ssid: 'Parley', secured: false },
  world: {
    pins: [pin(0, 'in', 1), pin(2, 'out', led), pin(4, 'in'), pin(13, 'out')],
    strips: [{ pin: 13, colours: ['#ff0000', '#000000', '#00ff00'] }],
    asked: ['dht.4.temperature', 'dht.4.humidity', 'adc.34', 'rfid.5'],
  },
  readings: {},
  ...more,
});

describe('the panel of a virtual board', () => {
  let browser: Browser;
  const noise: string[] = [];
  before(async () => {
    browser = (await launchBrowser()) as Browser;
  });
  after(async () => {
    await browser.close();
  });

  async function opened(width = 640): Promise<Page> {
    const page = await newViewPage(browser, noise, { width, height: 900 }, 'virtual');
    await page.goto(VIEW_URL);
    await show(page, state());
    await page.locator('.pin').first().waitFor();
    return page;
  }

  /** Draws a state; resolves once it is on the page. */
  const show = (page: Page, now: PanelState): Promise<void> =>
    page.evaluate(async (data: PanelState) => {
      window.postMessage(data, '*');
      for (let frames = 0; frames < 3; frames++)
        await new Promise((resolve) => requestAnimationFrame(resolve));
    }, now);

  const posted = (page: Page): Promise<FromPanel[]> =>
    page.evaluate(() => (window as unknown as { posted: FromPanel[] }).posted.splice(0));

  /** What has the focus, as a reader of the screen says it, and whether an eye sees that. */
  const focused = (page: Page): Promise<{ name: string; seen: boolean }> =>
    page.evaluate(() => {
      const on = document.activeElement as HTMLElement;
      const group = on.closest('[role="group"]')?.getAttribute('aria-label') ?? '';
      const own =
        on.getAttribute('aria-label') ?? on.closest('label')?.textContent ?? on.textContent ?? '';
      const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(on);
      const seen =
        outlineStyle === 'solid' && outlineWidth !== '0px' && outlineColor === 'rgb(0, 120, 212)';
      return { name: [group, own.trim()].filter(Boolean).join(': '), seen };
    });

  /** Goes on with Tab until `name` has the focus. */
  async function tabTo(page: Page, name: string): Promise<void> {
    for (let steps = 0; steps < 40; steps++) {
      if ((await focused(page)).name === name) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`${name} is not reached by Tab`);
  }

  test('Tab comes to every control in the order in which they stand, and the focus is seen', async () => {
    const page = await opened();
    // Held: its button is filled, and must still show the focus.
    await show(page, state({ readings: { 'pin.0': 0 } }));
    const names: string[] = [];
    for (let steps = 0; steps < 40; steps++) {
      await page.keyboard.press('Tab');
      const { name, seen } = await focused(page);
      if (
        names.includes(name) ||
        (await page.evaluate(() => document.activeElement === document.body))
      )
        break;
      assert.ok(seen, `nobody sees that ${name} has the focus`);
      names.push(name);
    }
    assert.deepEqual(names, [
      ...['Low', 'Free', 'High'].map((button) => `Hold GPIO 0: ${button}`),
      ...['wired', 'Temperature', 'Humidity'].map((part) => `DHT on GPIO 4: ${part}`),
      ...['wired', 'Card'].map((part) => `RFID on GPIO 5: ${part}`),
      ...['wired', 'Voltage'].map((part) => `ADC on GPIO 34: ${part}`),
      ...['Kind of sensor', 'Its GPIO', 'Add a Sensor', 'Change…'],
      ...['Unplug', 'Brown-out', 'No Wi-Fi', 'Lose Bytes', 'Flip Bits', 'Stall', 'Slow Flash'],
      'End All Trouble',
    ]);
    await page.close();
  });

  test('each control does by keys what it does by a click', async () => {
    const page = await opened();
    await posted(page);
    const does = async (name: string, keys: string[], wanted: FromPanel[]): Promise<void> => {
      await tabTo(page, name);
      for (const key of keys) await page.keyboard.press(key);
      assert.deepEqual(await posted(page), wanted, name);
    };
    const set = (name: string, value: number | null): FromPanel => ({ type: 'set', name, value });
    await does('Hold GPIO 0: Low', ['Enter'], [set('pin.0', 0)]);
    await does('Hold GPIO 0: High', ['Space'], [set('pin.0', 1)]);
    await does(
      'DHT on GPIO 4: Temperature',
      ['ArrowRight', 'End'],
      [set('dht.4.temperature', 22), set('dht.4.temperature', 80)],
    );
    await does('DHT on GPIO 4: Humidity', ['ArrowLeft'], [set('dht.4.humidity', 47)]);
    await does('RFID on GPIO 5: Card', ['ArrowDown'], [set('rfid.5', 0x1122_3344)]);
    await does('ADC on GPIO 34: wired', ['Space'], [set('adc.34', null)]);
    await does('Its GPIO', ['ArrowUp'], []);
    await does(
      'Add a Sensor',
      ['Enter'],
      [set('dht.5.temperature', 21.5), set('dht.5.humidity', 48)],
    );
    await does('Change…', ['Enter'], [{ type: 'air' }]);
    for (const [name, trouble] of [
      ...([
        ['Unplug', 'unplug'],
        ['Brown-out', 'brownOut'],
        ['No Wi-Fi', 'wifi'],
      ] as const),
      ...([
        ['Lose Bytes', 'lose'],
        ['Flip Bits', 'flip'],
        ['Stall', 'stall'],
      ] as const),
      ['Slow Flash', 'slowFlash'] as const,
    ])
      await does(name, ['Enter'], [{ type: 'trouble', trouble }]);
    await does('End All Trouble', ['Enter'], [{ type: 'peace' }]);
    await page.locator('[role="status"]', { hasText: 'All trouble is over.' }).waitFor();
    await page.close();
  });

  test('a blinking lamp takes neither the focus nor the click, and a slider follows the keys', async () => {
    const page = await opened();
    await tabTo(page, 'Hold GPIO 0: Free');
    await page.keyboard.down('Space');
    for (let n = 0; n < 4; n++) await show(page, state({}, n % 2));
    assert.equal((await focused(page)).name, 'Hold GPIO 0: Free');
    await posted(page);
    await page.keyboard.up('Space');
    assert.deepEqual(await posted(page), [{ type: 'set', name: 'pin.0', value: undefined }]);
    // One that appears between others moves none of them.
    const { world } = state();
    await show(page, state({ world: { ...world, pins: [...world.pins, pin(1, 'out', 1)] } }));
    assert.equal((await focused(page)).name, 'Hold GPIO 0: Free');

    await tabTo(page, 'DHT on GPIO 4: Temperature');
    await page.keyboard.down('ArrowRight');
    await page.keyboard.down('ArrowRight');
    // What the host tells back is a step behind.
    await show(page, state({ readings: { 'dht.4.temperature': 22 } }));
    const slider = page.getByLabel('Temperature');
    assert.equal(await slider.inputValue(), '22.5');
    assert.equal(await slider.getAttribute('aria-valuetext'), '22.5 °C');
    await page.keyboard.up('ArrowRight');
    await show(page, state({ readings: { 'dht.4.temperature': 30 } }));
    assert.equal(await slider.inputValue(), '30');
    await page.close();
  });

  test('a switch stays as it was set while its values follow one after the other', async () => {
    const page = await opened();
    const wired = page.getByRole('group', { name: 'DHT on GPIO 4' }).getByLabel('wired');
    await wired.uncheck();
    const after: [Record<string, number | null>, boolean][] = [
      [{ 'dht.4.temperature': null }, false],
      [{ 'dht.4.temperature': null, 'dht.4.humidity': null }, false],
      // Somebody else has wired it again.
      [{ 'dht.4.temperature': 20, 'dht.4.humidity': 50 }, true],
    ];
    for (const [readings, is] of after) {
      await show(page, state({ readings }));
      assert.equal(await wired.isChecked(), is, JSON.stringify(readings));
    }
    await page.close();
  });

  test('what is lit is told in words, and 300 pixels are wide enough', async () => {
    const page = await opened(300);
    const lights = page.getByRole('img', { name: '3 lights, 2 of them on: #ff0000, #00ff00' });
    assert.equal(await lights.count(), 1);
    assert.equal(
      await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
      true,
    );
    const cut: string[] = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, input, select, output, h1, h2, h3, p')]
        .filter((one) => {
          const { left, right, width } = one.getBoundingClientRect();
          return (
            width > 0 &&
            (left < 0 || right > window.innerWidth || one.scrollWidth > one.clientWidth + 1)
          );
        })
        .map((one) => one.textContent ?? one.tagName),
    );
    assert.deepEqual(cut.filter(Boolean), []);
    assert.deepEqual(noise, []);
    await page.close();
  });
});
