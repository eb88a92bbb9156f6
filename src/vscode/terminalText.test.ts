import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bannerVersion,
  endsWithPrompt,
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
