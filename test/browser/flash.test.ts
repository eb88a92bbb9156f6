/**
 * Flashing a board that is not Parley's own, by mouse: from the explorer's menu, asked once and not
 * again, unplugged or cancelled in the middle and gone on with one click, and by a drop of the file on
 * the board; then its whole flash into a file and back. Below: support.ts. Above: nothing.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { explorerMenu, IMAGE, makeOther, showFarBoard, startFarBoard } from './farBoard';
import { until, windowTest, type Locator, type Window } from './support';

const MIB = 1 << 20;

/** Drops a file of the workspace on a row, as a drag from the explorer brings it. */
async function drop(window: Window, row: Locator, path: string): Promise<void> {
  const uri = `vscode-remote://localhost:${window.port}${path}`;
  await row.evaluate((element: Element, text: string) => {
    const data = new DataTransfer();
    data.setData('text/uri-list', text);
    const box = element.getBoundingClientRect();
    const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 };
    for (const type of ['dragenter', 'dragover', 'drop']) {
      const init = { bubbles: true, cancelable: true, dataTransfer: data, ...at };
      element.dispatchEvent(new DragEvent(type, init));
    }
  }, uri);
}

windowTest(
  'a board far away: asked once, unplugged, gone on with, dropped on, cancelled, backed up, restored',
  {
    timeout: 400_000,
    settings: { 'files.simpleDialog.enable': true },
  },
  async (window) => {
    const { child, address, states } = await startFarBoard();
    const fault = (what: object): void =>
      void child.stdin!.write(`${JSON.stringify({ id: 1, fault: what })}\n`);
    try {
      const image = join(window.workspace, 'parley.bin');
      copyFileSync(IMAGE, image);
      const name = await showFarBoard(window, address);

      // From the explorer; the question names the board and comes with a way to be rid of it.
      await explorerMenu(window, 'parley.bin', 'Flash to Board…');
      const asked = await window.dialog('Flash, and Don’t Ask Again');
      assert.match(asked, /Flash parley\.bin onto /);
      assert.match(asked, /keeps its files where the firmware has them in the same place/);
      assert.match(asked, /Save Its Files First/);
      await window.notification(/parley\.bin .*written and verified/, 60_000);

      // Unplugged in the middle of writing; one click goes on with the same firmware, unasked.
      await window.run('Notifications: Clear All Notifications');
      const other = join(window.workspace, 'other.bin');
      makeOther(other);
      fault({ kind: 'unplug', ms: 1500, after: 300_000, way: 'to-board' });
      await explorerMenu(window, 'other.bin', 'Flash to Board…');
      const lost = await window.notification(/the port went away in the middle/, 60_000);
      assert.match(await lost.innerText(), /will not start: flash it again, which goes on/);
      await window.screenshot('flash-unplugged');
      await until(
        'the board is back',
        () => states.includes('unplugged') && states.at(-1) !== 'unplugged',
      );
      await window.clickNotification(/the port went away/, 'Try Again');
      const resumed = await window.notification(/other\.bin .*written and verified/, 60_000);
      assert.match(await resumed.innerText(), /were there already/);

      // Dropped on its row: asked what is meant, then flashed.
      await window.run('Notifications: Clear All Notifications');
      await window.openSidebar();
      await drop(window, await window.treeRow(name), image);
      assert.match(await window.dialog('Flash It'), /parley\.bin is a firmware image/);
      // The other image begins with this one.
      await window.notification(/parley\.bin is there already, byte for byte/, 60_000);

      // Cancelled while it writes: what the flash holds is said, and one click goes on.
      await window.run('Notifications: Clear All Notifications');
      makeOther(join(window.workspace, 'third.bin'));
      fault({ kind: 'slow-flash', ms: 60 });
      await explorerMenu(window, 'third.bin', 'Flash to Board…');
      await window.notification(/Writing at 0x.* of /, 60_000);
      await window.clickNotification(/Writing at 0x/, 'Cancel');
      const cancelled = await window.notification(/: cancelled\./, 30_000);
      assert.match(await cancelled.innerText(), /will not start: flash it again, which goes on/);
      fault({ kind: 'slow-flash', ms: 0 });
      await window.clickNotification(/: cancelled\./, 'Try Again');
      await window.notification(/third\.bin .*written and verified/, 60_000);

      // All of it into a file, and back after an erase.
      const file = join(window.workspace, 'all.bin');
      await window.openSidebar();
      await window.treeMenu(name, 'Back Up Flash…');
      await window.chooseFile(file);
      const saved = await window.notification(/its whole flash \(4 MB, ESP32\) is in /, 90_000);
      assert.match(await saved.innerText(), /keep it to yourself/);
      assert.equal(statSync(file).size, 4 * MIB);
      assert.equal(existsSync(`${file}.part`), false);
      await window.treeMenu(name, 'Erase…');
      const erase = await window.dialog('Erase ');
      assert.match(erase, /Save Its Files First/);
      await window.notification(/is blank now/, 60_000);
      await window.treeMenu(name, 'Restore Flash…');
      await window.chooseFile(file);
      assert.match(await window.dialog('Restore'), /Restore all\.bin onto /);
      await window.notification(/its flash is as in all\.bin again, verified/, 90_000);
      await window.screenshot('flash-restored');
      assert.deepEqual(window.problems(), []);
    } finally {
      child.stdin!.end();
      child.kill();
    }
  },
);
