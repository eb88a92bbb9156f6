/**
 * Asks a board, without disturbing it, whether it waits at its prompt.
 * Below: a Port. Above: Board, before an operation that must not stop a running program.
 */
import type { Clock } from '../core/clock';
import { BoardError } from '../core/errors';
import { throwIfCancelled, type Job } from '../core/job';
import type { Port } from '../port/port';
import { Inbox } from './inbox';
import { NO_PROGRAM } from './seekPrompt';

/** Time for an answer, in ms: a collection of garbage, and the way to a network board and back. */
const ANSWER_MS = 700;
/** How often a patient look asks: an ESP32 is at its prompt within 3 s of EN. */
const ASKED = 5;
/** Characters of what was heard that are looked at: a few boots of a chip without a program. */
const MOST_HEARD = 2000;
/** Ctrl-B: at the prompt it prints the banner again, in raw mode it returns to the friendly one. */
const CTRL_B = 0x02;

/**
 * True when the prompt answers. Nothing is interrupted and nothing typed is run: a program that
 * runs finds a 0x02 in its input for each time it was asked, which the prompt takes as "print the
 * banner" when it ends.
 * @param patient asks again for 3.5 s before it says no: a board that boots loses what is sent, and
 *   a busy one is slow
 * @throws BoardError no-micropython details { reason: 'boot-loop' }: the flash holds no program; cancelled;
 *   port-lost
 */
export async function isAtPrompt(
  port: Port,
  clock: Clock,
  job: Job,
  patient = false,
): Promise<boolean> {
  const inbox = new Inbox(port, clock);
  let heard = '';
  const hear = (bytes: Uint8Array): void => {
    heard = (heard + Buffer.from(bytes).toString('latin1')).slice(-MOST_HEARD);
  };
  try {
    for (let asked = 0; asked < (patient ? ASKED : 1); asked++) {
      throwIfCancelled(job);
      await port.write(Uint8Array.of(CTRL_B));
      const until = clock.now() + ANSWER_MS;
      if (await inbox.skipPast(Buffer.from('\n>>> '), until, job.signal, hear)) return true;
      // Once may be the end of what a chip said before it was flashed.
      if (heard.split(NO_PROGRAM).length > 3) break;
    }
    if (!heard.includes(NO_PROGRAM)) return false;
    const details = { reason: 'boot-loop' };
    throw new BoardError('no-micropython', 'the ROM finds no program', { details });
  } finally {
    inbox.dispose();
  }
}
