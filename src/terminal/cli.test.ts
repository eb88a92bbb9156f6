import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { useWords, type Words } from '../core/words';
import { main } from './cli';

/** Runs a command line in this process. */
async function parley(...args: string[]) {
  const seen = { stdout: '', stderr: '' };
  const write = (name: keyof typeof seen) => ({
    write: (text: string) => void (seen[name] += text),
  });
  const around = { root: process.cwd(), signal: new AbortController().signal };
  const streams = { stdout: write('stdout'), stderr: write('stderr') };
  return { code: await main(args, { ...around, ...streams }), ...seen };
}

test('help is asked for and given on stdout', async () => {
  const { code, stdout, stderr } = await parley('--help');
  assert.equal(code, 0);
  assert.equal(stderr, '');
  for (const command of [
    'ports',
    'erase',
    'flash',
    'put',
    'get',
    'ls',
    'sync',
    'run',
    'repl',
    'reset',
  ]) {
    assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
  }
});

test('what is wrong on the command line is said, with exit code 2', async () => {
  for (const args of [['frobnicate'], ['put', 'x'], ['flash', 'x', 'y', '--offset', 'twelve']]) {
    const { code, stdout, stderr } = await parley(...args);
    assert.equal(code, 2, args.join(' '));
    assert.equal(stdout, '');
    assert.doesNotMatch(stderr, /^error: /, 'commander’s own words');
    assert.match(stderr, /^(There is no command|“paths” is missing|--offset <address> cannot be)/);
  }
  assert.match((await parley('flsh')).stderr, /no command “flsh”\. Is it flash\?\n$/);
});

test('in Vietnamese: the help of every command, and what was wrong', async () => {
  const words = JSON.parse(readFileSync('l10n/bundle.l10n.vi.json', 'utf8')) as Words;
  useWords(words);
  try {
    const help = await parley('--help');
    assert.match(help.stdout, /^Cách dùng: parley/);
    const commands = [...help.stdout.matchAll(/^ {2}([a-z0-9-]+) .*$/gm)].map(([, name]) => name!);
    assert.ok(commands.length > 20, String(commands));
    for (const name of commands) {
      const { stdout } = await parley(name, '--help');
      // No line of it is one of the English texts: nothing was made before the language was known.
      const lines = stdout.split('\n').map((line) => line.replace(/^ +\S.*? {2,}/, '').trim());
      const english = lines.filter((line) => Object.hasOwn(words, line) && words[line] !== line);
      assert.deepEqual(english, [], name);
    }
    assert.match((await parley('frobnicate')).stderr, /^Không có lệnh “frobnicate”\.\n$/);
    const share = await parley('virtual', '--share', '0');
    assert.match(
      share.stderr,
      /^--share <percent> không nhận giá trị đó: Phần được chia là từ 1 đến 100/,
    );
    const chip = await parley('virtual', '--chip', 'esp8266');
    assert.match(chip.stderr, /nó là một trong esp32/);
    assert.match((await parley('flash', '/dev/ttyNONE')).stderr, /^Ảnh nào\?/);
    const reset = await parley('reset', '/dev/ttyNONE');
    assert.match(reset.stderr, /^\/dev\/ttyNONE: không có gì trả lời/);
  } finally {
    useWords({});
  }
});

test('the share of a core of a virtual board is 1 to 100 percent', async () => {
  for (const share of ['0', '101', 'half']) {
    const { code, stderr } = await parley('virtual', '--share', share);
    assert.equal(code, 2, share);
    assert.match(stderr, /--share/);
  }
});

test('a real board is not erased, and not flashed with nothing', async () => {
  const erase = await parley('erase', '/dev/ttyNONE');
  assert.equal(erase.code, 2);
  assert.match(erase.stderr, /Everything on \/dev\/ttyNONE would be lost.*--yes/);
  const restore = await parley('restore', '/dev/ttyNONE', 'package.json');
  assert.equal(restore.code, 2);
  assert.match(restore.stderr, /Everything on \/dev\/ttyNONE would be replaced.*--yes/);
  const backup = await parley('backup', '/dev/ttyNONE', 'package.json');
  assert.equal(backup.code, 2);
  assert.match(backup.stderr, /package\.json is there already.*--force/);
  const flash = await parley('flash', '/dev/ttyNONE');
  assert.equal(flash.code, 2);
  assert.match(flash.stderr, /Which image\?/);
});

test('a failure is one sentence with the board, and data with --json', async () => {
  const { code, stdout, stderr } = await parley('reset', '/dev/ttyNONE', '--json');
  assert.equal(code, 1);
  assert.match(stderr, /^\/dev\/ttyNONE: nothing answers.* \[port-not-found\]\n$/);
  assert.deepEqual(JSON.parse(stdout), {
    error: {
      code: 'port-not-found',
      sentence: stderr.trimEnd().replace(/ \[port-not-found\]$/, ''),
    },
  });
});

test('an address with a password in it is refused', async () => {
  const { code, stderr } = await parley('watch', 'mqtt://user:hunter2@localhost');
  assert.equal(code, 2);
  assert.ok(!stderr.includes('hunter2'));
});

test('bash completes commands, and the options of each', async () => {
  const { stdout } = await parley('completion', 'bash');
  const ask = `${stdout}
    show() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _parley; echo "\${COMPREPLY[*]}"; }
    show parley re; show parley put --mqtt`;
  const { stdout: said, status } = spawnSync('bash', ['-c', ask], { encoding: 'utf8' });
  assert.equal(status, 0);
  assert.equal(said, 'reset restore repl\n--mqtt-server --mqtt-port --mqtt-user\n');
});
