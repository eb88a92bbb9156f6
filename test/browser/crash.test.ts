/**
 * The process that flashes a board is killed, and the window reloaded, in the middle of writing: the
 * port is free again, and flashing once more goes on with what is there. Below: support.ts.
 * Above: npm test.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { killExtensionHosts } from './extensionHosts';
import { explorerMenu, makeOther, showFarBoard, startFarBoard } from './farBoard';
import { until, windowTest, type Window } from './support';

/**
 * From the explorer; asked first, since the board is not the window's own. Chosen again where nothing
 * asks: VS Code drops a command that comes while its extension host is starting.
 */
async function flash(window: Window, file: string): Promise<void> {
  const asked = window.page.locator('.monaco-dialog-box');
  await until(
    'the question before flashing',
    async () => {
      await explorerMenu(window, file, 'Flash to Board…');
      return asked.waitFor({ timeout: 8000 }).then(
        () => true,
        () => false,
      );
    },
    60_000,
  );
  await window.dialog(/^Flash$/);
}

windowTest(
  'a crash and a reload while a board is flashed: flashed again, it goes on',
  {
    timeout: 240_000,
    skip: process.platform === 'linux' ? false : 'the process to kill is found in /proc',
  },
  async (window) => {
    const { child, address } = await startFarBoard();
    const slow = (ms: number): void =>
      void child.stdin!.write(`${JSON.stringify({ id: 1, fault: { kind: 'slow-flash', ms } })}\n`);
    try {
      makeOther(join(window.workspace, 'first.bin'));
      makeOther(join(window.workspace, 'second.bin'));
      const name = await showFarBoard(window, address);

      for (const [file, strike] of [
        ['first.bin', killExtensionHosts],
        ['second.bin', () => window.reload()],
      ] as const) {
        slow(60);
        await flash(window, file);
        await window.notification(/Writing at 0x.* of /, 60_000);
        // Some of it is written by then.
        await window.page.waitForTimeout(3000);
        await strike();
        slow(0);
        await window.openSidebar();
        await window.treeRow(name, 60_000);
        await flash(window, file);
        const done = await window.notification(/written and verified/, 60_000);
        assert.match(await done.innerText(), /were there already/);
        await window.run('Notifications: Clear All Notifications');
      }
      const crash = /Extension host .* terminated unexpectedly/;
      assert.deepEqual(
        window.problems().filter((line) => !crash.test(line)),
        [],
      );
    } finally {
      child.stdin!.end();
      child.kill();
    }
  },
);
