/**
 * The bytes of an NVS page: its header, and entries with their checks.
 * Below: nothing. Above: nvs.ts.
 *
 * Source: ESP-IDF Programming Guide, "Non-Volatile Storage Library", "Internals" (structure of a page
 * and of an entry; CRC32 over all of an entry but the CRC itself).
 */

export const PAGE = 4096;
/** Bytes of an entry, of the header, and of the bitmap. */
export const ENTRY = 32;
/** Entries of a page, after header and bitmap. */
export const ENTRIES = 126;

/** Bits go from 1 to 0 only, so a page's life runs downwards. */
export const PAGE_STATE = {
  empty: 0xffff_ffff,
  active: 0xffff_fffe,
  full: 0xffff_fffc,
  freeing: 0xffff_fff8,
} as const;

/** The two bits of an entry in the bitmap. */
export const STATE_EMPTY = 0b11;
export const STATE_WRITTEN = 0b10;
export const STATE_ERASED = 0b00;

const VERSION_2 = 0xfe;
/** Strings and chunks of blobs: their bytes follow in entries of their own. */
const LONG_TYPES: ReadonlySet<number> = new Set([0x21, 0x41, 0x42]);

export interface NvsItem {
  /** 0 holds the names of the others. */
  readonly namespace: number;
  readonly type: number;
  /** Of a blob's chunk; 255 for all else. */
  readonly chunk: number;
  readonly key: string;
  /** Eight bytes, or those of a chunk. */
  readonly data: Uint8Array;
}

/** An item where it stands. */
export interface Item extends NvsItem {
  readonly index: number;
  /** Entries it takes. */
  readonly span: number;
}

/** CRC-32 as ESP-IDF's NVS starts it, with 0xFFFFFFFF as the value before: register 0. */
export function nvsCrc(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** The first 32 bytes of a page that is taken into use. */
export function pageHeader(sequence: number): Uint8Array {
  const header = new Uint8Array(ENTRY).fill(255);
  const view = new DataView(header.buffer);
  view.setUint32(0, PAGE_STATE.active, true);
  view.setUint32(4, sequence, true);
  header[8] = VERSION_2;
  view.setUint32(28, nvsCrc(header.subarray(4, 28)), true);
  return header;
}

/** State and sequence number of a page, or undefined where there is no whole header. */
export function readHeader(header: Uint8Array): { state: number; sequence: number } | undefined {
  const view = new DataView(header.buffer, header.byteOffset);
  if (view.getUint32(28, true) !== nvsCrc(header.subarray(4, 28))) return undefined;
  const state = view.getUint32(0, true);
  const known = [PAGE_STATE.active, PAGE_STATE.full, PAGE_STATE.freeing].some((s) => s === state);
  return known ? { state, sequence: view.getUint32(4, true) } : undefined;
}

/** An item's entries. */
export function encodeItem(item: NvsItem): Uint8Array {
  const long = LONG_TYPES.has(item.type);
  const span = 1 + (long ? Math.ceil(item.data.length / ENTRY) : 0);
  const bytes = new Uint8Array(span * ENTRY).fill(255);
  const view = new DataView(bytes.buffer);
  bytes.set([item.namespace, item.type, span, item.chunk]);
  bytes.fill(0, 8, 24);
  bytes.set(Buffer.from(item.key), 8);
  if (long) {
    view.setUint16(24, item.data.length, true);
    view.setUint32(28, nvsCrc(item.data), true);
    bytes.set(item.data, ENTRY);
  } else bytes.set(item.data, 24);
  view.setUint32(4, headCrc(bytes), true);
  return bytes;
}

/** The item that begins with these entries; undefined where its checks fail. */
export function decodeItem(bytes: Uint8Array): (NvsItem & { readonly span: number }) | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [namespace, type, span, chunk] = bytes as unknown as [number, number, number, number];
  if (span < 1 || span * ENTRY > bytes.length) return undefined;
  if (view.getUint32(4, true) !== headCrc(bytes)) return undefined;
  const end = bytes.subarray(8, 24).indexOf(0);
  const key = Buffer.from(bytes.subarray(8, end < 0 ? 24 : 8 + end)).toString('utf8');
  if (!LONG_TYPES.has(type))
    return { namespace, type, chunk, key, span, data: bytes.slice(24, 32) };
  const data = bytes.slice(ENTRY, ENTRY + view.getUint16(24, true));
  if (nvsCrc(data) !== view.getUint32(28, true)) return undefined;
  return { namespace, type, chunk, key, span, data };
}

function headCrc(entry: Uint8Array): number {
  return nvsCrc(Uint8Array.from([...entry.subarray(0, 4), ...entry.subarray(8, ENTRY)]));
}
