/**
 * What npm start and npm test decide by: counts, what is missing, what is reused, what is ended.
 * Below: scripts/lib. Above: npm test, stage unit.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { Counts, secondAttempt } from './counts.mjs';
import { missingPackages } from './debian.mjs';
import { findDesktop, satisfiesCaret } from './desktop.mjs';
import { readResults } from './extensionBundle.mjs';
import { withLock, writeJson } from './files.mjs';
import { runNodeTests } from './nodeTests.mjs';
import { modulesMatch } from './npm.mjs';
import { root } from './paths.mjs';
import { run } from './processes.mjs';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'ply-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** A folder of its own with files in it. */
function folder(name, files) {
  const made = path.join(scratch, name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(made, file)), { recursive: true });
    writeFileSync(path.join(made, file), text);
  }
  return made;
}

/** A program of our own on a PATH of its own. */
function program(name, script) {
  const made = folder(`bin-${name}-${Math.random()}`, { [name]: `#!/bin/sh\n${script}\n` });
  chmodSync(path.join(made, name), 0o755);
  return made;
}

// node --test in a child of node --test believes to be a part of it.
const outside = { NODE_TEST_CONTEXT: undefined };

describe('counting node:test files', () => {
  const import_ = "import { test, describe } from 'node:test';\n";

  test('a file in which something failed is run once more: passed and said, or failed for good', async () => {
    const made = folder('again', {
      'late.test.mjs': `import { existsSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
describe('in a suite', () => {
  test('late (once)', () => {
    const mark = new URL('mark', import.meta.url);
    if (existsSync(mark)) return;
    writeFileSync(mark, '');
    throw new Error('too late');
  });
  test('in time', () => undefined);
});`,
      'broken.test.mjs': `import { test } from 'node:test';
test('broken', () => { throw new Error('always'); });`,
    });
    const at = (name) => path.join(made, name);
    const options = { deadlineMs: 30_000, env: outside, again: true };
    const late = await runNodeTests([at('late.test.mjs')], options);
    assert.equal(late.line, '2 passed (1 of them at the second attempt), 0 failed, 0 skipped');
    assert.deepEqual(late.shaky, ['late (once): Error: too late']);
    const broken = await runNodeTests([at('broken.test.mjs')], options);
    assert.equal(broken.line, '0 passed, 1 failed, 0 skipped');
  });

  test('a test passes that passed in one of two attempts, and one that never came to its turn must pass in the second', () => {
    const attempt = (passes, failures) => {
      const counts = new Counts();
      passes.forEach((title) => counts.pass(title));
      failures.forEach((title) => counts.fail(title, `${title} was late\nand more`));
      return counts;
    };
    const both = secondAttempt(attempt(['a', 'b'], ['hook']), attempt(['b', 'c'], ['a']));
    assert.equal(both.line, '3 passed (1 of them at the second attempt), 0 failed, 0 skipped');
    assert.deepEqual(both.shaky, ['hook: hook was late']);
    const never = secondAttempt(attempt(['a'], ['hang']), attempt(['a'], ['b']));
    assert.deepEqual(
      never.failures.map(({ title }) => title),
      ['b'],
    );
  });

  test('counts leaves, not suites; skips with reasons; failures with what was thrown', async () => {
    const made = folder('counts', {
      'a.test.mjs': `${import_}
        test('ok', () => {});
        test('sk', { skip: 'set PARLEY_TEST_PORT' }, () => {});
        describe('suite', () => {
          test('in', () => { console.log('said by it'); throw new Error('boom'); });
          describe('deep', () => { test('deepest', () => {}); });
        });
        describe('no socat here', { skip: 'no socat' }, () => { test('x', () => {}); });`,
    });
    const counts = await runNodeTests([path.join(made, 'a.test.mjs')], {
      deadlineMs: 30_000,
      env: outside,
    });
    assert.equal(counts.line, '2 passed, 1 failed, 2 skipped');
    assert.deepEqual(counts.skips, [
      { title: 'sk', reason: 'set PARLEY_TEST_PORT' },
      { title: 'no socat here', reason: 'no socat' },
    ]);
    assert.equal(counts.failures[0].title, 'in');
    assert.match(counts.failures[0].text, /boom[\s\S]*said by it/);
  });

  test('a file that dies and a file without a test are failures', async () => {
    const made = folder('dead', {
      'b.test.mjs': "throw new Error('at load');",
      'c.test.mjs': 'export {};',
    });
    const files = ['b.test.mjs', 'c.test.mjs'].map((f) => path.join(made, f));
    const counts = await runNodeTests(files, { deadlineMs: 30_000, env: outside });
    assert.equal(counts.line, '0 passed, 2 failed, 0 skipped');
    assert.match(counts.failures[0].text, /at load/);
    assert.match(counts.failures[1].text, /no test in this file/);
  });

  test('a file whose tests are written in a helper counts, and what it printed is kept', async () => {
    const made = folder('helped', {
      'law.mjs': `${import_}export const law = (n) => test('law of ' + n, () => {
        console.log('said under the law');
        if (n) throw new Error('broken law');
      });`,
      'e.test.mjs': "import { law } from './law.mjs'; law(0); law(1);",
    });
    const counts = await runNodeTests([path.join(made, 'e.test.mjs')], {
      deadlineMs: 30_000,
      env: outside,
    });
    assert.equal(counts.line, '1 passed, 1 failed, 0 skipped');
    assert.match(counts.failures[0].text, /broken law[\s\S]*said under the law/);
  });

  test('a file that hangs is ended in its time and names its test; the others have theirs', async () => {
    const made = folder('hang', {
      'd.test.mjs': `${import_}test('hangs', () => new Promise(() => setInterval(() => {}, 1000)));`,
      'e.test.mjs': `${import_}test('stays', () => void setInterval(() => {}, 1000));`,
      'f.test.mjs': `${import_}test('goes on', () => {});`,
    });
    const files = ['d', 'e', 'f'].map((name) => path.join(made, `${name}.test.mjs`));
    const options = { deadlineMs: 60_000, fileMs: 3000, env: outside };
    const { line, failures } = await runNodeTests(files, options);
    assert.equal(line, '2 passed, 2 failed, 0 skipped');
    assert.match(failures[0].text, /Not done after 3 s\. Still running: hangs\./);
    assert.match(failures[1].text, /Not done after 3 s\. Its tests were done\./);
    const none = await runNodeTests(files, { ...options, deadlineMs: 0 });
    assert.match(none.failures[0].text, /Not begun/);
  });

  test('results from inside VS Code: a run that stopped is a failure that names where', () => {
    const lines = (...events) => events.map((event) => JSON.stringify(event)).join('\n');
    const whole = new Counts();
    const pass = { event: 'pass', name: 'a' };
    assert.equal(readResults(lines(pass, { event: 'end' }), whole), true);
    assert.equal(whole.line, '1 passed, 0 failed, 0 skipped');
    const cut = new Counts();
    assert.equal(readResults(lines(pass, { event: 'start', name: 'b' }), cut), false);
    assert.equal(cut.line, '1 passed, 1 failed, 0 skipped');
    assert.match(cut.failures[0].text, /"b"/);
  });
});

