import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { BoardError, isBoardError } from '../core/errors';
import { Emitter } from '../core/event';
import type { Port } from '../port/port';
import { Leases } from './leases';

/** A port that can be closed. */
function somePort(): Port & { lose(): void } {
  const closed = new Emitter<BoardError | undefined>();
  return { onClose: closed.event, lose: () => closed.fire(undefined) } as unknown as Port & {
    lose(): void;
  };
}
const busy = (): Promise<Port> => Promise.reject(new BoardError('port-busy', 'taken'));

describe('two windows on one port', () => {
  let folder = '';
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  before(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'parley-leases-'))));
  after(async () => {
    other.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  test('the second is told who has it, asks, and gets it; the lease goes with the port', async () => {
    const clock = new ManualClock();
    const theirs = new Leases({ who: 'the window “a”', folder, clock, pid: other.pid! });
    const mine = new Leases({ who: 'parley', folder, clock });
    const port = somePort();
    await theirs.opening('/dev/x', () => Promise.resolve(port));
    await assert.rejects(mine.opening('/dev/x', busy), (error) => {
      assert.ok(isBoardError(error, 'port-busy'));
      assert.deepEqual(error.details, {
        path: '/dev/x',
        owner: `the window “a”, process ${other.pid}`,
        ask: 'yes',
      });
      return true;
    });
    // Another port is nobody's, and one's own is not told of.
    await assert.rejects(mine.opening('/dev/y', busy), (error) => {
      return isBoardError(error, 'port-busy') && error.details['ask'] === undefined;
    });
    assert.equal(theirs.holderOf('/dev/x'), undefined);

    theirs.onAsked(({ address, who }) => {
      assert.deepEqual([address, who], ['/dev/x', 'parley']);
      port.lose();
    });
    assert.equal(mine.ask('/dev/x')?.who, 'the window “a”');
    const freed = mine.freed('/dev/x', 5000);
    await clock.advance(3000);
    assert.equal(await freed, true);
    assert.deepEqual(await readdir(folder), []);
    mine.dispose();
    theirs.dispose();
  });

  test('one that asks by itself opens as soon as it is let go of, and gives up in time', async () => {
    const clock = new ManualClock();
    const theirs = new Leases({ who: 'a', folder, clock, pid: other.pid! });
    const mine = new Leases({ who: 'b', folder, clock, askFor: 2000 });
    const lease = theirs.take('p');
    let taken = true;
    const port = somePort();
    const open = (): Promise<Port> => (taken ? busy() : Promise.resolve(port));
    const late = assert.rejects(mine.opening('p', open), (e) => isBoardError(e, 'port-busy'));
    await clock.advance(3000);
    await late;
    theirs.onAsked(() => {
      taken = false;
      lease.dispose();
    });
    const opened = mine.opening('p', open);
    await clock.advance(3000);
    assert.equal(await opened, port);
    mine.dispose();
    theirs.dispose();
  });

  test('a lease ends with its process, whatever its file says', async () => {
    const theirs = new Leases({ who: 'a', folder, pid: other.pid! });
    const mine = new Leases({ who: 'b', folder });
    theirs.take('q');
    assert.equal(mine.holderOf('q')?.pid, other.pid);
    const gone = once(other, 'exit');
    other.kill('SIGKILL');
    await gone;
    assert.equal(mine.holderOf('q'), undefined);
    assert.equal(mine.ask('q'), undefined);
    // Nonsense in the folder is nobody's lease.
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
    assert.deepEqual(names, []);
    theirs.take('q');
    for (const name of await readdir(folder)) await writeFile(path.join(folder, name), '[1');
    assert.equal(mine.holderOf('q'), undefined);
    theirs.dispose();
    mine.dispose();
  });

  test('a folder that cannot be made stops nobody', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    const mine = new Leases({ who: 'b', folder: path.join(file, 'below') });
    const port = somePort();
    assert.equal(await mine.opening('p', () => Promise.resolve(port)), port);
    mine.dispose();
  });
});
