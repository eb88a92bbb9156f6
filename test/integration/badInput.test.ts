/**
 * Bad input gets a sentence that names board, cause and next step, and leaves the board whole.
 * Through Board and the operations, on a virtual board's real protocol stack.
 * Below: board, operations, core/explain. Above: npm test.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import * as net from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BoardRegistry } from '../../src/board/registry';
import { VirtualBoards } from '../../src/board/virtualBoards';
import type { Board } from '../../src/board/board';
import { connectClient } from '../../src/conversation/client';
import { isBoardError, type BoardErrorCode } from '../../src/core/errors';
import { explain } from '../../src/core/explain';
import { quietJob, type Job } from '../../src/core/job';
import { eraseBoard } from '../../src/operations/erase';
import { flashBoard } from '../../src/operations/flash';
import { putFolder } from '../../src/operations/putFolder';
import { runOnBoard } from '../../src/operations/runOnBoard';
import { Rfc2217Provider } from '../../src/port/rfc2217';
import { notBuilt } from './support';

const image = 'dist/firmware/parley-virtual-esp32.bin';

/** Runs `work`, which must fail with `code`, and gives the sentence a user reads. */
async function sentenceOf(code: BoardErrorCode, board: string, work: Promise<unknown>) {
  let sentence = '';
  await assert.rejects(work, (error) => {
    assert.ok(isBoardError(error, code), String(error));
    sentence = explain(error, board).sentence;
    return true;
  });
  assert.match(sentence, new RegExp(board));
  return sentence;
}

describe('bad input', { skip: notBuilt, timeout: 120_000 }, () => {
  let folder = '';
  let virtual: VirtualBoards;
  let registry: BoardRegistry;
  let board: Board;
  const provider = new Rfc2217Provider();

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'parley-bad-'));
    registry = new BoardRegistry({
      providers: [provider],
      store: { get: () => undefined, update: async () => undefined },
      rates: () => ({ repl: 115200, flash: 460800 }),
    });
    virtual = new VirtualBoards({
      program: 'dist/virtual/main.js',
      stateFolder: folder,
      registry,
      networks: () => [{ ssid: 'Parley' }],
    });
    board = await virtual.start('machine1');
  });

  after(async () => {
    await virtual.stopAll();
    registry.dispose();
    provider.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  test('Put on a board without MicroPython', async () => {
    const put = putFolder(board, { folder: 'firmware/machine1', values: {} }, quietJob());
    assert.match(await sentenceOf('no-micropython', 'machine1', put), /Flash MicroPython/);
    assert.equal(board.status, 'idle');
  });

  test('a file that is no ESP32 image', async () => {
    const text = { name: 'notes.bin', bytes: Buffer.from('notes '.repeat(1000)) };
    const said = await sentenceOf('not-an-image', 'machine1', flashBoard(board, text, quietJob()));
    assert.match(said, /notes\.bin is no ESP32 firmware image.*left as it was/);
  });

  test('an image for another chip', async () => {
    const bytes = Buffer.from(await readFile(image));
    bytes.writeUInt16LE(9, 12); // the chip id of an ESP32-S3
    const flash = flashBoard(board, { name: 's3.bin', bytes }, quietJob());
    await assert.rejects(flash, (e) => {
      assert.ok(isBoardError(e), String(e));
      assert.ok(['wrong-chip', 'image-corrupt'].includes(e.code), e.code);
      assert.match(explain(e, 'machine1').sentence, /machine1/);
      return true;
    });
  });

  test('a port that vanishes while flashing; afterwards the board can be flashed', async () => {
    const job = { ...quietJob(), progress: { report: (u: { doneBytes?: number }) => unplug(u) } };
    let pulled = false;
    const unplug = ({ doneBytes = 0 }: { doneBytes?: number }): void => {
      if (doneBytes < 20_000 || pulled) return;
      pulled = true;
      // Its lock file names the process; killing that is pulling the plug.
      const lock = readFileSync(path.join(folder, 'machine1', 'board.lock'), 'utf8');
      process.kill(parseInt(lock, 10), 'SIGKILL');
    };
    const firmware = { name: path.basename(image), bytes: await readFile(image) };
    const said = await sentenceOf('port-lost', 'machine1', flashBoard(board, firmware, job));
    assert.match(said, /plug it in again/);
    assert.equal(pulled, true);
    // The process is gone when the registry says so; a start before that would find the old one.
    if (board.where) {
      await new Promise<void>((gone) => board.onDidChange(() => void (board.where ?? gone())));
    }

    board = await virtual.start('machine1');
    await eraseBoard(board, quietJob());
    const report = await flashBoard(board, firmware, quietJob());
    assert.equal(report.offset, 0x1000);
  });

  test('a cancelled flash leaves the board usable', async () => {
    const abort = new AbortController();
    const job: Job = {
      signal: abort.signal,
      progress: { report: ({ doneBytes = 0 }) => void (doneBytes > 20_000 && abort.abort()) },
    };
    const firmware = { name: path.basename(image), bytes: await readFile(image) };
    await eraseBoard(board, quietJob()); // an image that is there already would not be written
    await assert.rejects(flashBoard(board, firmware, job), (e) => isBoardError(e, 'cancelled'));
    assert.equal(board.status, 'idle');
    await flashBoard(board, firmware, quietJob());
  });

  test('a program that raises: its traceback names the file', async () => {
    const shown: string[] = [];
    const watching = board.onConsole((bytes) => shown.push(Buffer.from(bytes).toString()));
    const options = { source: 'print("one")\n1/0\n', fileName: 'sum.py' };
    const report = await runOnBoard(board, options, quietJob());
    watching.dispose();
    assert.equal(report.ok, false);
    assert.match(report.error ?? '', /sum\.py.*line 2[^]*ZeroDivisionError/);
    assert.match(shown.join(''), /one\r\n[^]*ZeroDivisionError/);
  });

  test('a broker address that does not answer', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    server.close();
    await once(server, 'close');
    const connect = connectClient({ host: '127.0.0.1', port, clientId: 'parley-test' });
    const said = await sentenceOf('broker-unreachable', 'Broker', connect);
    assert.match(said, new RegExp(`127\\.0\\.0\\.1:${port}`));
  });
});
