import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bannerVersion,
  endsWithPrompt,
  InputReader,
  inputToSend,
  pieces,
  TerminalDecoder,
} from './terminalText';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a board in a terminal', () => {
  test('a character split between packets at any byte stays whole', () => {
    const text = 'Grüße 🤖 fin\r\n';
    const all = bytes(text);
    for (let cut = 0; cut <= all.length; cut++) {
      const decoder = new TerminalDecoder();
      assert.equal(decoder.decode(all.subarray(0, cut)) + decoder.decode(all.subarray(cut)), text);
    }
  });

  test('a lone LF returns the carriage, CR LF is left as it is, also across packets', () => {
    const decoder = new TerminalDecoder();
    assert.equal(decoder.decode(bytes('a\nb\r\nc\r')), 'a\r\nb\r\nc\r');
    assert.equal(decoder.decode(bytes('\nd')), '\nd');
  });

  test('garbage is shown, not thrown', () => {
    const decoder = new TerminalDecoder();
    assert.equal(decoder.decode(Uint8Array.of(0xff, 0x41)), '\ufffdA');
  });

  test('the prompt is known at the start of a line only', () => {
    assert.equal(endsWithPrompt('\r\n>>> '), true);
    assert.equal(endsWithPrompt('>>> '), true);
    assert.equal(endsWithPrompt('... >>> '), false);
    assert.equal(endsWithPrompt('\r\n>>> x'), false);
    assert.equal(endsWithPrompt('\r\n... '), false);
  });

  test('several lines pasted at the prompt go through paste mode; a program gets them as typed', () => {
    assert.equal(inputToSend('if 1:\n  x\n', true), '\x05if 1:\r  x\r\x04');
    assert.equal(inputToSend('a\r\nb', false), 'a\rb');
    assert.equal(inputToSend('x = 1\r', true), 'x = 1\r');
    assert.equal(inputToSend('\x03', true), '\x03');
  });

  test('what is pasted loses its common indent; tabs and several lines need paste mode', () => {
    assert.equal(inputToSend('    a = 1\n    b = 2\n', true, true), '\x05a = 1\rb = 2\r\x04');
    assert.equal(inputToSend('if x:\n\ty()', true, true), '\x05if x:\r\ty()\x04');
    assert.equal(inputToSend('\tx = 1', true, true), '\x05x = 1\x04');
    assert.equal(inputToSend('x', true, true), 'x');
    assert.equal(inputToSend("'ž'", true, true), "\x05'ž'\x04");
    assert.equal(inputToSend('\t', true, false), '\t');
    assert.equal(inputToSend('a\n\x04b\x03', true, true), '\x05a\rb\x04');
  });

  test('a paste is whole however its pieces come, and typing goes on around it', () => {
    const all = 'x\x1b[200~one\rtwo\x1b[201~y';
    for (let cut = 4; cut < all.length; cut++) {
      const reader = new InputReader();
      const found = [...reader.read(all.slice(0, cut)), ...reader.read(all.slice(cut))];
      const pasted = found.filter((part) => part.pasted).map((part) => part.text);
      if (cut >= 7) assert.deepEqual(pasted, ['one\rtwo'], `cut at ${cut}`);
    }
    assert.deepEqual(new InputReader().read('\x03'), [{ text: '\x03', pasted: false }]);
    assert.deepEqual(new InputReader().read('\x1b[A'), [{ text: '\x1b[A', pasted: false }]);
  });

  test('pieces are small enough for the receive ring and lose nothing', () => {
    const all = Uint8Array.from({ length: 200 }, (_, i) => i);
    const parts = pieces(all);
    assert.ok(parts.every((part) => part.length > 0 && part.length <= 64));
    assert.deepEqual(Buffer.concat(parts), Buffer.from(all));
    assert.deepEqual(pieces(new Uint8Array()), []);
  });

  test('the banner tells the version', () => {
    const banner = 'MicroPython v1.13 on 2020-09-02; ESP32 module with ESP32';
    assert.equal(bannerVersion(banner), '1.13');
    const preview = 'MicroPython v1.27.0-preview.12 on 2025-12-10; x';
    assert.equal(bannerVersion(preview), '1.27.0-preview.12');
    assert.equal(bannerVersion('I like MicroPython v1 on boards'), undefined);
  });
});
