/**
 * The panel of a virtual board in the real VS Code: what its program drives is seen, what a person
 * sets is felt by the program, and trouble comes and goes. Below: support.ts. Above: npm test.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, until, windowTest } from './support';

const program = `import time, dht, machine, neopixel
led = machine.Pin(2, machine.Pin.OUT)
button = machine.Pin(0, machine.Pin.IN, machine.Pin.PULL_UP)
servo = machine.PWM(machine.Pin(18), freq=50, duty_u16=16384)
ring = neopixel.NeoPixel(machine.Pin(13), 8)
sensor = dht.DHT22(machine.Pin(4))
light = machine.ADC(machine.Pin(34), atten=machine.ADC.ATTN_11DB)
for i in range(8):
    ring[i] = (255 - 32 * i, 20 * i, 32 * i)
ring.write()
while True:
    led.value(not button.value())
    try:
        sensor.measure()
        print('warm', sensor.temperature(), 'volts', light.read_uv() // 1000)
    except OSError as e:
        print('no sensor', e.errno)
    time.sleep_ms(100)
`;

/** Says in the settings which virtual boards there are. */
function name(folder: string, boards: string[]): void {
  const settings = { 'parley.virtualBoards': boards };
  writeFileSync(join(folder, '.vscode', 'settings.json'), JSON.stringify(settings));
}

function workspace(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, '.vscode'));
  name(folder, ['desk']);
  writeFileSync(join(folder, 'desk.py'), program);
  return folder;
}

const folder = workspace();
windowTest(
  'a virtual board: its pins are seen, its sensors set, trouble made',
  { workspace: folder, timeout: 240_000, size: { width: 1360, height: 860 } },
  async (window) => {
    await window.openSidebar();
    await window.treeMenu('desk', 'Flash MicroPython…');
    await window.pick(/virtual/i);
    await window.notification(/desk: .*written and verified/, 90_000);
    await window.run('Notifications: Clear All Notifications');

    await window.openFile('desk.py');
    await window.openSidebar();
    await window.treeMenu('desk', 'Show Virtual Board');
    const panel = window.panel();
    await panel.getByText('The program has not used a pin yet').waitFor({ timeout: 60_000 });
    await window.openFile('desk.py');
    await window.run('Parley: Run this File on the Board');
    await window.terminalShows('warm 21.5 volts 1650', 60_000);
    await window.run('Parley: Show Virtual Board');

    // What the program drives.
    const pin = (n: number) =>
      panel.locator('.pin').filter({ has: panel.locator(`.pin-name:text-is("GPIO ${n}")`) });
    await pin(2).waitFor();
    assert.equal(await pin(2).locator('.pin-state').innerText(), 'out, low');
    assert.equal(await pin(18).locator('.pin-state').innerText(), '50 Hz, 25 %');
    assert.equal(await pin(4).count(), 0, 'a sensor has its own card');
    assert.equal(await pin(13).locator('.light').count(), 8);
    const first = pin(13).locator('.light').first();
    const glow = await first.evaluate((light: Element) => getComputedStyle(light).backgroundColor);
    assert.equal(glow, 'rgb(255, 0, 0)');

    // A button held is a lamp lit; let go it is out.
    await pin(0).getByRole('button', { name: 'Low' }).click();
    await until('the lamp is lit', async () =>
      /high/.test(await pin(2).locator('.pin-state').innerText()),
    );
    assert.match((await pin(2).getAttribute('class')) ?? '', /\bon\b/);
    await pin(0).getByRole('button', { name: 'Free' }).click();
    await until('the lamp is out', async () =>
      /low/.test(await pin(2).locator('.pin-state').innerText()),
    );

    // Sensors that the program looks at are there by themselves.
    const sensor = panel.locator('.sensor', { hasText: 'DHT on GPIO 4' });
    await sensor.getByLabel('Temperature').fill('30.5');
    await panel
      .locator('.sensor', { hasText: 'ADC on GPIO 34' })
      .getByLabel('Voltage')
      .fill('2500');
    await window.terminalShows('warm 30.5 volts 2500', 30_000);
    await sensor.getByLabel('wired').uncheck();
    await window.terminalShows('no sensor 116', 30_000);
    await sensor.getByLabel('wired').check();
    await window.screenshot('virtual-board');
    assert.deepEqual(await window.barriers(), []);

    // Trouble, told by the board itself; what was set is still set afterwards.
    await panel.getByRole('button', { name: 'Unplug' }).click();
    await window.terminalShows('the port is gone', 30_000);
    await window.terminalShows('connected again', 30_000);
    await panel.getByRole('button', { name: 'End All Trouble' }).click();
    await panel.getByText('All trouble is over').waitFor();
    assert.equal(await sensor.getByLabel('Temperature').inputValue(), '30.5');
    assert.deepEqual(window.problems(), []);

    // A board whose process is gone has no pins to show, and the panel says so.
    name(folder, []);
    await panel.getByText('Its process is not running').waitFor({ timeout: 60_000 });
    assert.equal(await panel.locator('.pin').count(), 0);
  },
);
