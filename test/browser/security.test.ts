/**
 * What SECURITY.md promises of a window: a folder nobody trusts starts nothing, and a password is
 * nowhere but in the secret storage and on the board. Below: support.ts. Above: npm test.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startWindow, temporaryFolder, windowTest } from './support';

/** Command lines of the virtual boards that a window with this state folder has started. */
function boardProcesses(state: string): string[] {
  const all = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8', maxBuffer: 1 << 24 });
  return all.split('\n').filter((line) => /virtual\/main\.js/.test(line) && line.includes(state));
}

test(
  'a workspace that is not trusted starts nothing; trusted, it does',
  { timeout: 240_000 },
  async () => {
    const state = temporaryFolder();
    const window = await startWindow({
      workspace: 'example',
      state,
      workspaceTrust: true,
      settings: {
        'security.workspace.trust.enabled': true,
        'security.workspace.trust.startupPrompt': 'never',
        'security.workspace.trust.banner': 'never',
        'parley.broker.port': 18870,
      },
    });
    try {
      await window.openSidebar();
      const welcome = window.page.locator('.welcome-view').first();
      await welcome.getByText('Virtual boards run only in a trusted workspace').waitFor();
      // The extension is there and says that it waits; time for it to start something by mistake.
      await window.page.waitForTimeout(3000);
      assert.deepEqual(await window.treeRows(), []);
      assert.deepEqual(boardProcesses(state), []);
      await window.screenshot('security-untrusted');
      const offered = await window.offers('Parley: Add');
      assert.deepEqual(
        offered.filter((title) => /Virtual/.test(title)),
        [],
      );

      await window.run('Workspaces: Manage Workspace Trust');
      await window.page
        .locator('.workspace-trust-editor .monaco-button', { hasText: /^Trust$/ })
        .first()
        .click();
      await window.notification('are talking', 120_000);
      assert.equal(boardProcesses(state).length, 2);
    } catch (error) {
      await window.screenshot('failed-security-untrusted');
      throw error;
    } finally {
      await window.close();
    }
  },
);

/** Every file below a folder, with what is in it. */
function* filesIn(folder: string): Generator<{ name: string; bytes: Buffer }> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const name = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(name);
    else if (entry.isFile()) yield { name, bytes: readFileSync(name) };
  }
}

const planted = 'planted-Zq7-password';
const plantedToo = 'planted-Kw4-broker';
/** The ways a text is written without meaning to hide it. */
const forms = [planted, plantedToo].flatMap((secret) => [
  secret,
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('hex'),
  encodeURIComponent(secret),
]);

windowTest(
  'the passwords of Wi-Fi and broker are in no setting, log, workspace file, page or webview',
  {
    workspace: 'example',
    state: temporaryFolder(),
    timeout: 300_000,
    settings: { 'parley.broker.port': 18871 },
  },
  async (window) => {
    await window.openSidebar();
    await window.notification('are talking', 120_000);
    await window.run('Notifications: Clear All Notifications');
    // The palette that the command came from is gone: what is typed goes into the box.
    const box = (text: string): Promise<void> =>
      window.page.locator('.quick-input-widget', { hasText: text }).waitFor({ timeout: 30_000 });
    await window.run('Parley: Set the Wi-Fi Password…');
    await box('Wi-Fi password of');
    await window.answer(planted);
    await window.notification(/The password of “Parley” is kept/);
    // The broker asks for a password from now on; boards that know none are told by name.
    await window.run('Parley: Who May Reach the Broker…');
    await window.pick(/Open to the network, with a password/);
    await window.notification(
      /machine\d was not let in, because its program gives no user name/,
      60_000,
    );
    await window.screenshot('security-not-let-in');
    await window.run('Parley: Set a Broker Password…');
    await box('Password of “boards”');
    await window.answer(plantedToo);
    await window.notification(/The password of “boards” at Parley’s broker is kept/);
    await window.run('Notifications: Clear All Notifications');
    await window.run('Parley: Restart the Broker');
    await window.notification(/only this computer can reach it/);
    // Put again with the password in it, and a failure that could quote it.
    await window.treeMenu('machine1', 'Put a Folder on the Board');
    await window.notification(/machine1: \d+ files? put/, 90_000);
    await window.treeAction('machine1', 'Open REPL');
    await window.typeInTerminal(
      "[open(f).read().count('planted') for f in ('boot.py', 'main.py')]\n",
    );
    await window.terminalShows(/^\[[1-9]\d*, [1-9]\d*\]$/m, 60_000);
    await window.run('Parley: Show Log');
    await window.page.waitForTimeout(1000);

    const html = [await window.page.content()];
    html.push(await window.conversation().locator('html').innerHTML());
    const places = [
      ...html.map((text, at) => ({ name: `page ${at}`, bytes: Buffer.from(text) })),
      { name: 'console', bytes: Buffer.from(window.noise().join('\n')) },
      ...filesIn(window.workspace),
      // A board's flash holds it, as a real board's does.
      ...[...filesIn(window.state)].filter(({ name }) => !name.includes('/virtual-boards/')),
    ];
    assert.ok(
      places.some(({ name }) => name.endsWith('Parley.log')),
      'the log is among them',
    );
    const found = places.filter(({ bytes }) => forms.some((form) => bytes.includes(form)));
    assert.deepEqual(
      found.map(({ name }) => name),
      [],
    );
  },
);
