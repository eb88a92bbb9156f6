/**
 * From any state of the board to a raw prompt that is known to answer, within one deadline.
 * Below: inbox.ts and a way to write. Above: rawRepl.ts, when it enters and after every stop.
 */
import type { Clock } from '../core/clock';
import { BoardError, type BoardErrorCode } from '../core/errors';
import type { Inbox } from './inbox';

export interface Seek {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/**
 * The Ctrl-C of each round: so many writes of so many. One stops a well-behaved program. A program
 * that loops round `try: ... except: pass` swallows it; it is stopped by a Ctrl-C that lands while
 * the handler of the one before is running, so that KeyboardInterrupt is raised outside the `try`.
 * That moment is short, so it is tried often and at many distances: in bursts, where bytes follow
 * each other at the pace of the line (87 us at 115200 baud), and in single writes some ms apart,
 * which a network port does not merge. Each round stays under the 260 bytes of the ESP32's receive
 * ring, should nobody be there to take them as interrupts.
 */
const rounds = [
  { writes: 1, size: 2 },
  { writes: 1, size: 16 },
  { writes: 60, size: 2 },
  { writes: 1, size: 96 },
  { writes: 120, size: 1 },
  { writes: 20, size: 6 },
] as const;
/** Milliseconds between the writes of a round, in turn. */
const gaps = [1, 3, 2, 5] as const;
/** Time for the answer of each round, in ms; the last one holds for all that follow. */
const waits = [250, 250, 300, 400, 600, 1000] as const;

const BANNER = Buffer.from('raw REPL; CTRL-B to exit\r\n>');
/** After this many of the ROM's complaints, and this long, it is a boot loop and no old output. */
const BOOT_LOOP = { lines: 3, ms: 1000 } as const;

let marks = 0;

/** What the ESP32's ROM prints, over and over, when the flash holds no program (ROM boot messages). */
export const NO_PROGRAM = 'invalid header';

/** @throws BoardError prompt-timeout, no-micropython (both details { seen, reason }); cancelled; port-lost */
export async function seekPrompt({ inbox, clock, write, deadlineMs, signal }: Seek): Promise<void> {
  const start = clock.now();
  const end = start + deadlineMs;
  const seen = new Seen();
  const look = (bytes: Uint8Array): void => {
    seen.add(bytes);
    if (seen.bootLoops >= BOOT_LOOP.lines && clock.now() - start >= BOOT_LOOP.ms) {
      throw seen.failure();
    }
  };
  for (let round = 0; clock.now() < end; round++) {
    // Ctrl-C first, and no CR before it: a half-typed line at the prompt must not be run.
    const { writes, size } = rounds[round % rounds.length] ?? rounds[0];
    const ctrlC = new Uint8Array(size).fill(0x03);
    for (let i = 1; i < writes && clock.now() < end; i++) {
      await write(ctrlC);
      await clock.sleep(gaps[i % gaps.length] ?? 1);
    }
    await write(Buffer.concat([ctrlC, Buffer.from('\r\x01')]));
    const roundEnd = Math.min(end, clock.now() + (waits[round] ?? 1000));
    if (!(await inbox.skipPast(BANNER, roundEnd, signal, look))) continue;
    // The banner may be an answer to an earlier round, with more to come. The mark is answered last.
    const mark = `parley ${++marks}.`;
    await write(Buffer.from(`__import__('sys').stdout.write('parley %d.'%${marks})\x04`));
    const markEnd = Math.min(end, clock.now() + 1000);
    if (!(await inbox.skipPast(Buffer.from(mark), markEnd, signal, look))) continue;
    if (await inbox.skipPast(Buffer.from('\x04\x04>'), markEnd, signal, look)) return;
  }
  throw seen.failure();
}

/** What the board said instead of a prompt: the end of it, and what it tells. */
class Seen {
  bootLoops = 0;
  private text = '';
  private total = 0;

  add(bytes: Uint8Array): void {
    this.total += bytes.length;
    const fresh = Buffer.from(bytes).toString('latin1');
    const before = count(this.text.slice(-NO_PROGRAM.length + 1) + fresh, NO_PROGRAM);
    this.bootLoops += before;
    this.text = (this.text + fresh).slice(-400);
  }

  failure(): BoardError {
    const [code, reason, message] = this.judge();
    const printable = Buffer.from(this.text, 'latin1').toString('utf8').slice(-200);
    return new BoardError(code, message, { details: { seen: printable, reason } });
  }

  private judge(): [BoardErrorCode, string, string] {
    if (this.total === 0) return ['no-micropython', 'silent', 'the board says nothing at all'];
    if (this.bootLoops > 0) return ['no-micropython', 'boot-loop', 'the ROM finds no program'];
    if (this.text.includes('waiting for download')) {
      return ['prompt-timeout', 'download-mode', 'the board waits in its ROM loader'];
    }
    return ['prompt-timeout', 'no-prompt', 'no prompt before the deadline'];
  }
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
