/**
 * Run a file, a cell, a selection; go to the place a traceback names; keys that clash with nothing.
 * In a real extension host, on a virtual board. Below: support.ts. Above: runner.ts.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { addFlashedBoard, parley, workspaceFolder } from './support';

const board = 'run1';
const run = <T>(id: string, options: object = {}): Promise<T> =>
  Promise.resolve(
    vscode.commands.executeCommand<T>(`parley.${id}`, { throws: true, board, ...options }),
  );
const onBoard = (name: string): vscode.Uri => vscode.Uri.parse(`parley-board:/${board}${name}`);
const local = (...parts: string[]): string => path.join(workspaceFolder().fsPath, ...parts);
const active = (): { uri: string; line: number } => {
  const editor = vscode.window.activeTextEditor;
  assert.ok(editor);
  return { uri: editor.document.uri.toString(), line: editor.selection.active.line + 1 };
};
interface Report {
  ok: boolean;
  error?: string;
}

const cells = `x = 1
# %% first
y = x + 1
# %% second
def f():
    raise OSError(2)

f()
`;

const air = `import network, time
w = network.WLAN(network.STA_IF)
w.active(True)
def join(key):
    w.connect('Lab', key)
    while w.status() == network.STAT_CONNECTING:
        time.sleep_ms(20)
    return w.status()
assert join('another one') == network.STAT_WRONG_PASSWORD, w.status()
assert join('the right one') == network.STAT_GOT_IP, w.status()
`;

describe('running and tracebacks', function () {
  this.timeout(90_000);

  before(async () => {
    await addFlashedBoard(board);
    await mkdir(local(board), { recursive: true });
    await writeFile(local(board, 'cells.py'), cells);
    await vscode.workspace.fs.writeFile(onBoard('/only.py'), Buffer.from('a = 1\nb = 2\n'));
  });

  after(async () => {
    await run('removeVirtualBoard', { confirm: true });
  });

  it('offers each cell to be run', async () => {
    const uri = vscode.Uri.file(local(board, 'cells.py'));
    await vscode.window.showTextDocument(uri);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      uri,
      10,
    );
    const ours = lenses.filter(({ command }) => command?.command === 'parley.runCell');
    assert.deepEqual(
      ours.map(({ range }) => range.start.line),
      [0, 1, 3],
    );
  });

  it('runs a cell, and its traceback counts lines as the file does', async () => {
    const file = local(board, 'cells.py');
    assert.equal((await run<Report>('runCell', { file, line: 1 })).ok, true);
    assert.equal((await run<Report>('runCell', { file, line: 3 })).ok, true);
    const failed = await run<Report>('runCell', { file, line: 4 });
    assert.equal(failed.ok, false);
    assert.match(failed.error ?? '', /File "cells\.py", line 8, in <module>/);
    assert.match(failed.error ?? '', /File "cells\.py", line 6, in f/);
    await run('goToError');
    assert.deepEqual(active(), { uri: vscode.Uri.file(file).toString(), line: 6 });
  });

  it('joins a network of its own with the right password alone, which stands in no setting', async () => {
    await run('setVirtualWifi', { ssid: 'Lab', password: 'the right one' });
    const settings = JSON.stringify(vscode.workspace.getConfiguration('parley'));
    assert.doesNotMatch(settings, /the right one/);
    const file = local(board, 'air.py');
    await writeFile(file, air);
    const report = await run<Report>('runFile', { file });
    assert.equal(report.error ?? '', '');
    assert.equal(report.ok, true);
  });

  it('runs what is selected on the board whose folder it is in', async () => {
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(local(board, 'cells.py')));
    editor.selection = new vscode.Selection(2, 0, 2, 0);
    const options = { throws: true };
    const report = await vscode.commands.executeCommand<Report & { board: string }>(
      'parley.runSelection',
      options,
    );
    assert.deepEqual([report.ok, report.board], [true, `virtual:${board}`]);
    editor.selection = new vscode.Selection(5, 0, 6, 0);
    const inner = await run<Report>('runSelection');
    assert.match(inner.error ?? '', /File "cells\.py", line 6, in <module>\nOSError/);
  });

  it('opens the workspace’s file for a place, else the board’s, else says so', async () => {
    await run('goToError', { path: 'cells.py', line: 5 });
    assert.deepEqual(active(), {
      uri: vscode.Uri.file(local(board, 'cells.py')).toString(),
      line: 5,
    });
    await run('goToError', { path: 'only.py', line: 2 });
    assert.deepEqual(active(), { uri: onBoard('/only.py').toString(), line: 2 });
    await run('goToError', { path: 'only.py', line: 99 });
    assert.equal(active().line, 3);
    await assert.rejects(run('goToError', { path: 'asyncio/core.py', line: 1 }), /firmware/);
  });

  it('has keys that VS Code itself does not use', async () => {
    const uri = vscode.Uri.parse('vscode://defaultsettings/keybindings.json');
    const text = (await vscode.workspace.openTextDocument(uri)).getText();
    const manifest = JSON.parse(
      readFileSync(path.join(parley().extensionPath, 'package.json'), 'utf8'),
    ) as { contributes: { keybindings: { key: string }[] } };
    const taken = [...text.matchAll(/"key": "([^"]+)",\s*"command": "([^"]+)"/g)];
    assert.ok(taken.length > 300, `only ${taken.length} default keys were found`);
    for (const { key } of manifest.contributes.keybindings) {
      const [prefix] = key.split(' ');
      const clash = taken.filter(
        ([, used, command]) =>
          (used === prefix || used!.startsWith(`${prefix} `)) && !command!.startsWith('parley.'),
      );
      assert.deepEqual(
        clash.map(([all]) => all),
        [],
        key,
      );
    }
  });
});
