/**
 * Bytes from anybody made safe and readable: what is shown of a payload, a topic or a client id.
 * Pure. Below: picture.ts, protocol's types. Above: model.ts. The view shows the result as text, never as HTML.
 */
import { pictureOf } from './picture';
import type { PayloadKind } from './protocol';
import { t } from '../core/words';

export interface Readable {
  readonly kind: PayloadKind;
  readonly text: string;
  /** `text` does not show all of the payload. */
  readonly cut: boolean;
}

/** How much of a payload is shown, in characters; the rest is counted only. */
export const PREVIEW_CHARACTERS = 2000;
const PREVIEW_HEX_BYTES = 256;
/** JSON deeper than this is not laid out. */
const MOST_DEPTH = 64;

/** @param bytes of any length and content; only the first few thousand are looked at. */
export function readable(bytes: Uint8Array): Readable {
  if (bytes.length === 0) return { kind: 'empty', text: '', cut: false };
  // A character takes at most four bytes of UTF-8.
  const head = bytes.subarray(0, PREVIEW_CHARACTERS * 4);
  const text = decode(head, head.length < bytes.length);
  if (text === undefined || text.includes('\0')) {
    const picture = pictureOf(bytes);
    if (!picture) return hexDump(bytes);
    const { type, width, height } = picture;
    const name = type === 'image/png' ? 'PNG' : 'JPEG';
    return {
      kind: 'image',
      text: t('{name} picture, {width} × {height}', { name, width, height }),
      cut: false,
    };
  }
  const shown = firstCharacters(text, PREVIEW_CHARACTERS);
  const cut = shown.length < text.length || head.length < bytes.length;
  const kind = !cut && isJson(text) ? 'json' : 'text';
  return { kind, text: visible(shown), cut };
}

function hexDump(bytes: Uint8Array): Readable {
  const head = bytes.subarray(0, PREVIEW_HEX_BYTES);
  const text = Array.from(head, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return { kind: 'binary', text, cut: head.length < bytes.length };
}

/** UTF-8 as text, or undefined when it is none. `more`: the last character may be cut in two. */
function decode(bytes: Uint8Array, more: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, {
      stream: more,
    });
  } catch {
    return undefined;
  }
}

/** The first `count` UTF-16 units of `text`, one fewer where that would split a pair. */
function firstCharacters(text: string, count: number): string {
  if (text.length <= count) return text;
  const last = text.charCodeAt(count - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? count - 1 : count);
}

/** A payload for the clipboard: as it was said where it is text, else in hex. */
export function asSaid(bytes: Uint8Array): string {
  return decode(bytes, false) ?? Buffer.from(bytes).toString('hex');
}

/** All of a payload for an editor: JSON laid out, other text as it is, bytes as a dump with offsets. */
export function wholeText(bytes: Uint8Array): { readonly text: string; readonly language: string } {
  const text = decode(bytes, false);
  if (text === undefined || text.includes('\0'))
    return { text: dump(bytes), language: 'plaintext' };
  if (tooDeep(text) || !isJson(text)) return { text: visible(text), language: 'plaintext' };
  return { text: JSON.stringify(JSON.parse(text), null, 2), language: 'json' };
}

/**
 * True for brackets in brackets that nobody means: laid out, a payload of a few kilobytes of them
 * would take gigabytes.
 */
function tooDeep(text: string): boolean {
  let depth = 0;
  for (let n = 0; n < text.length; n++) {
    const c = text.charCodeAt(n);
    if (c === 0x5b || c === 0x7b) depth++;
    else if (c === 0x5d || c === 0x7d) depth--;
    if (depth > MOST_DEPTH) return true;
  }
  return false;
}

/** Offset, sixteen bytes, and what of them is readable, as hex dumps are everywhere. */
function dump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '.')).join('');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(47)}  ${text}`);
  }
  return lines.join('\n');
}

/** Only objects and lists: every number and quoted word is JSON too, but nobody means it so. */
function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * `text` with what could deceive the eye made visible: control characters as a program writes them
 * (an ANSI escape shows as \x1b[31m), and the marks that reorder text (UAX #9: the Trojan Source
 * trick) as their code. Line feed and tab stay, a CR before a line feed goes.
 */
export function visible(text: string): string {
  return (
    text
      .replace(/\r\n/g, '\n')
      // eslint-disable-next-line no-control-regex -- control characters are the subject here
      .replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, (c) => (c === '\r' ? '\\r' : escaped('x', 2, c)))
      .replace(/[\u200e\u200f\u061c\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (c) =>
        escaped('u', 4, c),
      )
  );
}

function escaped(letter: string, digits: number, character: string): string {
  return `\\${letter}${character.charCodeAt(0).toString(16).padStart(digits, '0')}`;
}

/** {@link visible} on one line and at most `limit` characters: for topics and names. */
export function visibleLine(text: string, limit = 200): string {
  const line = visible(firstCharacters(text, limit)).replace(/\n/g, '\\n').replace(/\t/g, ' ');
  return text.length > limit ? `${line}…` : line;
}
