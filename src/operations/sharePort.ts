/**
 * Share: a board's port for other programs and other computers, over RFC 2217, until it is ended. The
 * board is busy with it meanwhile: a port has one owner. Below: port/shareServer. Above: the command
 * "Share this Port" and `parley share`.
 */
import type { Board } from '../board/board';
import type { Job } from '../core/job';
import { t } from '../core/words';
import { startSharing } from '../port/shareServer';

export interface ShareOptions {
  /** The address of this computer that it listens on; loopback where nothing is said. */
  readonly host?: string;
  /** 0 lets the operating system choose. */
  readonly port?: number;
  /** Hears the address, `rfc2217://host:port`, once it can be opened. */
  readonly onReady?: (url: string) => void;
}

/**
 * Resolves when the job is cancelled: that is how sharing ends.
 * @throws BoardError port-lost when the board goes away, share-failed when the address is taken
 */
export function sharePort(board: Board, options: ShareOptions, job: Job): Promise<void> {
  return board.exclusive('Share', job, async (port) => {
    const { host = '127.0.0.1', port: wanted = 0 } = options;
    const before = port.baudRate;
    const report = (here: boolean): void =>
      job.progress.report({
        message: here
          ? t('a client uses it at {address}', { address })
          : t('waiting for a client at {address}', { address }),
      });
    let address = '';
    const shared = await startSharing(port, { host, port: wanted, onClient: report });
    address = `rfc2217://${shared.address}`;
    try {
      options.onReady?.(address);
      report(false);
      await new Promise<void>((resolve, reject) => {
        if (job.signal.aborted) resolve();
        job.signal.addEventListener('abort', () => resolve(), { once: true });
        port.onClose((error) => (error ? reject(error) : resolve()));
      });
    } finally {
      await shared.close();
      // The prompt is at its own rate; where the port is gone there is none to set.
      await port.setBaudRate(before).catch(() => undefined);
    }
  });
}
