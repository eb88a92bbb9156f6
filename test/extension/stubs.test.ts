/**
 * Completion of MicroPython wired into a workspace: stubs and settings that keep what is there.
 * No Pylance here, so VS Code knows none of its settings. Below: support.ts. Above: runner.ts.
 */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { parley, workspaceFolder } from './support';

interface Report {
  readonly folder: string;
  readonly wired?: string;
  readonly lines?: string;
}
const setUp = (): Promise<Report> =>
  Promise.resolve(vscode.commands.executeCommand<Report>('parley.setUpStubs', { throws: true }));

describe('stubs for the editor', () => {
  const at = (...parts: string[]): string => path.join(workspaceFolder().fsPath, ...parts);
  const read = async (file: string): Promise<Record<string, unknown>> =>
    JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  let kept = '{}';

  before(async () => {
    await parley().activate();
    await mkdir(at('.vscode'), { recursive: true });
    kept = await readFile(at('.vscode', 'settings.json'), 'utf8').catch(() => '{}');
  });
  afterEach(async () => {
    await rm(at('pyrightconfig.json'), { force: true });
    await rm(at('typings'), { recursive: true, force: true });
    await rm(at('.vscode', 'micropython'), { recursive: true, force: true });
    await writeFile(at('.vscode', 'settings.json'), kept);
  });

  it('go into the workspace, and its settings lead to them', async () => {
    const { folder, wired } = await setUp();
    assert.equal(folder, at('.vscode', 'micropython'));
    assert.match(await readFile(path.join(folder, 'machine.pyi'), 'utf8'), /class Pin/);
    assert.equal(wired, at('.vscode', 'settings.json'));
    const settings = await read(wired);
    assert.equal(settings['python.analysis.stubPath'], '.vscode/micropython');
    // What was there is there.
    for (const [key, value] of Object.entries(JSON.parse(kept) as object)) {
      assert.deepEqual(settings[key], value);
    }
  });

  it('go where pyrightconfig.json says, which keeps the rest', async () => {
    await writeFile(at('pyrightconfig.json'), '{"stubPath": "typings", "strict": ["x"]}');
    const { folder, wired } = await setUp();
    assert.equal(folder, at('typings'));
    assert.equal(wired, at('pyrightconfig.json'));
    const config = await read(wired);
    assert.deepEqual([config['stubPath'], config['strict']], ['typings', ['x']]);
  });

  it('leave a file with comments alone, and say what to write there', async () => {
    const mine = '{ // mine\n}';
    await writeFile(at('pyrightconfig.json'), mine);
    const { wired, lines } = await setUp();
    assert.equal(wired, undefined);
    assert.match(lines ?? '', /"stubPath": ".vscode\/micropython"/);
    assert.equal(await readFile(at('pyrightconfig.json'), 'utf8'), mine);
    assert.equal(await vscode.env.clipboard.readText(), lines);
  });

  it('never go outside of the workspace', async () => {
    await writeFile(at('pyrightconfig.json'), '{"stubPath": "../elsewhere"}');
    assert.equal((await setUp()).folder, at('.vscode', 'micropython'));
  });
});
