/**
 * Reads what a flasher left in the flash, as an ESP32 does at boot: application images and the
 * partition table.
 * Below: flash.ts. Above: bootloader.ts says what a board prints about it.
 *
 * Sources: Espressif, esptool documentation, "Firmware Image Format"; ESP-IDF Programming Guide,
 * "Partition Tables" and "App Image Format".
 */
import { createHash } from 'node:crypto';
import type { Chip } from './chips';
import type { Flash } from './flash';

const IMAGE_MAGIC = 0xe9;
const IMAGE_HEADER = 24;
const MAX_SEGMENTS = 16;
const CHECKSUM_SEED = 0xef;
const HASH_LENGTH = 32;
const APP_DESCRIPTION_MAGIC = 0xabcd_5432;
/** Where the partition table lies in the flash of every chip here. */
export const PARTITION_TABLE = 0x8000;
const PARTITION_TABLE_SIZE = 0xc00;

export interface Segment {
  /** Where in the chip's memory it goes. */
  readonly address: number;
  readonly length: number;
}

export interface Image {
  /** The first four bytes as a little-endian word: the ROM prints it when they are no header. */
  readonly firstWord: number;
  readonly chipId: number;
  /** The address at which it starts. */
  readonly entry: number;
  readonly segments: readonly Segment[];
  /** What is wrong with it; undefined for a sound image. */
  readonly fault?: ImageFault;
  /** Name of the project in its description, where it has one ("micropython"). */
  readonly project?: string;
  /** True where the word MicroPython stands in it. */
  readonly mentionsMicroPython: boolean;
}

export type ImageFault =
  | { readonly kind: 'magic' }
  | { readonly kind: 'chip' }
  | { readonly kind: 'segments'; readonly count: number }
  | { readonly kind: 'length'; readonly segment: number; readonly length: number }
  | { readonly kind: 'checksum'; readonly calculated: number; readonly stored: number }
  | { readonly kind: 'hash' };

/**
 * The image at `offset`, every check done in the order in which a board does them.
 * @param room bytes that it may take (its partition)
 */
export function readImage(chip: Chip, flash: Flash, offset: number, room: number): Image {
  const bytes = flash.read(offset, Math.min(room, flash.size - offset));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments: Segment[] = [];
  const image = {
    firstWord: view.getUint32(0, true),
    chipId: view.getUint16(12, true),
    entry: view.getUint32(4, true),
    segments,
    mentionsMicroPython: false,
  };
  if (bytes[0] !== IMAGE_MAGIC) return { ...image, fault: { kind: 'magic' } };
  if (image.chipId !== chip.imageChipId) return { ...image, fault: { kind: 'chip' } };
  const count = bytes[1]!;
  if (count === 0 || count > MAX_SEGMENTS) {
    return { ...image, fault: { kind: 'segments', count } };
  }
  let at = IMAGE_HEADER;
  let sum = CHECKSUM_SEED;
  for (let i = 0; i < count; i++) {
    const head = at + 8 <= bytes.length;
    const length = head ? view.getUint32(at + 4, true) : 0;
    if (!head || at + 8 + length >= bytes.length) {
      return { ...image, fault: { kind: 'length', segment: i, length } };
    }
    segments.push({ address: view.getUint32(at, true), length });
    at += 8;
    for (const end = at + length; at < end; at++) sum ^= bytes[at]!;
  }
  // The checksum is the last byte of a block of sixteen; the hash, where there is one, comes next.
  const end = (at | 15) + 1;
  const stored = bytes[end - 1] ?? 0xff;
  if (stored !== sum) {
    return { ...image, fault: { kind: 'checksum', calculated: sum, stored } };
  }
  if (bytes[23] === 1) {
    const hash = createHash('sha256').update(bytes.subarray(0, end)).digest();
    if (!hash.equals(bytes.subarray(end, end + HASH_LENGTH))) {
      return { ...image, fault: { kind: 'hash' } };
    }
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, end);
  return { ...image, project: project(text), mentionsMicroPython: text.includes('MicroPython') };
}

/** The project's name in the description that stands first in the first segment (esp_app_desc_t). */
function project(image: Buffer): string | undefined {
  const description = IMAGE_HEADER + 8;
  if (image.length < description + 256) return undefined;
  if (image.readUInt32LE(description) !== APP_DESCRIPTION_MAGIC) return undefined;
  const name = image.subarray(description + 48, description + 80).toString('latin1');
  return name.split('\0')[0];
}

export interface Partition {
  readonly type: number;
  readonly subtype: number;
  readonly offset: number;
  readonly size: number;
  readonly label: string;
}

export type PartitionTable =
  | { readonly partitions: readonly Partition[] }
  | { readonly fault: 'magic' | 'md5'; readonly entry: number; readonly found: number };

/** The partition table at 0x8000, its MD5 checked where it has one. */
export function readPartitions(flash: Flash): PartitionTable {
  const bytes = Buffer.from(flash.read(PARTITION_TABLE, PARTITION_TABLE_SIZE));
  const partitions: Partition[] = [];
  for (let at = 0; at < bytes.length; at += 32) {
    const magic = bytes.readUInt16LE(at);
    if (magic === 0x50aa) {
      partitions.push({
        type: bytes[at + 2]!,
        subtype: bytes[at + 3]!,
        offset: bytes.readUInt32LE(at + 4),
        size: bytes.readUInt32LE(at + 8),
        label: bytes
          .subarray(at + 12, at + 28)
          .toString('latin1')
          .split('\0')[0]!,
      });
    } else if (magic === 0xebeb) {
      const md5 = createHash('md5').update(bytes.subarray(0, at)).digest();
      if (!md5.equals(bytes.subarray(at + 16, at + 32))) {
        return { fault: 'md5', entry: at / 32, found: magic };
      }
    } else if (magic === 0xffff && at > 0) {
      break;
    } else {
      return { fault: 'magic', entry: at / 32, found: magic };
    }
  }
  return { partitions };
}

/** The application that is started: the factory one, else the first for updates over the air. */
export function bootPartition(partitions: readonly Partition[]): Partition | undefined {
  const apps = partitions.filter((p) => p.type === 0);
  return apps.find((p) => p.subtype === 0) ?? apps.find((p) => (p.subtype & 0xf0) === 0x10);
}
