/**
 * Into the ROM loader, and no further: the chip says that it waits, and waits.
 * Below: reset.ts, a Port. Above: Board.
 */
import type { Clock } from '../core/clock';
import { BoardError } from '../core/errors';
import { throwIfCancelled, type Job } from '../core/job';
import type { Port } from '../port/port';
import { isUsbSerialJtag, resetLadder, runResetSequence } from './reset';

/** What the ROM prints in download mode (ESP-IDF, "Boot mode selection"). */
export const WAITING = 'waiting for download';
/** Time from the reset to that line, ms: 70 at 115200 baud. */
const SAYS_MS = 600;

/** @throws BoardError no-bootloader details { seen }; cancelled; port-lost */
export async function waitInLoader(port: Port, clock: Clock, job: Job): Promise<void> {
  let heard = '';
  const listening = port.onData((bytes) => {
    heard = (heard + Buffer.from(bytes).toString('latin1')).slice(-400);
  });
  try {
    for (const sequence of resetLadder(port.info)) {
      throwIfCancelled(job);
      heard = '';
      await runResetSequence(port, sequence, clock);
      // The USB of a chip that has it inside says nothing of this: the line comes on the UART's pins.
      if (isUsbSerialJtag(port.info)) return;
      const until = clock.now() + SAYS_MS;
      while (!heard.includes(WAITING) && clock.now() < until) await clock.sleep(20);
      if (heard.includes(WAITING)) return;
    }
  } finally {
    listening.dispose();
  }
  throw new BoardError('no-bootloader', 'it does not wait for a download', {
    details: { seen: heard.slice(-100) },
  });
}
