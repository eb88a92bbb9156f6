/**
 * An open port of this computer for one client after the other over RFC 2217, as other programs and
 * other computers open it. Below: comPortServer.ts, node:net. Above: operations/sharePort.ts.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { BoardError } from '../core/errors';
import { ComPortServer } from './comPortServer';
import type { Port } from './port';
import { formatAddress } from './rfc2217';

/** What a client that does not read may leave in the socket, bytes, before it is put off. */
const MOST_UNSENT = 4 * 1024 * 1024;

export interface ShareOptions {
  /** The address of this computer that it listens on. */
  readonly host: string;
  /** 0 lets the operating system choose. */
  readonly port: number;
  /** Called as clients come and go. */
  readonly onClient?: (here: boolean) => void;
}

export interface SharedPort {
  /** `host:port`, for `rfc2217://`. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Serves `port` until closed. Neither line stays asserted when a client leaves.
 * @throws BoardError share-failed where the address cannot be listened on
 */
export async function startSharing(port: Port, options: ShareOptions): Promise<SharedPort> {
  const server = createServer({ noDelay: true });
  let client: Socket | undefined;
  let current: ComPortServer | undefined;
  const listening = port.onData((bytes) => current?.fromPort(bytes));
  server.on('connection', (socket) => {
    socket.on('error', () => socket.destroy());
    if (client) {
      socket.end('Parley: this port is in use by another client.\r\n');
      return;
    }
    client = socket;
    socket.setKeepAlive(true, 10_000);
    const send = (bytes: Uint8Array): void => {
      if (!socket.writable) return;
      socket.write(bytes);
      if (socket.writableLength > MOST_UNSENT) socket.destroy();
    };
    const session = new ComPortServer(port, send, () => socket.destroy());
    current = session;
    socket.on('data', (bytes) => session.received(bytes));
    socket.on('close', () => {
      [client, current] = [undefined, undefined];
      void port.setSignals({ dtr: false, rts: false }).catch(() => undefined);
      options.onClient?.(false);
    });
    options.onClient?.(true);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const where = formatAddress(options);
      const message = `cannot listen on ${where}: ${cause.message}`;
      const details = { path: where, reason: cause.message };
      reject(new BoardError('share-failed', message, { cause, details }));
    });
    server.listen(options.port, options.host, resolve);
  }).catch((error: unknown) => {
    listening.dispose();
    throw error;
  });
  const { port: number } = server.address() as AddressInfo;
  return {
    address: formatAddress({ host: options.host, port: number }),
    close: async () => {
      listening.dispose();
      client?.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
