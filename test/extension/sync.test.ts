/**
 * Sync, Compare and Put on Save as a person meets them, on a virtual board: lists are answered through
 * VS Code's own commands. Below: support.ts. Above: runner.ts.
 */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { addFlashedBoard, eventually, workspaceFolder } from './support';

const board = 'sync1';
const run = <T>(id: string, options: object = {}): Promise<T> =>
  Promise.resolve(
    vscode.commands.executeCommand<T>(`parley.${id}`, { throws: true, board, ...options }),
  );
const press = (command: string): Thenable<unknown> => vscode.commands.executeCommand(command);
const { fs } = vscode.workspace;
const onBoard = (name: string): vscode.Uri => vscode.Uri.parse(`parley-board:/${board}${name}`);
const local = (...parts: string[]): string => path.join(workspaceFolder().fsPath, board, ...parts);
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const text = async (name: string): Promise<string> =>
  Buffer.from(await fs.readFile(onBoard(name))).toString();
const isThere = (name: string): Promise<boolean> =>
  text(name).then(
    () => true,
    () => false,
  );

interface Report {
  sent: string[];
  deleted: string[];
  left: { path: string }[];
}
interface Difference {
  onlyHere: string[];
  onlyThere: { path: string }[];
  differs: string[];
  same: string[];
}

/** Opens a list with `open`, then presses keys until `done` says that they had their effect. */
async function answering<T>(open: Promise<T>, keys: readonly string[]): Promise<T> {
  let settled = false;
  const watched = open.finally(() => (settled = true));
  await eventually(
    'the list is answered',
    async () => {
      for (const key of keys) await press(key);
      return settled;
    },
    30_000,
  );
  return watched;
}

describe('a folder and a board', function () {
  this.timeout(120_000);

  before(async () => {
    await addFlashedBoard(board);
    await mkdir(local('lib'), { recursive: true });
    await writeFile(local('main.py'), 'print(1)\n');
    await writeFile(local('lib', 'a.py'), 'a = 1\n');
    await fs.writeFile(onBoard('/boot.py'), bytes('# its own\n'));
    await fs.writeFile(onBoard('/old.py'), bytes('old = 1\n'));
  });

  after(async () => {
    await vscode.workspace.getConfiguration('parley').update('putOnSave', undefined, false);
    await run('removeVirtualBoard', { confirm: true });
  });

  it('are made equal by Sync; what only the board has stays where nothing is ticked', async () => {
    const report = await answering(run<Report>('syncFolder'), [
      'workbench.action.acceptSelectedQuickOpenItem',
    ]);
    assert.deepEqual(report.sent, ['lib/a.py', 'main.py']);
    assert.deepEqual(report.deleted, []);
    assert.deepEqual(
      report.left.map((left) => left.path),
      ['boot.py', 'old.py'],
    );
    assert.equal(await text('/main.py'), 'print(1)\n');
  });

  it('lose on the board what is named, and nothing else', async () => {
    const report = await run<Report>('syncFolder', { remove: ['old.py'] });
    assert.deepEqual([report.sent, report.deleted], [[], ['old.py']]);
    assert.equal(await isThere('/old.py'), false);
    assert.equal(await text('/boot.py'), '# its own\n');
  });

  it('are compared: the diff editor shows what differs, Enter carries what is missing', async () => {
    await writeFile(local('main.py'), 'print(2)\n');
    const first = await run<Difference>('compareFolder');
    assert.deepEqual(first.differs, ['main.py']);
    assert.deepEqual(
      first.onlyThere.map((there) => there.path),
      ['boot.py'],
    );
    assert.deepEqual([first.onlyHere, first.same], [[], ['lib/a.py']]);
    const shown = (): vscode.TabInputTextDiff | undefined => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof vscode.TabInputTextDiff ? input : undefined;
    };
    const diff = await eventually('the diff editor', async () => {
      await press('workbench.action.acceptSelectedQuickOpenItem');
      return shown();
    });
    assert.equal(diff.original.toString(), onBoard('/main.py').toString());
    assert.equal(diff.modified.fsPath, local('main.py'));
    await press('workbench.action.closeAllEditors');

    await run<Report>('syncFolder', { remove: ['boot.py'] });
    await writeFile(local('lib', 'new.py'), 'new = 1\n');
    const second = await run<Difference>('compareFolder');
    assert.deepEqual(second.onlyHere, ['lib/new.py']);
    await eventually('the file is carried over', async () => {
      await press('workbench.action.acceptSelectedQuickOpenItem');
      return isThere('/lib/new.py');
    });

    await fs.writeFile(onBoard('/data.csv'), bytes('1,2\n'));
    const third = await run<Difference>('compareFolder');
    assert.deepEqual(
      third.onlyThere.map((there) => there.path),
      ['data.csv'],
    );
    const got = (): Promise<string | undefined> =>
      readFile(local('data.csv'), 'utf8').catch(() => undefined);
    await eventually('the file comes into the folder', async () => {
      await press('workbench.action.acceptSelectedQuickOpenItem');
      return (await got()) === '1,2\n';
    });
    await rm(local('data.csv'));
    await press('workbench.action.closeQuickOpen');
  });

  it('takes the files that are selected together, each to its place', async () => {
    const files = [local('lib', 'one.py'), local('lib', 'two.py')];
    for (const file of files) await writeFile(file, `name = '${path.basename(file)}'\n`);
    const uris = files.map((file) => vscode.Uri.file(file));
    // As the explorer calls it: the one that was clicked, and all that are selected.
    await vscode.commands.executeCommand('parley.putFile', uris[0], uris);
    assert.equal(await text('/lib/one.py'), "name = 'one.py'\n");
    assert.equal(await text('/lib/two.py'), "name = 'two.py'\n");
  });

  it('stay equal at each save where Put on Save is on, and only there', async () => {
    const save = async (content: string): Promise<void> => {
      const document = await vscode.workspace.openTextDocument(local('main.py'));
      const edit = new vscode.WorkspaceEdit();
      const whole = new vscode.Range(0, 0, document.lineCount, 0);
      edit.replace(document.uri, whole, content);
      assert.ok(await vscode.workspace.applyEdit(edit));
      assert.ok(await document.save());
    };
    const before = await text('/main.py');
    await save('print(3)\n');
    await vscode.workspace.getConfiguration('parley').update('putOnSave', true, false);
    await writeFile(local('lib', 'quiet.py'), 'not saved in an editor\n');
    assert.equal(await text('/main.py'), before);
    await save('print(4)\n');
    await eventually('main.py is put', async () => (await text('/main.py')) === 'print(4)\n');
    assert.equal(await isThere('/lib/quiet.py'), false);

    const forever = path.join(workspaceFolder().fsPath, 'forever.py');
    await writeFile(forever, 'while True: pass\n');
    const running = run('runFile', { file: forever });
    await eventually(
      'the program runs',
      async () => (await fs.stat(onBoard('/main.py'))).permissions === 1,
      30_000,
    );
    await press('notifications.clearAll');
    await save('print(5)\n');
    await save('print(6)\n');
    await eventually(
      'the button stops it and puts the last that was saved',
      async () => {
        await press('notification.acceptPrimaryAction');
        return (await text('/main.py').catch(() => '')) === 'print(6)\n';
      },
      60_000,
    );
    await running;
  });
});
