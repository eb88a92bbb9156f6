/**
 * The Conversation view in the real VS Code: the broker is started from it, a client that is not
 * ours is read in it, a message is said by hand, and hidden and shown again it is as it was.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { until, windowTest } from './support';

const run = promisify(execFile);
const missing = spawnSync('mosquitto_pub', ['--help']).error !== undefined;

windowTest(
  'the Conversation view: broker, messages, saying something, hiding it',
  {
    settings: { 'parley.broker.port': 18877 },
    skip: missing ? 'mosquitto_pub is not installed' : false,
  },
  async (window) => {
    await window.openSidebar();
    const view = window.conversation();
    await view.getByRole('button', { name: 'Start Broker only' }).click();
    const text = view.locator('.broker-text');
    const at = await until('the view names the address', async () => {
      const [, host, port] = /([\d.]+):(\d+)/.exec(await text.innerText()) ?? [];
      return host && port ? ['-h', host, '-p', port] : undefined;
    });
    for (const words of ['hello #1', 'hello #2']) {
      await run('mosquitto_pub', [...at, '-i', 'machine7', '-t', 'hello', '-m', words]);
    }
    await view.locator('.text', { hasText: 'hello #2' }).waitFor();
    assert.ok((await view.locator('.name', { hasText: 'machine7' }).count()) > 0);
    await view.getByLabel('Topic', { exact: true }).fill('esp32/output');
    await view.getByLabel('Message', { exact: true }).fill('on');
    await view.getByLabel('Message', { exact: true }).press('Enter');
    await view.locator('.you .text', { hasText: 'on' }).waitFor();
    assert.equal(await view.locator('.compose .problem').innerText(), '');
    await window.screenshot('conversation-view');
    await view.getByLabel('Filter', { exact: true }).fill('#2');
    await view.locator('.text', { hasText: 'hello #1' }).waitFor({ state: 'detached' });
    await view.getByLabel('Message', { exact: true }).fill('half a sent');
    await view.getByLabel('Message', { exact: true }).press('Home');
    // What is typed is kept a moment later; then the view loses its document.
    await window.page.waitForTimeout(500);
    await window.openSidebar('Explorer');
    await until('the view is gone', async () => (await view.locator('.log').count()) === 0);
    await run('mosquitto_pub', [...at, '-i', 'machine7', '-t', 'hello', '-m', 'hello #22']);
    await window.openSidebar();
    await view.locator('.text', { hasText: 'hello #22' }).waitFor();
    assert.equal(await view.getByLabel('Filter', { exact: true }).inputValue(), '#2');
    assert.equal(await view.getByLabel('Message', { exact: true }).inputValue(), 'half a sent');
    assert.deepEqual(window.problems(), []);
  },
);
