import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PREVIEW_CHARACTERS, readable, visible, visibleLine, wholeText } from './payload';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a payload made readable', () => {
  test('plain text, JSON, nothing, bytes', () => {
    assert.deepEqual(readable(utf8('hello #1')), { kind: 'text', text: 'hello #1', cut: false });
    assert.equal(readable(utf8('{"t": 21.5}')).kind, 'json');
    assert.equal(readable(utf8('{"t": ')).kind, 'text');
    assert.equal(readable(utf8('21.5')).kind, 'text');
    assert.deepEqual(readable(new Uint8Array()), { kind: 'empty', text: '', cut: false });
    const bytes = readable(Uint8Array.of(0xff, 0x00, 0x7f));
    assert.deepEqual(bytes, { kind: 'binary', text: 'ff 00 7f', cut: false });
    assert.equal(readable(utf8('a\0b')).kind, 'binary');
  });

  test('long text is cut, never inside a character', () => {
    const exact = readable(utf8('x'.repeat(PREVIEW_CHARACTERS)));
    assert.equal(exact.cut, false);
    const emoji = readable(utf8('x' + '😀'.repeat(PREVIEW_CHARACTERS)));
    assert.equal(emoji.kind, 'text');
    assert.equal(emoji.cut, true);
    assert.ok(emoji.text.length <= PREVIEW_CHARACTERS);
    assert.doesNotMatch(emoji.text, /[\ud800-\udbff]$/);
    const three = readable(utf8('€'.repeat(1_000_000)));
    assert.equal(three.text, '€'.repeat(PREVIEW_CHARACTERS));
    const binary = readable(new Uint8Array(1_000_000).fill(0xfe));
    assert.equal(binary.cut, true);
    assert.ok(binary.text.length < 1000);
  });

  test('what deceives the eye is shown', () => {
    assert.equal(visible('\u001b[31mred\u0007'), '\\x1b[31mred\\x07');
    assert.equal(visible('a\r\nb\tc\rd'), 'a\nb\tc\\rd');
    assert.equal(visible('user\u202e txt.exe'), 'user\\u202e txt.exe');
    assert.equal(visible('\u009b1m'), '\\x9b1m');
    assert.equal(visible('grüße 你好 😀 <b>'), 'grüße 你好 😀 <b>');
    assert.equal(visibleLine('a\nb'), 'a\\nb');
    assert.equal(visibleLine('x'.repeat(300)), `${'x'.repeat(200)}…`);
  });

  test('any bytes: bounded, and without control characters', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 9000 }), (bytes) => {
        const { text } = readable(bytes);
        // Each unit can become six ("\u202e").
        assert.ok(text.length <= PREVIEW_CHARACTERS * 6);
        // eslint-disable-next-line no-control-regex
        assert.doesNotMatch(text, /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });
});

test('brackets in brackets without end are shown as they are, not laid out', () => {
  const deep = '['.repeat(50_000) + ']'.repeat(50_000);
  assert.deepEqual(wholeText(Buffer.from(deep)), { text: deep, language: 'plaintext' });
  assert.equal(wholeText(Buffer.from('{"a":[1]}')).language, 'json');
});
