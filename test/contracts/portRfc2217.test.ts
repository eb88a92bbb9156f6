/** How the RFC 2217 client treats servers that are in the way, silent, broken or not what they seem. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Port } from '../../src/port/port';
import { Rfc2217Provider } from '../../src/port/rfc2217';
import { rejectsWith, until } from './port';
import { startTestServer, type TestServer, type TestServerOptions } from './rfc2217TestServer';

async function withServer(
  options: TestServerOptions,
  body: (open: () => Promise<Port>, server: TestServer) => Promise<void>,
): Promise<void> {
  const server = await startTestServer(options);
  const provider = new Rfc2217Provider();
  const info = provider.add(`127.0.0.1:${server.port}`);
  try {
    await body(() => provider.open(info, { baudRate: 115200 }), server);
  } finally {
    await server.close();
  }
}

describe('rfc2217 servers that are not as they should be', { concurrency: true }, () => {
  test('one that says it is in use and hangs up is port-busy, with its words', () =>
    withServer({ greeting: 'Port already in use\r\n', hangUp: true }, async (open) => {
      await assert.rejects(open(), /Port already in use/);
      await rejectsWith('port-busy', open());
    }));

  test('one that hangs up at once is port-busy', () =>
    withServer({ hangUp: true }, (open) => rejectsWith('port-busy', open())));

  test('one that takes the connection and says nothing is port-busy', () =>
    withServer({ manner: 'silent' }, (open) => rejectsWith('port-busy', open())));

  test('telnet without COM-PORT-OPTION carries data, but sets neither rate nor lines', () =>
    withServer({ manner: 'refuse' }, async (open, server) => {
      const port = await open();
      await port.write(Uint8Array.of(1, 255, 2));
      await until(() => server.heard.length === 3);
      assert.deepEqual(server.heard, [1, 255, 2]);
      await rejectsWith('port-failed', port.setBaudRate(9600));
      await rejectsWith('port-failed', port.setSignals({ dtr: true }));
      assert.equal(port.baudRate, 115200);
      await port.close();
    }));

  test('plain TCP that talks is a port, and 0xFF goes through as it is', () =>
    withServer({ manner: 'text', greeting: 'MicroPython v1.27\r\n>>> ' }, async (open, server) => {
      const port = await open();
      server.heard.length = 0;
      await port.write(Uint8Array.of(255, 1));
      await until(() => server.heard.length === 2);
      await port.close();
    }));

  test('one that does not answer line changes (esptool’s) still takes them', () =>
    withServer({ answerLines: false }, async (open, server) => {
      const port = await open();
      await port.setSignals({ dtr: false, rts: true });
      await until(() => server.lines.rts);
      await port.close();
    }));

  test('one that keeps its own rate is port-failed', () =>
    withServer({ fixedRate: 9600 }, (open) => rejectsWith('port-failed', open())));

  test('one that goes deaf is port-failed in 3 s, and the port can still be closed', () => {
    const options: TestServerOptions = {};
    return withServer(options, async (open) => {
      const port = await open();
      options.deaf = true;
      const start = Date.now();
      await rejectsWith('port-failed', port.setBaudRate(9600));
      assert.ok(Date.now() - start < 4500);
      assert.equal(port.baudRate, 115200);
      await port.close();
    });
  });

  test('a name that does not resolve is port-not-found', async () => {
    const provider = new Rfc2217Provider();
    const info = provider.add('no-such-host.invalid:4000');
    await rejectsWith('port-not-found', provider.open(info, { baudRate: 115200 }));
  });

  test('both lines of a reset travel in one segment', () =>
    withServer({}, async (open, server) => {
      const port = await open();
      server.segments.length = 0;
      await port.setSignals({ dtr: false, rts: true });
      await port.setSignals({ dtr: true, rts: false });
      assert.deepEqual(server.segments, [
        [9, 11],
        [8, 12],
      ]);
      await port.close();
    }));

  test('a quarter megabyte of 0xFF arrives whole, each write resolving in turn', () =>
    withServer({}, async (open, server) => {
      const port = await open();
      const block = new Uint8Array(16384).fill(255);
      for (let i = 0; i < 16; i++) await port.write(block);
      await until(() => server.heard.length === 16 * block.length);
      assert.ok(server.heard.every((byte) => byte === 255));
      await port.close();
    }));
});
