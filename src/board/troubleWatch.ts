/**
 * Looks at what a board prints for signs of trouble that its program cannot tell of.
 * Below: nothing but text. Above: board.ts feeds it.
 */
import { BoardError } from '../core/errors';

/**
 * What ESP-IDF's brown-out handler prints before it resets the chip (esp_system, brownout.c:
 * "Brownout detector was triggered"), and the reset reason after it (ROM: RTCWDT_BROWN_OUT_RESET).
 */
const BROWN_OUT = /Brownout detector was triggered|RTCWDT_BROWN_OUT_RESET/;
/** As long as the longest sign, so that one cut between two packets is seen. */
const KEPT = 40;

export class TroubleWatch {
  private tail = '';

  /** True when the bytes, with those before them, end a sign of a brown-out that is new. */
  printed(bytes: Uint8Array): boolean {
    const text = this.tail + Buffer.from(bytes).toString('latin1');
    const found = BROWN_OUT.test(text);
    this.tail = found ? '' : text.slice(-KEPT);
    return found;
  }
}

/** `error` for what it really is: a board whose supply breaks down does not get into its loader. */
export function withTrouble(error: unknown, printed: string, name: string): unknown {
  const silent = error instanceof BoardError && error.code === 'no-bootloader';
  if (!silent || !BROWN_OUT.test(printed)) return error;
  return new BoardError('brown-out', `${name} says that its voltage broke down`, { cause: error });
}
