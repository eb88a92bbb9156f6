/**
 * A faster line while files are carried: both ends leave the prompt's rate, prove that they still
 * understand each other, and come back to it, whatever happens. The program on the board does its half
 * in a `try` of its own, so that a host that dies leaves a board at its usual rate.
 * Below: rawRepl.ts `Line`. Above: putSession.ts and getSession.ts.
 */
import { BoardError } from '../core/errors';
import type { Line } from './rawRepl';

/** What {@link RawRepl} knows of the rate a board may be tried at. */
export interface Faster {
  /** Bits per second; no faster line where it is not above the prompt's. */
  readonly baudRate: number;
  /** `baudRate` was tried in vain: the next try is slower; 'none': this board changes no rate. */
  refused(next: 'slower' | 'none'): void;
}

/** Bytes of files from which changing the rate, 0.1 s, pays. */
export const WORTH_BYTES = 30_000;
/** Time for the board's own change: it waits until its last answer has left. */
const SETTLE_MS = 60;
/** Time for an answer at the new rate; the pattern and its echo take 4 ms of it at 460800 baud. */
const PROOF_MS = 1000;
/** More than the board can wait for, with what damaged bytes may have made it expect. */
const FILL = new Uint8Array(160).fill(0xff);

/** Every bit next to every other, no 0x03, and at the end the sum of what is before, modulo 256. */
const PATTERN = Buffer.alloc(64);
for (let i = 0; i < 63; i++) PATTERN[i] = ((i * 37) & 0xff) | (i % 2 ? 0x10 : 0x80);
PATTERN[63] = PATTERN.reduce((sum, byte) => sum + byte, 0) & 0xff;

/** The last word of a program whose line was made faster. */
export const GOOD_BYE = 3;

/**
 * UART_CLKDIV of an ESP32's UART0: 20 bits, and 4 of sixteenths (ESP32 Technical Reference Manual,
 * UART_CLKDIV_REG). Whatever clock it divides, a smaller divider is that much faster. Chips whose
 * divider takes effect only with a further register, or whose prompt is behind USB, are left alone.
 * `$up(m)`: m begins with the rate now and the rate wanted, eight hex digits each: a byte 0x03 in a
 * number would be a Ctrl-C. `$down()` takes it back.
 */
export const rateCode = `
$Q=None
$T=$M('time')
$o=0
try:
 if $O.uname().machine.split(' with ')[-1]=='ESP32':
  $Q=$M('machine').mem32
except Exception:
 pass
def $up(m):
 global $o
 if not $Q or $o:
  return $say(0)
 k=$Q[0x3ff40014]
 d=((k&0xfffff)*16+(k>>20&15))*int(bytes(m[:8]),16)//int(bytes(m[8:16]),16)
 $say(1)
 $T.sleep_ms(20)
 $o=k
 $Q[0x3ff40014]=d>>4|(d&15)<<20
def $down():
 global $o
 if $o:
  $T.sleep_ms(20)
  $Q[0x3ff40014]=$o
  $o=0
`;

/** How the two programs are asked; each request is answered by a JSON line. */
export interface RateRequests {
  /** Says two rates to `$up`. */
  change(rates: Uint8Array): Promise<void>;
  /** Says bytes that come back in hex. */
  prove(pattern: Uint8Array): Promise<void>;
  answer(limitMs: number): Promise<unknown>;
}

/**
 * Makes the line faster where the board allows it.
 * @returns true when both ends speak at the new rate
 * @throws BoardError prompt-timeout when they do not understand each other there: the host is back at
 *   the rate before, the board's program ends and brings the board back
 */
export async function speedUp(line: Line, faster: Faster, ask: RateRequests): Promise<boolean> {
  const before = line.baudRate;
  const [now, wanted] = [before, faster.baudRate].map((n) => n.toString(16).padStart(8, '0'));
  await ask.change(Buffer.from(`${now}${wanted}`));
  if ((await ask.answer(PROOF_MS)) !== 1) {
    faster.refused('none');
    return false;
  }
  try {
    await line.setBaudRate(faster.baudRate);
    await line.clock.sleep(SETTLE_MS);
    await ask.prove(PATTERN);
    if ((await ask.answer(PROOF_MS)) === PATTERN.toString('hex')) return true;
  } catch (error) {
    if (error instanceof BoardError && error.code === 'port-lost') throw error;
  }
  faster.refused('slower');
  await giveUp(line, before);
  throw new BoardError('prompt-timeout', `no answer at ${faster.baudRate} baud`);
}

/**
 * The program has been told to end: takes its good-bye and brings the line back to `before`. Never
 * fails where the port is there: without the good-bye, the board's own deadline ends its program.
 */
export async function slowDown(line: Line, before: number, ask: RateRequests): Promise<void> {
  const said = await ask.answer(PROOF_MS).catch(() => undefined);
  if (said !== GOOD_BYE) return giveUp(line, before);
  await line.setBaudRate(before);
  // The board waits for this: nothing it says at the old rate comes before the host hears it.
  await line.write(Uint8Array.of(0x0a));
}

/** True where a slower line may do better: bytes were lost or damaged. */
export function mayBeItsRate(error: unknown): boolean {
  if (!(error instanceof BoardError) || error.details['errno'] !== undefined) return false;
  return ['prompt-timeout', 'put-failed', 'port-failed'].includes(error.code);
}

/** Host first, then bytes at the wrong rate: whatever the board waits for, this is none of it. */
async function giveUp(line: Line, before: number): Promise<void> {
  await line.setBaudRate(before);
  await line.write(FILL);
}
