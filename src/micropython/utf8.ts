/**
 * Text that arrives in packets: where a chunk may be cut without cutting a character.
 * Below: nothing. Above: rawRepl.ts.
 */

/**
 * Length of the longest front of `bytes` that ends on a whole UTF-8 character (RFC 3629 section 3).
 * Only a sequence that could still become whole is held back: at most 3 bytes, and bytes that are
 * not UTF-8 at all pass through.
 */
export function wholeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue; // a continuation byte: the lead byte is further left
    const expected = byte >= 0xf0 && byte < 0xf8 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return byte < 0xf8 && expected > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
