/**
 * What a person does with messages, clicked in the real VS Code with the real broker: record, export,
 * open, replay; bookmark, copy as mosquitto_pub, send again, repeat, template, clear retained.
 */
import assert from 'node:assert/strict';
import { exec, execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until, windowTest, type Window } from './support';

const run = promisify(execFile);
const shell = promisify(exec);
const missing = spawnSync('mosquitto_pub', ['--help']).error !== undefined;
const skip = missing ? 'mosquitto_pub is not installed' : false;

/** The view with its broker on `port`, and a program that is not ours to speak with. */
async function openConversation(window: Window, port: number) {
  await window.openSidebar();
  const view = window.conversation();
  await view.getByRole('button', { name: 'Start Broker only' }).click();
  await until('the broker is up', async () =>
    (await view.locator('.broker-text').innerText()).includes(String(port)),
  );
  const at = ['-h', '127.0.0.1', '-p', String(port)];
  const pub = (text: string, ...more: string[]): Promise<unknown> =>
    run('mosquitto_pub', [...at, '-i', 'machine7', '-t', 'room/t', '-m', text, ...more]);
  const said = (text: string) => view.locator('.said .text', { hasText: text });
  const shows = (text: string, times = 1): Promise<unknown> =>
    until(`“${text}” ${times} times`, async () => (await said(text).count()) === times);
  const menu = async (text: string, item: string): Promise<void> => {
    await view.locator('.bubble', { hasText: text }).last().click({ button: 'right' });
    await view.getByRole('menuitem', { name: item, exact: true }).click();
    // What was clicked was scrolled to; what comes waits until the reader is at the end again.
    const pill = view.locator('.pill');
    if (await pill.isVisible()) await pill.click();
  };
  return { view, at, pub, said, shows, menu };
}

windowTest(
  'a conversation is recorded, exported, opened again and replayed',
  { settings: { 'parley.broker.port': 18879 }, timeout: 240_000, skip },
  async (window) => {
    const { view, pub, shows } = await openConversation(window, 18879);
    const recording = join(window.workspace, 'talk.jsonl');
    await window.run('Parley: Record Conversation…');
    await window.chooseFile(recording);
    await window.notification(/is being recorded in /);
    for (let i = 1; i <= 5; i++) await pub(`{"t":${20 + i}}`, '-q', '1');
    await pub('=1+1', '-t', 'formula');
    await shows('=1+1');
    await window.run('Parley: Stop Recording');
    await window.notification(/6 messages are recorded in /);
    await pub('after the recording');
    await shows('after the recording');
    const lines = readFileSync(recording, 'utf8').trim().split('\n');
    assert.equal(lines.filter((line) => line.includes('"topic"')).length, 6);

    const csv = join(window.workspace, 'talk.csv');
    await window.run('Parley: Export the Conversation…');
    await window.chooseFile(csv);
    await window.notification(/7 messages are in /);
    assert.ok(existsSync(csv));
    const rows = readFileSync(csv, 'utf8').trim().split('\n');
    assert.equal(rows.length, 8);
    assert.match(rows[0] ?? '', /^time,speaker,topic,payload/);
    assert.ok(rows.some((row) => row.includes("machine7,formula,'=1+1,text")));

    await window.run('Parley: Open Recorded Conversation…');
    await window.chooseFile(recording);
    await window.page.locator('.tab', { hasText: 'talk.jsonl' }).first().waitFor();
    const opened = await until('the recording is shown', async () => {
      for (const frame of window.page.frames()) {
        const shown = frame.locator('.broker-text').allInnerTexts();
        const text: string[] = await shown.catch(() => [] as string[]);
        if (text.includes('Recorded in talk.jsonl')) return frame;
      }
      return undefined;
    });
    await until('its lines', async () => (await opened.locator('.said').count()) === 6);
    await window.screenshot('recording-opened');

    await view.getByRole('button', { name: 'Clear', exact: true }).click();
    await shows('after the recording', 0);
    await window.run('Parley: Replay a Recorded Conversation…');
    await window.chooseFile(recording);
    await window.pick('×100');
    await window.notification(/6 messages were said again at /, 60_000);
    await shows('=1+1');
    assert.match(await view.locator('.talk-head .counts').innerText(), /^6 received/);
    assert.deepEqual(window.problems(), []);
  },
);

