/**
 * The list of firmware in a window: builds of the chip from a download page on loopback, older
 * ones behind a row, and a flash of one of them. Below: support.ts. Above: nothing.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { boardPageHtml, startFirmwareSite } from '../../src/esp/firmwareSite';
import { windowTest } from './support';

const newest = 'ESP32_GENERIC-20251209-v1.27.0.bin';
const image = readFileSync('dist/firmware/parley-virtual-esp32.bin');
const page = boardPageHtml({
  '': [
    newest,
    'ESP32_GENERIC-20250911-v1.26.1.bin',
    'ESP32_GENERIC-20251222-v1.28.0-preview.27.g2a6e64f7ab.bin',
  ],
  'Support for SPIRAM / WROVER': ['ESP32_GENERIC-SPIRAM-20251209-v1.27.0.bin'],
});

windowTest(
  'firmware is picked from the download page and flashed',
  {
    timeout: 300_000,
  },
  async (window) => {
    const site = await startFirmwareSite({
      [`/resources/firmware/${newest}`]: image,
      '/download/ESP32_GENERIC/': page,
    });
    const settings = { 'parley.firmware.index': site.index, 'parley.virtualBoards': ['machine1'] };
    mkdirSync(join(window.workspace, '.vscode'), { recursive: true });
    writeFileSync(join(window.workspace, '.vscode', 'settings.json'), JSON.stringify(settings));
    await window.openSidebar();
    await window.treeRow('machine1', 60_000);
    await window.treeMenu('machine1', 'Flash MicroPython…');
    const rows = window.page.locator('.quick-input-widget .monaco-list-row');
    await rows.filter({ hasText: '1.27.0 SPIRAM' }).first().waitFor({ timeout: 30_000 });
    await window.screenshot('flash-picker');
    await window.pick(/Older and other builds/);
    await rows.filter({ hasText: '1.26.1' }).first().waitFor({ timeout: 30_000 });
    await window.screenshot('flash-picker-older');
    await window.pick(/MicroPython 1\.27\.0, /);
    await window.notification(/machine1: .*v1\.27\.0\.bin.*written and verified/, 60_000);
    assert.ok(site.requests.includes(`GET /resources/firmware/${newest} 200`));
    await site.close();
  },
);
