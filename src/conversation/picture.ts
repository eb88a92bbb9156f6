/**
 * Is that a picture, and how large does it say it is? Only headers are read: whether it may be drawn
 * is decided before a decoder sees it. Pure. Below: nothing. Above: payload.ts, viewFeed.ts.
 */

export interface Picture {
  readonly type: 'image/png' | 'image/jpeg';
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** More pixels than this are not drawn: a few kilobytes of PNG can claim gigabytes. */
export const MOST_PIXELS = 16_000_000;

/** @param bytes of any length and content */
export function pictureOf(bytes: Uint8Array): Picture | undefined {
  return pngOf(bytes) ?? jpegOf(bytes);
}

/** PNG specification, section 5.2 (signature) and 11.2.2 (IHDR comes first). */
function pngOf(bytes: Uint8Array): Picture | undefined {
  const head = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52,
  ];
  if (bytes.length < 24 || head.some((byte, i) => bytes[i] !== byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return sized('image/png', view.getUint32(16), view.getUint32(20));
}

/** ITU T.81, B.1.1.3: segments with their length until a start of frame (SOF0 to SOF15). */
function jpegOf(bytes: Uint8Array): Picture | undefined {
  if (bytes.length < 12 || bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 9 <= bytes.length;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at++;
      continue;
    }
    // C4, C8 and CC are tables in the same range.
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame) return sized('image/jpeg', view.getUint16(at + 7), view.getUint16(at + 5));
    const alone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9);
    at += alone ? 2 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}

function sized(type: Picture['type'], width: number, height: number): Picture | undefined {
  return width > 0 && height > 0 ? { type, width, height } : undefined;
}
