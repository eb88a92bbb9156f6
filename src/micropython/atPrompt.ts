/**
 * Asks a board, without disturbing it, whether it waits at its prompt.
 * Below: a Port. Above: Board, before an operation that must not stop a running program.
 */
import type { Clock } from '../core/clock';
import { throwIfCancelled, type Job } from '../core/job';
import type { Port } from '../port/port';
import { Inbox } from './inbox';

/** Time for an answer, in ms: a collection of garbage, and the way to a network board and back. */
const ANSWER_MS = 700;
/** How often a patient look asks: an ESP32 is at its prompt within 3 s of EN. */
const ASKED = 5;
/** Ctrl-B: at the prompt it prints the banner again, in raw mode it returns to the friendly one. */
const CTRL_B = 0x02;

/**
 * True when the prompt answers. Nothing is interrupted and nothing typed is run: a program that
 * runs finds a 0x02 in its input for each time it was asked, which the prompt takes as "print the
 * banner" when it ends.
 * @param patient asks again for 3.5 s before it says no: a board that boots loses what is sent, and
 *   a busy one is slow
 * @throws BoardError cancelled; port-lost
 */
export async function isAtPrompt(
  port: Port,
  clock: Clock,
  job: Job,
  patient = false,
): Promise<boolean> {
  const inbox = new Inbox(port, clock);
  try {
    for (let asked = 0; asked < (patient ? ASKED : 1); asked++) {
      throwIfCancelled(job);
      await port.write(Uint8Array.of(CTRL_B));
      const until = clock.now() + ANSWER_MS;
      if (await inbox.skipPast(Buffer.from('\n>>> '), until, job.signal)) return true;
    }
    return false;
  } finally {
    inbox.dispose();
  }
}
