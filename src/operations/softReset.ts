/**
 * Soft Reset: Ctrl-D at the prompt, which starts MicroPython, boot.py and main.py again and leaves the
 * chip alone: Wi-Fi and the clock go on. A program that runs is stopped first.
 * Below: Board's raw REPL bracket and console. Above: commands.
 */
import type { Board } from '../board/board';
import type { Job } from '../core/job';

/** Ctrl-D at the friendly prompt (MicroPython, "The MicroPython interactive interpreter mode"). */
const CTRL_D = 0x04;

/** @throws BoardError no-micropython, prompt-timeout, cancelled, port-lost and what opening a port throws */
export async function softReset(board: Board, job: Job): Promise<void> {
  await board.withRawRepl('Soft Reset', job, () => Promise.resolve());
  const console = await board.openConsole();
  try {
    await console.write(Uint8Array.of(CTRL_D));
  } finally {
    console.dispose();
  }
}
