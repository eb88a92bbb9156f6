/**
 * Every snippet as the editor inserts it (its own defaults in its gaps), with Wi-Fi and broker filled in
 * as Put does, run on virtual boards: it prints what it is for and raises nothing.
 * Below: support.ts, snippets/micropython.json, the embedded broker.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { startEmbeddedBroker } from '../../src/broker/embedded';
import { isBoardError } from '../../src/core/errors';
import { quietJob } from '../../src/core/job';
import { silentLog } from '../../src/core/log';
import { putFile } from '../../src/micropython/transfer';
import { provision, type ProvisionValues } from '../../src/operations/provision';
import { runOnBoard } from '../../src/operations/runOnBoard';
import { boardOn, notBuilt, withVirtualBoard, type VirtualBoard } from './support';

interface Snippet {
  readonly prefix: readonly string[];
  readonly description: string;
  readonly body: readonly string[];
}
const snippets = JSON.parse(readFileSync('snippets/micropython.json', 'utf8')) as Readonly<
  Record<string, Snippet>
>;

/** What each prints; one that runs for ever is stopped when it has. */
const prints: Readonly<Record<string, RegExp>> = {
  'boot.py: join the Wi-Fi': /Wi-Fi: 127\.0\.0\.1/,
  'Wi-Fi with a time limit': /connected, address 127\.0\.0\.1/,
  'MQTT with reconnect': /b'esp32\/output' b'from the test'/,
  // These have nothing to say: they run on for a moment, and raise nothing.
  'Blink a pin': /^$/,
  'Pin interrupt': /^$/,
  'PWM: fade an LED': /^$/,
  'NeoPixel: a moving light': /^$/,
  'ADC: read a voltage': /raw:\d+ volts:\d\.\d\d\r\n/,
  'I2C scan': /I2C: nothing answers/,
  'DHT: temperature and humidity': /temp:\d+\.\d hum:\d+\.\d/,
  'asyncio tasks': /tock\r\ntick|tick\r\ntock/,
  'Deep sleep': /awake/,
  'NTP: set the clock': /UTC 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d/,
};
/** How long one that has nothing to say is watched, in ms. */
const WATCHED_MS = 1000;
/** TextMate's gaps: `$1`, `${1:default}`, `${1|one,two|}`, `$0`. */
const GAP = /\$\{\d+:([^}]*)\}|\$\{\d+\|([^,|]*)[^}]*\|\}|\$\d/g;

function inserted({ body }: Snippet, values: ProvisionValues): string {
  const text = body
    .join('\n')
    .replace(GAP, (_, value?: string, first?: string) => value ?? first ?? '');
  return provision(text, values).text;
}

/** What the board prints while `source` runs, until `pattern`, its end, or a moment without words. */
async function output(virtual: VirtualBoard, source: string, pattern: RegExp): Promise<string> {
  const board = boardOn(virtual);
  const abort = new AbortController();
  let said = '';
  board.onConsole((bytes) => {
    said += Buffer.from(bytes).toString();
    if (pattern.source !== '^$' && pattern.test(said)) abort.abort();
  });
  const watch = pattern.source === '^$' ? setTimeout(() => abort.abort(), WATCHED_MS) : undefined;
  try {
    const run = { source, fileName: 'snippet.py' };
    const report = await runOnBoard(board, run, quietJob(abort.signal));
    assert.deepEqual(report, { ok: true }, said);
  } catch (error) {
    if (!isBoardError(error, 'cancelled')) throw error;
  } finally {
    clearTimeout(watch);
  }
  return said;
}

describe('snippets', { skip: notBuilt, timeout: 240_000 }, () => {
  const values = { ssid: 'Parley', password: '', mqtt_server: '127.0.0.1' };

  test('VS Code is told of them, and each has words to find it by', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
      contributes: { snippets: unknown };
    };
    assert.deepEqual(manifest.contributes.snippets, [
      { language: 'python', path: './snippets/micropython.json' },
    ]);
    const words = Object.values(snippets).flatMap((snippet) => snippet.prefix);
    assert.equal(new Set(words).size, words.length);
    for (const { description } of Object.values(snippets)) assert.ok(description);
    assert.deepEqual(Object.keys(snippets).sort(), Object.keys(prints).sort());
  });

  for (const firmwareVersion of ['1.27', '1.13'] as const) {
    test(`each runs as it stands, ${firmwareVersion}`, async () => {
      const broker = await startEmbeddedBroker({
        hosts: ['127.0.0.1'],
        port: 0,
        log: silentLog,
      });
      try {
        await withVirtualBoard({ firmwareVersion }, async (virtual) => {
          const board = boardOn(virtual);
          await board.withRawRepl('Put', quietJob(), async (repl) => {
            const library = await readFile('firmware/lib/umqttsimple.py');
            await putFile(repl, '/umqttsimple.py', library, quietJob());
          });
          for (const [name, snippet] of Object.entries(snippets)) {
            let source = inserted(snippet, values);
            if (name === 'MQTT with reconnect') {
              // The broker of the test is on a port of its own, and says something to itself.
              source = source
                .replace('mqtt_server, 0,', `mqtt_server, ${broker.port},`)
                .replace("b'hello', b'hello'", "b'esp32/output', b'from the test'")
                .replace('5000', '300');
            }
            const said = await output(virtual, source, prints[name]!);
            assert.match(said, prints[name]!, name);
            assert.doesNotMatch(said, /Traceback|Error/, name);
          }
        });
      } finally {
        await broker.stop();
      }
    });
  }

  test('Deep sleep wakes up by itself and starts boot.py and main.py again', async () => {
    await withVirtualBoard({}, async (virtual) => {
      const board = boardOn(virtual);
      const source = inserted(snippets['Deep sleep']!, values)
        .replace('sleep(3)', 'sleep(0)')
        .replace('10000', '300');
      await board.withRawRepl('Put', quietJob(), (repl) =>
        putFile(repl, '/main.py', Buffer.from(source), quietJob()),
      );
      const from = virtual.printed().length;
      await board.reset(quietJob());
      await virtual.prints(/woke up\r\nawake/, 20_000, from);
    });
  });
});
