/**
 * The whole path without a window: two blank virtual boards are erased, flashed, given their files,
 * reset, and hold a conversation. Through the same entry that `npm start -- --terminal` runs.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

let folder = '';
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'parley-talk-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** Runs the terminal in its own folder until it ends, or until `stopAt` was printed and SIGINT sent. */
async function run(args: readonly string[], stopAt?: RegExp): Promise<Ended> {
  const child = spawn(
    process.execPath,
    ['dist/terminal.js', '--workspace', path.join(folder, 'w'), '--state', path.join(folder, 's')]
      .concat(['--unpaced'])
      .concat(args),
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  let stopping = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      text += data.toString();
      if (stopAt?.test(text) && !stopping) {
        stopping = true;
        child.kill('SIGINT');
      }
    });
  }
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, text };
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('from two blank boards to a conversation', { timeout: 240_000 }, () => {
  test('at least 10 exchanges, each line with the board that said it', async () => {
    const { code, text } = await run(['--port', String(await freePort()), '--messages', '40']);
    assert.equal(code, 0, text);
    const lines = text.split('\n');
    for (const name of ['machine1', 'machine2']) {
      assert.ok(
        lines.some((l) => l.includes(`${name}: erasing and flashing`)),
        text,
      );
      assert.ok(
        lines.some((l) => new RegExp(`${name}: \\d+ files put`).test(l)),
        text,
      );
    }
    const hellos = [...text.matchAll(/machine1 +hello +hello #(\d+)/g)].map((m) => Number(m[1]));
    const answers = lines.filter((l) => /machine2 +notification +.*received/.test(l));
    assert.ok(hellos.length >= 10, text);
    assert.ok(answers.length >= 10, text);
    assert.deepEqual(
      hellos,
      hellos.map((_, i) => hellos[0]! + i),
      'no hello is lost or said twice',
    );
    assert.match(text, /machine1 .*heard/);
    assert.match(text, /Ended: boards and broker are stopped\./);
  });

  test('a second start skips what is done, says so, and Ctrl-C ends everything', async () => {
    const port = await freePort();
    const { code, text } = await run(['--port', String(port)], /machine2 +notification/);
    assert.equal(code, 0, text);
    assert.match(text, /machine1: MicroPython 1\.27\S* is there, nothing to flash/);
    assert.match(text, /machine2: .*unchanged/);
    assert.doesNotMatch(text, /erasing and flashing/);
    await assert.rejects(connect(port), /ECONNREFUSED/);
  });

  test('the workspace keeps its placeholders: nothing is filled in there', async () => {
    const boot = await readFile(path.join(folder, 'w', 'machine1', 'boot.py'), 'utf8');
    assert.equal(boot, await readFile('firmware/machine1/boot.py', 'utf8'));
  });

  test('a taken broker port is said with its owner, and a free one is used', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    try {
      const { code, text } = await run(['--port', String(port), '--messages', '4']);
      assert.equal(code, 0, text);
      assert.match(text, new RegExp(`port ${port} on 127\\.0\\.0\\.1 is already used by`));
      assert.match(text, /Broker: taking port \d+ instead/);
    } finally {
      server.close();
    }
  });
});

function connect(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
