/**
 * `parley-board:` as VS Code's own file service and editors use it, on a virtual board.
 * Below: support.ts. Above: runner.ts.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { addFlashedBoard, eventually } from './support';

const board = 'folder1';
const run = <T>(id: string, options: object = {}): Promise<T> =>
  Promise.resolve(
    vscode.commands.executeCommand<T>(`parley.${id}`, { throws: true, board, ...options }),
  );
const at = (name: string): vscode.Uri => vscode.Uri.parse(`parley-board:/${board}${name}`);
const { fs } = vscode.workspace;
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

describe('a board is a folder', function () {
  this.timeout(90_000);

  before(async () => {
    await addFlashedBoard(board);
  });

  after(async () => {
    await run('removeVirtualBoard', { confirm: true });
  });

  it('has files that are written, listed, read, renamed, copied and deleted', async () => {
    await fs.createDirectory(at('/lib'));
    await fs.writeFile(at('/lib/a.bin'), Uint8Array.of(0, 3, 4, 255));
    assert.deepEqual(await fs.readDirectory(at('/lib')), [['a.bin', vscode.FileType.File]]);
    await fs.rename(at('/lib/a.bin'), at('/b.bin'));
    await fs.copy(at('/b.bin'), at('/c.bin'));
    assert.deepEqual([...(await fs.readFile(at('/c.bin')))], [0, 3, 4, 255]);
    await fs.delete(at('/b.bin'));
    const missing = (error: unknown): boolean =>
      error instanceof vscode.FileSystemError && error.code === 'FileNotFound';
    await assert.rejects(Promise.resolve(fs.stat(at('/b.bin'))), missing);
    assert.equal((await fs.stat(at('/lib'))).type, vscode.FileType.Directory);
  });

  it('opens, edits and saves a file in an editor', async () => {
    await fs.writeFile(at('/note.py'), bytes('x = 1\n'));
    const document = await vscode.workspace.openTextDocument(at('/note.py'));
    await vscode.window.showTextDocument(document);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(1, 0), 'y = "ž"\n');
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.ok(await document.save());
    assert.equal(Buffer.from(await fs.readFile(at('/note.py'))).toString(), 'x = 1\ny = "ž"\n');
  });

  it('is read-only while a program runs, and free again after Stop', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'parley-run-'));
    const file = path.join(folder, 'forever.py');
    await writeFile(file, 'while True: pass\n');
    const running = run('runFile', { file });
    const permissions = async (): Promise<unknown> => (await fs.stat(at('/note.py'))).permissions;
    await eventually('read-only', async () => (await permissions()) === 1, 30_000);
    await assert.rejects(Promise.resolve(fs.writeFile(at('/note.py'), bytes('z'))), /folder1 runs/);
    await run('stopProgram');
    await running;
    assert.equal(await permissions(), undefined);
    await fs.writeFile(at('/note.py'), bytes('z = 1\n'));
  });

  it('comes back without its passwords', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'parley-backup-'));
    await fs.writeFile(at('/boot.py'), bytes("password = 'secret-enough'\n"));
    const report = await run<{ folder: string; taken: object }>('backupBoard', { folder });
    assert.deepEqual(report.taken, { '/boot.py': ['password'] });
    assert.equal(await readFile(path.join(report.folder, 'boot.py'), 'utf8'), "password = ''\n");
    assert.equal(await readFile(path.join(report.folder, 'note.py'), 'utf8'), 'z = 1\n');
  });

  it('is empty after Format', async () => {
    await run('formatBoard', { confirm: true });
    assert.deepEqual(await run('refreshFiles'), []);
  });
});
