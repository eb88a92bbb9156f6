import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { shimsFor } from './shims';

test('a shell runs the script with its arguments as they are, whatever its folder is called', (t) => {
  if (process.platform === 'win32') return t.skip('a POSIX shell');
  const folder = join(mkdtempSync(join(tmpdir(), 'parley-shim-')), `it's $HOME`);
  try {
    mkdirSync(folder);
    const script = join(folder, 'say.js');
    writeFileSync(script, 'console.log(JSON.stringify(process.argv.slice(2)))');
    for (const { name, text, mode } of shimsFor('linux', process.execPath, script)) {
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), mode);
    }
    const args = ['a b', '', '*', "it's", '$HOME'];
    const said = execFileSync(join(folder, 'parley'), args, { encoding: 'utf8' });
    assert.deepEqual(JSON.parse(said), args);
  } finally {
    rmSync(join(folder, '..'), { recursive: true, force: true });
  }
});

test('Windows has a batch file', () => {
  const [shim] = shimsFor('win32', 'C:\\100%\\Code.exe', 'C:\\x\\cli.js');
  assert.equal(shim?.name, 'parley.cmd');
  assert.equal(
    shim.text,
    '@echo off\r\nsetlocal\r\nset ELECTRON_RUN_AS_NODE=1\r\n"C:\\100%%\\Code.exe" "C:\\x\\cli.js" %*\r\n',
  );
});
