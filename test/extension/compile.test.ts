/**
 * Compiling turned on in the settings, and a file put: the board has what it compiles to.
 * Below: support.ts, test/interop/mpy-cross.mjs. Above: runner.ts.
 */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { addFlashedBoard, eventually, parley, workspaceFolder } from './support';

const board = 'compiled1';
const run = <T>(id: string, options: object = {}): Promise<T> =>
  Promise.resolve(
    vscode.commands.executeCommand<T>(`parley.${id}`, { throws: true, board, ...options }),
  );

describe('compile on the way to a board', function () {
  this.timeout(90_000);
  const { Global, Workspace } = vscode.ConfigurationTarget;
  const config = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('parley');
  const folder = (): string => path.join(workspaceFolder().fsPath, 'to-compile');

  before(async () => {
    await addFlashedBoard(board);
    await mkdir(path.join(folder(), 'lib'), { recursive: true });
    await writeFile(path.join(folder(), 'main.py'), 'print("main")\n');
    await writeFile(path.join(folder(), 'lib', 'part.py'), 'x = 1\n');
  });
  after(async () => {
    await config().update('mpy.compile', undefined, Workspace);
    await config().update('mpy.crossPath', undefined, Global);
    await rm(folder(), { recursive: true, force: true });
    await run('removeVirtualBoard', { confirm: true });
  });

  it('is off at first; turned on it compiles what is put, and takes the source away', async () => {
    const plain = await run<{ sent: string[] }>('putFolder', { folder: folder() });
    assert.ok(plain.sent.includes('lib/part.py'));
    const program = path.join(parley().extensionPath, 'test', 'interop', 'mpy-cross.mjs');
    await config().update('mpy.crossPath', program, Global);
    await config().update('mpy.compile', true, Workspace);
    const put = await run<{ sent: string[]; replaced: string[] }>('putFolder', {
      folder: folder(),
    });
    assert.deepEqual([put.sent, put.replaced], [['lib/part.mpy'], ['lib/part.py']]);
    const names = await eventually('the board has it', async () => {
      const entries = await vscode.workspace.fs.readDirectory(
        vscode.Uri.parse(`parley-board:/${board}/lib`),
      );
      return entries.some(([name]) => name === 'part.mpy') && entries.map(([name]) => name);
    });
    assert.ok(!names.includes('part.py'));
    const same = await run<{ sent: string[]; deleted: string[] }>('syncFolder', {
      folder: folder(),
      remove: [],
    });
    assert.deepEqual([same.sent, same.deleted], [[], []]);
  });

  it('says what is missing, and puts nothing', async () => {
    await config().update('mpy.crossPath', '/nowhere/mpy-cross', Global);
    await assert.rejects(
      run('putFolder', { folder: folder() }),
      /mpy-cross does not run: \/nowhere\/mpy-cross is no program/,
    );
  });
});
