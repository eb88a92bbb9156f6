/**
 * Asks a board, without disturbing it, whether it waits at its prompt.
 * Below: a Port. Above: Board, before an operation that must not stop a running program.
 */
import type { Clock } from '../core/clock';
import { throwIfCancelled, type Job } from '../core/job';
import type { Port } from '../port/port';
import { Inbox } from './inbox';

/** Time for the answer, in ms: a collection of garbage, and the way to a network board and back. */
const ANSWER_MS = 700;
/** Ctrl-B: at the prompt it prints the banner again, in raw mode it returns to the friendly one. */
const CTRL_B = 0x02;

/**
 * True when the prompt answers. Nothing is interrupted and nothing typed is run: a program that
 * runs finds one 0x02 in its input, which the prompt takes as "print the banner" when it ends.
 * @throws BoardError cancelled; port-lost
 */
export async function isAtPrompt(port: Port, clock: Clock, job: Job): Promise<boolean> {
  const inbox = new Inbox(port, clock);
  try {
    throwIfCancelled(job);
    await port.write(Uint8Array.of(CTRL_B));
    return await inbox.skipPast(Buffer.from('\n>>> '), clock.now() + ANSWER_MS, job.signal);
  } finally {
    inbox.dispose();
  }
}
