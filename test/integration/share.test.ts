/**
 * A port that is shared: another program flashes the board behind it and talks to it, as if it were
 * plugged in there. The port that is shared is itself one of RFC 2217, a virtual board's.
 * Below: operations/sharePort. Above: npm test.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { test } from 'node:test';
import { isBoardError } from '../../src/core/errors';
import { quietJob } from '../../src/core/job';
import { flashBoard } from '../../src/operations/flash';
import { sharePort } from '../../src/operations/sharePort';
import { Session } from '../../src/terminal/session';
import { notBuilt } from './support';

test(
  'a shared port carries flashing, reset and the prompt; one client at a time',
  { skip: notBuilt, timeout: 120_000 },
  async () => {
    const state = await mkdtemp(path.join(tmpdir(), 'parley-share-'));
    const near = new Session({ root: process.cwd(), state, unpaced: true });
    const far = new Session({ root: process.cwd(), state: path.join(state, 'far'), unpaced: true });
    const abort = new AbortController();
    try {
      const board = await near.startVirtual('one');
      let ended: Promise<void> | undefined;
      const url = await new Promise<string>((resolve, reject) => {
        ended = sharePort(board, { onReady: resolve }, quietJob(abort.signal));
        ended.catch(reject);
      });
      assert.match(url, /^rfc2217:\/\/127\.0\.0\.1:\d+$/);
      await assert.rejects(board.reset(quietJob()), (error) => isBoardError(error, 'board-busy'));

      const there = await far.board(url);
      const firmware = await near.virtualFirmware(board);
      await flashBoard(there, { ...firmware, eraseFirst: true }, quietJob());
      const [said, refused] = await there.withRawRepl('Run', quietJob(), async (repl) => [
        await repl.exec('print(6*7)', quietJob()),
        await saidBy(url),
      ]);
      assert.equal(said?.trim(), '42');
      assert.match(refused ?? '', /in use by another client/);

      await far.registry.close();
      abort.abort();
      await ended;
      await board.reset(quietJob());
    } finally {
      abort.abort();
      await far.close();
      await near.close();
      await rm(state, { recursive: true, force: true });
    }
  },
);

/** What a second client reads before it is put off. */
function saidBy(url: string): Promise<string> {
  const socket = createConnection(Number(url.split(':').at(-1)), '127.0.0.1');
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (bytes) => (text += bytes.toString()));
    socket.on('close', () => resolve(text)).on('error', reject);
  });
}
