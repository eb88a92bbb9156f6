/**
 * What was said is still there after the window was reloaded, and after the process that holds it
 * was killed. In the real VS Code, with the broker and a client that is not ours.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { extensionHosts, killExtensionHosts } from './extensionHosts';
import { until, windowTest } from './support';

const run = promisify(execFile);
const missing = spawnSync('mosquitto_pub', ['--help']).error !== undefined;

/** Whether one of them has the store's binary in its memory. */
function storeLoaded(): boolean {
  return extensionHosts().some((pid) =>
    /classic-level[^\n]*\.node/.test(readFileSync(`/proc/${pid}/maps`, 'utf8')),
  );
}

windowTest(
  'the conversation is there again after a reload and after a crash',
  {
    settings: { 'parley.broker.port': 18878 },
    timeout: 240_000,
    skip: missing
      ? 'mosquitto_pub is not installed'
      : process.platform === 'linux'
        ? false
        : 'the process to kill is found in /proc',
  },
  async (window) => {
    await window.openSidebar();
    const view = window.conversation();
    const start = view.getByRole('button', { name: 'Start Broker only' });
    await start.waitFor();
    assert.ok(!storeLoaded(), 'the store was loaded before anything was said');
    await start.click();
    const running = (): Promise<unknown> =>
      until('the broker is up', async () =>
        /127\.0\.0\.1:18878/.test(await view.locator('.broker-text').innerText()),
      );
    const say = (words: string): Promise<unknown> =>
      run('mosquitto_pub', [
        ...['-h', '127.0.0.1', '-p', '18878', '-i', 'machine7'],
        ...['-q', '1', '-r', '-t', 'hello', '-m', words],
      ]);
    const shows = (words: string): Promise<void> =>
      view.locator('.said .text', { hasText: words }).waitFor({ timeout: 60_000 });
    /** A window that just came up puts its sidebar back by itself: a click then would close it. */
    const open = (): Promise<unknown> =>
      until(
        'the view is open',
        async () => {
          await window.openSidebar();
          await window.page.waitForTimeout(1500);
          return (await view.locator('.broker-text').count()) === 1;
        },
        60_000,
      );
    await running();
    await say('before the reload');
    await shows('before the reload');
    await until('what is said is in the store', async () => storeLoaded());

    await window.reload();
    await open();
    await shows('before the reload');
    await running();
    await say('before the crash');
    await shows('before the crash');
    assert.equal(await view.locator('.said .text', { hasText: 'before the reload' }).count(), 1);
    assert.match(await view.locator('.talk-head .counts').innerText(), /^2 received/);
    // Written twice a second; what came in that moment may be lost.
    await window.page.waitForTimeout(1500);

    await killExtensionHosts();
    await open();
    await shows('before the crash');
    await shows('before the reload');
    await running();
    await say('after the crash');
    await shows('after the crash');
    assert.match(await view.locator('.talk-head .counts').innerText(), /^3 received/);
    await window.screenshot('history-after-crash');

    // What is cleared does not come back.
    await view.getByRole('button', { name: 'Clear', exact: true }).click();
    await view.locator('.said').first().waitFor({ state: 'detached' });
    await window.page.waitForTimeout(1000);
    await window.reload();
    await open();
    await running();
    assert.equal(await view.locator('.said .text', { hasText: 'crash' }).count(), 0);
    const crash = /Extension host .* terminated unexpectedly/;
    assert.deepEqual(
      window.problems().filter((line) => !crash.test(line)),
      [],
    );
  },
);
