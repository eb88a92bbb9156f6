/**
 * Parley as others use it: another extension through the API, a key or a CI through a task. In a real
 * extension host, on a virtual board. Below: support.ts. Above: runner.ts.
 */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { ParleyApi } from '../../src/vscode/api';
import { addFlashedBoard, eventually, parley, workspaceFolder } from './support';

const board = 'outsider';
const id = `virtual:${board}`;
const run = (command: string, options: object): Thenable<unknown> =>
  vscode.commands.executeCommand(`parley.${command}`, { throws: true, board, ...options });
const root = (): string => workspaceFolder().fsPath;

describe('for other extensions and for tasks', function () {
  this.timeout(90_000);
  let api: ParleyApi;

  before(async () => {
    await addFlashedBoard(board);
    api = parley().exports as ParleyApi;
  });

  after(() => run('removeVirtualBoard', { confirm: true }));

  it('a terminal knows `parley`', async () => {
    const said = path.join(root(), 'said.txt');
    // Written when it is there whole.
    const line = `parley exec --help > "${said}.part" && mv "${said}.part" "${said}"`;
    const shell = new vscode.ShellExecution(line);
    const scope = vscode.TaskScope.Workspace;
    const task = new vscode.Task({ type: 'shell' }, scope, 'parley in a shell', 'test', shell);
    await vscode.tasks.executeTask(task);
    const text = await eventually(
      'it has said its help',
      () => readFile(said, 'utf8').catch(() => undefined),
      30_000,
    );
    assert.match(text, /^Usage: parley exec /);
  });

  it('the API lists boards, and tells of a change', async () => {
    assert.equal(api.version, 1);
    const found = api.boards().find((one) => one.id === id);
    assert.deepEqual([found?.name, found?.virtual, found?.plugged], [board, true, true]);
    let changes = 0;
    const watching = api.onDidChangeBoards(() => changes++);
    await run('resetBoard', {});
    await eventually('a change was told', () => changes > 0);
    watching.dispose();
  });

  it('the API runs, puts and gets; a failure is a sentence', async () => {
    await eventually('the prompt answers', async () => (await api.exec(id, 'pass')).ok);
    assert.deepEqual(await api.exec(id, 'print(6 * 7)'), { ok: true, output: '42\r\n' });
    const raised = await api.exec(id, '1 / 0');
    assert.equal(raised.ok, false);
    assert.match(raised.error ?? '', /ZeroDivisionError/);

    const bytes = Uint8Array.of(0, 3, 4, 255);
    await api.put(id, '/data/x.bin', bytes);
    assert.deepEqual([...(await api.get(id, '/data/x.bin'))], [...bytes]);
    await assert.rejects(api.get(id, '/nothing'), /nothing/);
    await assert.rejects(api.exec('nobody', '1'), /nobody/);
  });

  it('the API’s exec ends when it is cancelled', async () => {
    const source = new vscode.CancellationTokenSource();
    const endless = api.exec(id, 'while True: pass', source.token);
    setTimeout(() => source.cancel(), 500);
    await assert.rejects(endless);
    assert.equal((await api.exec(id, 'print(1)')).output, '1\r\n');
  });

  it('tasks put, run, and end with the right number', async () => {
    await mkdir(path.join(root(), board), { recursive: true });
    await writeFile(path.join(root(), board, 'main.py'), 'x = 1\n');
    await writeFile(path.join(root(), 'good.py'), "print('good')\n");
    await writeFile(path.join(root(), 'bad.py'), "raise ValueError('bad')\n");
    const offered = await vscode.tasks.fetchTasks({ type: 'parley' });
    const put = offered.find((task) => task.name === `put ${board}`);
    assert.ok(put, offered.map((task) => task.name).join());
    assert.equal(await exitCode(put), 0);
    assert.deepEqual([...(await api.get(id, '/main.py'))], [...Buffer.from('x = 1\n')]);

    const written = [
      { label: 'good', command: 'run', board, file: 'good.py' },
      { label: 'bad', command: 'run', board, file: 'bad.py' },
      { label: 'nothing', command: 'run', board },
    ].map((task) => ({ type: 'parley', ...task }));
    const tasks = { version: '2.0.0', tasks: written };
    await mkdir(path.join(root(), '.vscode'), { recursive: true });
    await writeFile(path.join(root(), '.vscode', 'tasks.json'), JSON.stringify(tasks));
    const named = (name: string): Promise<vscode.Task> =>
      eventually(`the task ${name} is known`, async () =>
        (await vscode.tasks.fetchTasks({ type: 'parley' })).find((task) => task.name === name),
      );
    assert.equal(await exitCode(await named('good')), 0);
    assert.equal(await exitCode(await named('bad')), 1);
    assert.equal(await exitCode(await named('nothing')), 2);
  });
});

/** Runs it, and what it ended with. */
async function exitCode(task: vscode.Task): Promise<number | undefined> {
  const ended = new Promise<number | undefined>((resolve) => {
    const watching = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode: code }) => {
      if (execution.task.name !== task.name) return;
      watching.dispose();
      resolve(code);
    });
  });
  await vscode.tasks.executeTask(task);
  return ended;
}
