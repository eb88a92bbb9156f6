/**
 * Into the loader over a slow network: a relay between Parley and a virtual board holds every piece
 * back for a while, each way. Below: dist/virtual/main.js. Above: nothing.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { quietJob } from '../../src/core/job';
import { Bootloader } from '../../src/esp/flasher';
import { Rfc2217Provider } from '../../src/port/rfc2217';
import { notBuilt, withVirtualBoard } from './support';

/** Passes bytes on after `delayMs`, in order; one connection after the other. */
async function relayTo(address: string, delayMs: number): Promise<{ port: number; close(): void }> {
  const [host = '', port = ''] = address.split(':');
  const sockets = new Set<Socket>();
  const pass = (from: Socket, to: Socket): void => {
    from.on('data', (chunk) => setTimeout(() => to.write(chunk), delayMs));
    from.on('close', () => setTimeout(() => to.end(), delayMs));
    from.on('error', () => undefined);
  };
  const server = createServer({ noDelay: true }, (client) => {
    const board = createConnection({ host, port: Number(port), noDelay: true });
    for (const socket of [client, board]) sockets.add(socket);
    pass(client, board);
    pass(board, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe('the loader over a slow network', { skip: notBuilt, timeout: 120_000 }, () => {
  for (const delayMs of [40, 150]) {
    test(`is entered with ${delayMs} ms each way, and left into the program`, async () => {
      await withVirtualBoard({ flashed: true }, async (board) => {
        await board.prints(/>>> /);
        // One client at a time: the board's own port makes room for the relay.
        await board.port.close();
        const relay = await relayTo(board.address, delayMs);
        try {
          const provider = new Rfc2217Provider();
          const info = provider.add(`127.0.0.1:${relay.port}`);
          const port = await provider.open(info, { baudRate: 115_200 });
          const loader = await Bootloader.enter(port, { baudRate: 460_800 }, quietJob());
          assert.equal(loader.facts.chip, 'ESP32');
          assert.equal(loader.facts.flashSizeBytes, 4 << 20);
          // Late answers must not be taken for a refusal of the stub.
          assert.equal(loader.facts.stub, true);
          const image = new Uint8Array(20_000).map((_, i) => (i * 2654435761) >>> 24);
          const { writtenBytes } = await loader.writeFlash(image, 0x200000, quietJob());
          assert.equal(writtenBytes, image.length);
          let printed = '';
          const prompt = new Promise<void>((resolve) => {
            port.onData((bytes) => {
              printed += Buffer.from(bytes).toString('latin1');
              if (printed.includes('>>> ')) resolve();
            });
          });
          await loader.leave();
          await prompt;
          await port.close();
        } finally {
          relay.close();
        }
      });
    });
  }
});
