import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { Emitter } from '../core/event';
import type { Board } from '../board/board';
import { talkAtPrompt } from './repl';

class FakeKeyboard extends EventEmitter {
  readonly modes: boolean[] = [];
  setRawMode(on: boolean): void {
    this.modes.push(on);
  }
  resume(): void {}
  pause(): void {}
}

function setUp() {
  const printed = new Emitter<Uint8Array>();
  const written: string[] = [];
  let open = 0;
  const board = {
    name: 'one',
    onConsole: printed.event,
    onConsoleNote: new Emitter<string>().event,
    openConsole: async () => {
      open++;
      const write = async (bytes: Uint8Array) => void written.push(Buffer.from(bytes).toString());
      return { write, dispose: () => void open-- };
    },
  } as unknown as Board;
  const screen = { text: '', raw: (bytes: Uint8Array) => (screen.text += Buffer.from(bytes)) };
  const abort = new AbortController();
  const keyboard = new FakeKeyboard();
  const done = talkAtPrompt(
    board,
    keyboard,
    { raw: screen.raw as (bytes: Uint8Array) => void, say: () => undefined },
    abort.signal,
  );
  return { printed, written, keyboard, screen, abort, done, opened: () => open };
}

test('keys go to the board as they are, until Ctrl-]', async () => {
  const { keyboard, written, done, opened } = setUp();
  await new Promise(setImmediate);
  keyboard.emit('data', Buffer.from('print(1)\r\x03'));
  keyboard.emit('data', Buffer.from('x\x1dnever'));
  await done;
  assert.deepEqual(written, ['\r', 'print(1)\r\x03', 'x']);
  assert.deepEqual(keyboard.modes, [true, false]);
  assert.equal(keyboard.listenerCount('data'), 0);
  assert.equal(opened(), 0);
});

test('a character that comes in two packets is shown whole', async () => {
  const { printed, screen, abort, done } = setUp();
  await new Promise(setImmediate);
  const bytes = Buffer.from('ž');
  printed.fire(bytes.subarray(0, 1));
  printed.fire(bytes.subarray(1));
  abort.abort();
  await done;
  assert.equal(screen.text, 'ž\r\n');
});