describe('what is missing', () => {
  test('a Debian package counts as there only when dpkg says installed', async () => {
    const bin = program(
      'dpkg',
      `case $2 in
         socat) echo 'Status: install ok installed';;
         chromium) echo 'Status: deinstall ok config-files';;
         *) exit 1;;
       esac`,
    );
    const before = process.env.PATH;
    process.env.PATH = `${bin}:${before}`;
    try {
      const names = ['socat', 'chromium', 'mosquitto'];
      assert.deepEqual(await missingPackages(names), ['chromium', 'mosquitto']);
    } finally {
      process.env.PATH = before;
    }
  });

  test('packages match the lockfile by version; only optional ones may be missing', () => {
    const lock = (packages) => JSON.stringify({ packages });
    const wanted = {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/o': { version: '2.0.0', optional: true },
    };
    const a = (version) => ({ 'node_modules/a': { version } });
    const made = (name, have) =>
      folder(name, {
        'package-lock.json': lock(wanted),
        'node_modules/.package-lock.json': lock(have),
        'node_modules/a/package.json': '{}',
      });
    assert.equal(modulesMatch(made('same', a('1.0.0'))), true);
    assert.equal(modulesMatch(made('older', a('0.9.0'))), false);
    assert.equal(modulesMatch(made('none', {})), false);
    assert.equal(modulesMatch(folder('bare', { 'package-lock.json': lock(wanted) })), false);
  });
});

describe('which VS Code', () => {
  test('a caret range', () => {
    assert.equal(satisfiesCaret('1.100.0', '^1.100.0'), true);
    assert.equal(satisfiesCaret('1.139.1', '^1.100.0'), true);
    assert.equal(satisfiesCaret('1.99.3', '^1.100.0'), false);
    assert.equal(satisfiesCaret('2.0.0', '^1.100.0'), false);
  });

  const linux = { skip: process.platform === 'linux' ? false : 'a display is Linux' };
  test('a desktop one only with a display, new enough, and not of a remote', linux, async () => {
    const fresh = program('code', 'echo 1.139.1; echo abc; echo x64');
    const old = program('code', 'echo 1.90.0');
    const remote = program('code', '# /out/server/bin/remote-cli/code\necho 1.139.1');
    const look = (bin, more = { DISPLAY: ':0' }) =>
      findDesktop({ PATH: `${bin}:/usr/bin:/bin`, ...more });
    assert.equal((await look(fresh)).version, '1.139.1');
    assert.match((await look(fresh, {})).whyNot, /display/);
    assert.match((await look(old)).whyNot, /1\.90\.0/);
    assert.match((await look(remote)).whyNot, /remote/);
    assert.match((await findDesktop({ PATH: scratch })).whyNot, /PATH/);
  });
});

describe('processes and locks', () => {
  const posix = { skip: process.platform === 'win32' ? 'process groups are POSIX' : false };

  test('a deadline ends the grandchildren too', posix, async () => {
    const mark = `parley-grandchild-${process.pid}`;
    const inner = `setInterval(() => {}, 1000, '${mark}')`;
    const outer = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(inner)}]); setInterval(() => {}, 1000)`;
    const { timedOut } = await run(process.execPath, ['-e', outer], { deadlineMs: 800 });
    assert.equal(timedOut, true);
    const left = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    assert.equal(left.includes(mark), false);
  });

  test('a lock keeps the second out until the first is done; a dead holder is forgotten', async () => {
    const order = [];
    const first = withLock('x', scratch, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push(1);
    });
    await Promise.all([first, withLock('x', scratch, () => order.push(2))]);
    assert.deepEqual(order, [1, 2]);
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeJson(path.join(scratch, 'y.lock'), dead);
    assert.equal(await withLock('y', scratch, () => 'done', 2000), 'done');
  });

  test('npm start says what is wrong with an option', () => {
    const start = path.join(root, 'scripts/start.mjs');
    const { status, stderr } = spawnSync(process.execPath, [start, '--port', '99999'], {
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assert.match(stderr, /99999 is no port/);
  });
});
