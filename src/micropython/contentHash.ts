/**
 * Hashes of content, as a board and this computer both count them.
 * Below: nothing. Above: transfer.ts, putSession.ts, getSession.ts, sync.
 */
import { createHash } from 'node:crypto';

/** What a board's firmware can count: `length` where it has neither hashlib nor binascii.crc32. */
export type HashKind = 'sha256' | 'crc32' | 'length';

/**
 * Hex digits of a hash that tell whether a file changed: 64 bits. What is written is checked by the
 * whole of it.
 */
export const SHORT_HASH = 16;

/** What a board says of a file's content. `length` alone proves nothing but a difference. */
export interface ContentHash {
  readonly kind: HashKind;
  /** Its beginning, {@link SHORT_HASH} digits, or all of it. */
  readonly value: string;
  readonly length: number;
}

/** The hash of `bytes` as a board writes it: lower-case hex, '' for `length`. */
export function hashValue(kind: HashKind, bytes: Uint8Array): string {
  return kind === 'sha256' ? sha256(bytes) : kind === 'crc32' ? crc32(bytes) : '';
}

/** True when `bytes` have that hash. A length that fits is enough only for what was just written. */
export function matches(hash: ContentHash, bytes: Uint8Array, lengthIsEnough = false): boolean {
  if (hash.length !== bytes.length) return false;
  return hash.kind === 'length' ? lengthIsEnough : startsAs(hashValue(hash.kind, bytes), hash);
}

function startsAs(whole: string, { kind, value }: ContentHash): boolean {
  return value.length >= (kind === 'sha256' ? SHORT_HASH : whole.length) && whole.startsWith(value);
}

/** SHA-256 in lower-case hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** CRC-32 (IEEE 802.3) as eight hex digits, as `binascii.crc32` counts it. */
export function crc32(bytes: Uint8Array): string {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});
