/**
 * A person at a board's prompt, in a terminal: keys go to the board as they are, Ctrl-] leaves.
 * Below: the board's console. Above: commands/run.ts.
 */
import type { Board } from '../board/board';
import type { Context } from './context';

/** What is used of `process.stdin`. */
export interface Keyboard {
  setRawMode(on: boolean): unknown;
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
  off(event: 'data', listener: (bytes: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** Ctrl-], as in miniterm and telnet. */
const LEAVE = 0x1d;
const ENTER = 0x0d;

/** Until Ctrl-] is pressed or `signal` is aborted. @throws BoardError as opening the port throws */
export async function talkAtPrompt(
  board: Board,
  keyboard: Keyboard,
  screen: Pick<Context, 'raw' | 'say'>,
  signal: AbortSignal,
): Promise<void> {
  const decoder = new TextDecoder();
  const shown = board.onConsole((bytes) => {
    // A character may come in two packets.
    screen.raw(Buffer.from(decoder.decode(bytes, { stream: true })));
  });
  const noted = board.onConsoleNote((note) => screen.say(`\r\n${board.name}: ${note}`));
  const console = await board.openConsole();
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => (leave = resolve));
  const typed = (bytes: Buffer): void => {
    const end = bytes.indexOf(LEAVE);
    const before = end < 0 ? bytes : bytes.subarray(0, end);
    if (before.length > 0) void console.write(before).catch(() => undefined);
    if (end >= 0) leave();
  };
  signal.addEventListener('abort', leave, { once: true });
  keyboard.setRawMode(true);
  keyboard.on('data', typed);
  keyboard.resume();
  try {
    await console.write(Uint8Array.of(ENTER)); // so that the prompt shows
    await left;
  } finally {
    keyboard.off('data', typed);
    keyboard.setRawMode(false);
    keyboard.pause();
    signal.removeEventListener('abort', leave);
    for (const open of [shown, noted, console]) open.dispose();
    screen.raw(Buffer.from('\r\n'));
  }
}