windowTest(
  'with a message: bookmark, mosquitto_pub, send again, repeat, template, clear retained',
  { settings: { 'parley.broker.port': 18880 }, timeout: 240_000, skip },
  async (window) => {
    const { view, at, pub, shows, menu } = await openConversation(window, 18880);
    const button = (name: string) => view.getByRole('button', { name, exact: true });
    await pub('remember me', '-r', '-q', '1');
    await pub('forget me');
    await shows('forget me');

    await menu('remember me', 'Bookmark');
    await button('Only bookmarks').click();
    await shows('forget me', 0);
    await shows('remember me');
    await button('Only bookmarks').click();
    await shows('forget me');

    await menu('remember me', 'Copy as mosquitto_pub');
    const command = await until('the command on the clipboard', async () => {
      const text: string = await window.page.evaluate('navigator.clipboard.readText()');
      return text.startsWith('mosquitto_pub') && text;
    });
    assert.equal(command, "mosquitto_pub -h 127.0.0.1 -p 18880 -t room/t -q 1 -r -m 'remember me'");
    await shell(command);
    await shows('remember me', 2);

    await menu('forget me', 'Send Again');
    await shows('forget me', 2);

    await view.getByLabel('Topic', { exact: true }).fill('esp32/output');
    await button('More: repeat, properties').click();
    await view.getByLabel('Repeat every so many seconds').fill('0.5');
    await view.getByLabel('Message', { exact: true }).fill('blink');
    await view.getByLabel('Message', { exact: true }).press('Enter');
    await until(
      'it is said three times',
      async () => (await view.locator('.said .text', { hasText: 'blink' }).count()) >= 3,
    );
    await button('Stop Repeating').click();
    await view.locator('.repeat').first().waitFor({ state: 'detached' });
    await window.page.waitForTimeout(700);
    const blinks = await view.locator('.said .text', { hasText: 'blink' }).count();
    await window.page.waitForTimeout(1200);
    assert.equal(await view.locator('.said .text', { hasText: 'blink' }).count(), blinks);

    await view.getByLabel('Message', { exact: true }).fill('from a template');
    await button('Templates').click();
    await view.getByRole('menuitem', { name: 'Save as a Template…' }).click();
    await window.answer('Light');
    const settings = join(window.workspace, '.vscode/settings.json');
    await until(
      'it is in the workspace',
      () => existsSync(settings) && /"Light"/.test(readFileSync(settings, 'utf8')),
    );
    await view.getByLabel('Message', { exact: true }).fill('');
    const template = view.getByRole('menuitem', { name: 'Light', exact: true });
    await until('it is in the menu', async () => {
      await button('Templates').click();
      if (await template.isVisible()) return true;
      await window.page.keyboard.press('Escape');
      return false;
    });
    await template.click();
    await view.getByLabel('Message', { exact: true }).press('Enter');
    await shows('from a template');

    await menu('remember me', 'Clear what is Retained');
    await window.notification(/keeps no message for room\/t any more/);
    const late = spawnSync('mosquitto_sub', [...at, '-t', 'room/t', '-W', '2'], {
      encoding: 'utf8',
    });
    assert.equal(late.stdout, '');
    await window.screenshot('with-a-message');

    // Where it listens, and who reaches it there.
    await window.run('Parley: Choose the Broker’s Address…');
    const rows = await until('the list', async () => {
      const all = (await window.quickRows()).join('\n');
      return /Automatic/.test(all) && all;
    });
    assert.match(rows, /127\.0\.0\.1.*This computer alone/);
    await window.pick(/127\.0\.0\.1/);
    await window.notification(/listens at 127\.0\.0\.1:18880; only this computer can reach it/);
    await until('it is in the settings', () =>
      /"parley.broker.host": "127.0.0.1"/.test(readFileSync(settings, 'utf8')),
    );

    // Another kind, from the list; and the file that it runs with.
    await window.run('Parley: Choose the Broker…');
    await window.pick(/Mosquitto on this computer/);
    await window.notification(
      /Mosquitto listens at 127\.0\.0\.1:18880; only this computer/,
      30_000,
    );
    await shows('from a template');
    await window.run('Parley: Show Mosquitto’s Configuration');
    const file = window.page.locator('.monaco-editor .view-lines').first();
    await until('the file is shown', async () => {
      const text = (await file.innerText()).replaceAll('\u00a0', ' ');
      return /listener 18880 127\.0\.0\.1/.test(text) && /persistence false/.test(text);
    });
    assert.deepEqual(window.problems(), []);
  },
);
