/**
 * `npm start` itself: an address that answers, and nothing left after Ctrl-C. Below: scripts/start.
 * Above: npm test, stage browser.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { root } from './harness';
import { until } from './support';

/** The processes whose command line names this window's folder. */
function servers(): string[] {
  const all = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });
  return all.split('\n').filter((line) => line.includes(`${root}/.parley/window/`));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(
    `npm start answers on loopback; ${signal} ends all of it`,
    { timeout: 120_000 },
    async (t) => {
      if (servers().length > 0) {
        t.skip('npm start is already running from this folder');
        return;
      }
      const args = ['scripts/start.mjs', '--browser', '--no-open', '--port', '0'];
      const child = spawn(process.execPath, args, {
        cwd: root,
        env: { ...process.env, NO_COLOR: '1' },
      });
      t.after(() => child.kill('SIGTERM'));
      let said = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => (said += text));
      }
      const address = await until(
        'an address',
        () => /http:\/\/localhost:\d+\/\S*/.exec(said)?.[0],
        90_000,
        () => said,
      );
      assert.match(decodeURIComponent(address), /\.example\/two-boards/);
      assert.equal((await fetch(address)).status, 200);
      assert.ok(servers().length > 0);
      child.kill(signal);
      const [code] = (await once(child, 'exit')) as [number];
      assert.equal(code, signal === 'SIGINT' ? 130 : 143);
      assert.deepEqual(servers(), []);
      await assert.rejects(fetch(address));
    },
  );
}
