import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { childEnvironment } from './childEnvironment';

test('a child sees where programs are, and no token', () => {
  const from = { PATH: '/bin', GITHUB_TOKEN: 'planted', NODE_OPTIONS: '--inspect', HOME: '/h' };
  assert.deepEqual(childEnvironment({ A: 'b' }, from), { PATH: '/bin', HOME: '/h', A: 'b' });
  const print = 'process.stdout.write(Object.values(process.env).join())';
  const env = childEnvironment({}, { ...process.env, PLANTED: 'planted-Zq7' });
  assert.ok(!execFileSync(process.execPath, ['-e', print], { env }).includes('planted-Zq7'));
});

test('every program is started without a shell and with an environment of its own', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => join('src', name));
  const starters = files.filter((file) =>
    readFileSync(file, 'utf8').includes("from 'node:child_process'"),
  );
  assert.ok(starters.length >= 5, String(starters));
  for (const file of starters) {
    const text = readFileSync(file, 'utf8');
    assert.match(text, /\benv: (\{|childEnvironment\()|childEnvironment\(/, file);
    assert.doesNotMatch(text, /\.\.\.process\.env/, file);
    assert.doesNotMatch(text, /shell: true/, file);
    assert.doesNotMatch(
      text,
      /import \{[^}]*\bexec(Sync)?\b[^}]*\} from 'node:child_process'/,
      file,
    );
  }
});

test('a webview allows nothing that is not named, and nothing unsafe', () => {
  const frames = readdirSync('src/vscode', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join('src/vscode', name), 'utf8'));
  const makers = frames.filter((text) => /\.html = /.test(text));
  assert.equal(makers.length, 1, 'webviewFrame.ts alone makes documents');
  assert.match(makers[0] ?? '', /"default-src 'none'"/);
  for (const text of frames) assert.doesNotMatch(text, /unsafe-(inline|eval|hashes)/);
});
