/**
 * What a board itself tells about why it does not talk, on virtual boards: each of the beginner's
 * faults is made, and has to be the one that is named.
 * Below: support.ts, operations/examine and diagnose.
 */
import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import type { Board } from '../../src/board/board';
import { quietJob } from '../../src/core/job';
import { putFile } from '../../src/micropython/transfer';
import { diagnose, type Finding } from '../../src/operations/diagnose';
import { examine } from '../../src/operations/examine';
import { boardOn, notBuilt, withVirtualBoard } from './support';

const job = quietJob();
const host = '127.0.0.1';
const ssid = 'Parley';

/** A TCP port that listens, for the length of `body`; it says nothing. */
async function withListener(body: (port: number) => Promise<void>): Promise<void> {
  const server = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  try {
    await body((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

async function look(board: Board, port: number, stop = false): Promise<Finding[]> {
  const target = { host, port };
  const found = await examine(board, { target, stop }, job);
  const broker = { address: `${host}:${port}`, check: 1, tells: true };
  return diagnose(broker, [{ name: board.name, virtual: true, target, ssid, found }]).slice(1);
}

async function put(board: Board, files: Readonly<Record<string, string>>): Promise<void> {
  await board.withRawRepl('Put', job, async (repl) => {
    for (const [path, text] of Object.entries(files)) {
      await putFile(repl, path, Buffer.from(text), job);
    }
  });
}

/** Soft resets and waits for the prompt. */
async function restart(
  virtual: Parameters<Parameters<typeof withVirtualBoard>[1]>[0],
): Promise<void> {
  const from = virtual.printed().length;
  await virtual.port.write(Uint8Array.of(4));
  await virtual.prints(/\n>>> $/, 20_000, from);
}

const boot = (network: string, password = ''): string =>
  `import network, time\nssid = '${network}'\npassword = '${password}'\nw = network.WLAN(network.STA_IF)\nw.active(True)\nw.connect(ssid, password)\n` +
  'for _ in range(40):\n if w.isconnected() or w.status() in (201, 202):\n  break\n time.sleep_ms(100)\n';

for (const firmwareVersion of ['1.27', '1.13'] as const) {
  describe(
    `why a board does not talk, ${firmwareVersion}`,
    { skip: notBuilt, timeout: 120_000 },
    () => {
      test('one fault after the other is named, until all is well', async () => {
        await withVirtualBoard({ firmwareVersion }, async (virtual) => {
          const board = boardOn(virtual);
          await withListener(async (port) => {
            const [answers, no] = await look(board, port);
            assert.match(answers!.sentence, /machine1 answers: MicroPython/);
            assert.match(no!.sentence, /no main\.py/);

            await put(board, { '/main.py': "mqtt_server = ''\n" });
            assert.match((await look(board, port)).at(-1)!.sentence, /says nothing/);

            await put(board, { '/main.py': `mqtt_server = '${host}'\nmqtt_port = 1\n` });
            assert.match((await look(board, port)).at(-1)!.sentence, /mqtt_port says 1,/);

            await put(board, { '/main.py': `mqtt_server = '${host}'\n` });
            const off = (await look(board, port)).at(-1)!;
            assert.match(off.sentence, /no boot\.py|asked for one/);

            await put(board, { '/boot.py': boot('Elsewhere') });
            await restart(virtual);
            assert.match((await look(board, port)).at(-1)!.sentence, /“Elsewhere”, not “Parley”/);

            await put(board, { '/boot.py': boot(ssid) });
            await restart(virtual);
            const found = await look(board, port);
            assert.match(found[1]!.sentence, /in the Wi-Fi “Parley” as \d+\./);
            assert.match(found[2]!.sentence, /gets through to the broker/);
            assert.deepEqual([found[3]?.state, found[3]?.remedy], ['bad', 'reset']);
          });
          // The listener is gone.
          const refused = (await look(board, 9)).at(-1)!;
          assert.match(refused.sentence, /nobody listens on port 9/);
        });
      });

      test('a program that runs is left alone unless asked', async () => {
        await withVirtualBoard({ firmwareVersion }, async (virtual) => {
          const board = boardOn(virtual);
          await put(board, { '/main.py': 'n = 0\nwhile True:\n n += 1\n' });
          await virtual.port.write(Uint8Array.of(4));
          await virtual.prints(/soft reboot/);
          const [running] = await look(board, 1);
          assert.equal(running?.remedy, 'stopAndLook');
          assert.equal((await look(board, 1)).length, 1, 'it still runs');
          const [answers] = await look(board, 1, true);
          assert.match(answers!.sentence, /answers/);
        });
      });
    },
  );
}

describe('why a blank board does not talk', { skip: notBuilt, timeout: 120_000 }, () => {
  test('it has no MicroPython, and that is not “runs a program”', async () => {
    await withVirtualBoard({ flashed: false }, async (virtual) => {
      const board = boardOn(virtual);
      const [blank, ...more] = await look(board, 1);
      assert.match(blank!.sentence, /machine1 has no MicroPython/);
      assert.equal(blank!.remedy, 'flash');
      assert.deepEqual(more, []);
      assert.equal(board.activity, undefined);
      assert.equal(board.facts.micropython, '');
    });
  });
});

describe('why a board does not join', { skip: notBuilt, timeout: 120_000 }, () => {
  test('a wrong password; a network that is not there', async () => {
    const networks = [{ ssid, password: 'right one' }];
    await withVirtualBoard({ networks }, async (virtual) => {
      const board = boardOn(virtual);
      await put(board, { '/main.py': '\n', '/boot.py': boot(ssid, 'wrong one') });
      await restart(virtual);
      const refused = (await look(board, 1)).at(-1)!;
      assert.match(refused.sentence, /refused by “Parley”: the password is wrong/);
      assert.doesNotMatch(JSON.stringify(refused), /wrong one|right one/);
      await put(board, { '/boot.py': boot('Nowhere') });
      await restart(virtual);
      const found = await examine(board, {}, job);
      const [, , gone] = diagnose({ address: 'x', check: 1, tells: true }, [
        { name: 'machine1', virtual: true, ssid: '', found },
      ]);
      assert.match(gone!.sentence, /does not find “Nowhere”/);
    });
  });
});
