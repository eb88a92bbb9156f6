/**
 * What a firmware file is, before anything is erased for it. Below: chips.ts. Above: checkImage.ts
 * and the flash operation. Format: "Firmware Image Format" in the esptool documentation, partition
 * table in ESP-IDF's "Partition Tables".
 */
import { createHash } from 'node:crypto';
import { BoardError } from '../core/errors';
import { chipByImageId, chipByName, chips, type Chip } from './chips';
import { t } from '../core/words';

export const IMAGE_MAGIC = 0xe9;
/** Magic of an ESP8266 image of the second format. */
export const ESP8266_V2_MAGIC = 0xea;
/** Of an image's header, for every chip but the ESP8266. */
export const HEADER_BYTES = 24;
const CHECKSUM_SEED = 0xef;
const MAX_SEGMENTS = 16;
const SHA256_BYTES = 32;
/** Where the partition table lies in the flash of every ESP32 that MicroPython is built for. */
export const TABLE_ADDRESS = 0x8000;
export const TABLE_BYTES = 0xc00;
const ENTRY_BYTES = 32;
/** Where a bootloader may stand in a merged image, which begins with the empty flash before it. */
const LEADS = [...new Set(chips.map((chip) => chip.microPythonOffset))].filter((at) => at > 0);
/** First word of esp_app_desc_t, which an application (and no bootloader) begins with. */
const APP_DESCRIPTOR_MAGIC = 0xabcd5432;

export interface ImageSegment {
  /** Where it is loaded, an address of the chip. */
  readonly address: number;
  /** Where its data begins in the file, bytes. */
  readonly offset: number;
  readonly length: number;
}

export interface PartitionInfo {
  readonly label: string;
  readonly type: number;
  readonly subtype: number;
  /** Bytes from the start of the flash. */
  readonly address: number;
  readonly size: number;
}

export interface ImageInfo {
  readonly kind: 'esp-image';
  /** The header's chip id; undefined for the ESP8266, which has none. */
  readonly chipId: number | undefined;
  /** Missing for a chip this project does not know. */
  readonly chip?: Chip;
  readonly segments: readonly ImageSegment[];
  /** True when a SHA-256 is appended; it has then been checked. */
  readonly hasHash: boolean;
  /**
   * 'complete': bootloader, partition table and application, as MicroPython's .bin;
   * 'application': an application alone, which does not start by itself;
   * 'single': one image without either, a bootloader for example.
   */
  readonly layout: 'complete' | 'application' | 'single';
  readonly partitions: readonly PartitionInfo[];
  /** The revisions it runs on, as 100 * major + minor; 0, and no upper one, where it does not say. */
  readonly minRevision: number;
  readonly maxRevision?: number;
  /**
   * Bytes of 0xFF before the image, as merged images for offset 0 have them (esptool merge-bin);
   * mostly 0.
   */
  readonly leadBytes: number;
  /** Length of the file. */
  readonly size: number;
}

interface OneImage {
  readonly chipId: number | undefined;
  readonly segments: ImageSegment[];
  readonly hasHash: boolean;
  readonly minRevision: number;
  readonly maxRevision?: number;
}

/**
 * Takes `bytes` for an image that begins at a chip's bootloader, or with the empty flash before it,
 * and checks what can be checked: magic, segment bounds, checksum, appended SHA-256, and the same of
 * each application in it.
 * @param fileName for the error's details
 * @throws BoardError not-an-image, image-corrupt; details { file, reason }
 */
export function parseImage(bytes: Uint8Array, fileName: string): ImageInfo {
  const lead = leadOf(bytes);
  if (lead === 0) return parseAtBootloader(bytes, fileName);
  const info = parseAtBootloader(bytes.subarray(lead), fileName);
  const segments = info.segments.map((one) => ({ ...one, offset: one.offset + lead }));
  return { ...info, segments, leadBytes: lead, size: bytes.length };
}

/** How much empty flash stands before the bootloader, or 0 where none does. */
function leadOf(bytes: Uint8Array): number {
  if (bytes[0] !== 0xff) return 0;
  for (const lead of LEADS) {
    if (bytes[lead] !== IMAGE_MAGIC || bytes.length < lead + 24) continue;
    if (!bytes.subarray(0, lead).every((byte) => byte === 0xff)) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (chipByImageId(view.getUint16(lead + 12, true))?.microPythonOffset === lead) return lead;
  }
  return 0;
}

function parseAtBootloader(bytes: Uint8Array, fileName: string): ImageInfo {
  const magic = bytes[0];
  if (magic === ESP8266_V2_MAGIC) return esp8266(bytes, []);
  if (magic !== IMAGE_MAGIC || bytes.length < 24) {
    const why = bytes.length < 24 ? t('it is too short') : t('it does not begin with 0xE9');
    throw new BoardError('not-an-image', `${fileName} is no ESP image: ${why}`, {
      details: { file: fileName, reason: why },
    });
  }
  if (looksLikeEsp8266(bytes)) {
    return esp8266(bytes, checkOne(bytes, 8, fileName, 'image').segments);
  }
  const first = checkOne(bytes, 24, fileName, 'bootloader');
  const chip = first.chipId === undefined ? undefined : chipByImageId(first.chipId);
  const partitions = chip ? readPartitions(bytes, TABLE_ADDRESS - chip.microPythonOffset) : [];
  const parts = [first];
  for (const { address, label, type } of partitions) {
    const at = address - (chip?.microPythonOffset ?? 0);
    // An OTA image's second slot is not in the file; that is no fault.
    if (type !== 0 || at < 0 || at >= bytes.length) continue;
    if (bytes[at] !== IMAGE_MAGIC) continue;
    parts.push(checkOne(bytes.subarray(at), 24, fileName, `app "${label}"`));
  }
  const atHeader = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isApp = bytes.length > 36 && atHeader.getUint32(32, true) === APP_DESCRIPTOR_MAGIC;
  const appInside = partitions.some((p) => {
    const at = p.address - (chip?.microPythonOffset ?? 0);
    return p.type === 0 && at >= 0 && bytes[at] === IMAGE_MAGIC;
  });
  if (partitions.length > 0 && !appInside) {
    throw corrupt(fileName, t('it ends before the application that its partition table names'));
  }
  const layout = appInside ? 'complete' : isApp ? 'application' : 'single';
  // Bootloader and application must both run on the chip.
  const minRevision = Math.max(...parts.map((part) => part.minRevision));
  const limits = parts.flatMap((part) => part.maxRevision ?? []);
  return {
    kind: 'esp-image',
    ...first,
    chip,
    layout,
    partitions,
    minRevision,
    maxRevision: limits.length > 0 ? Math.min(...limits) : undefined,
    leadBytes: 0,
    size: bytes.length,
  };
}

/** One image at the start of `bytes`. @throws BoardError image-corrupt, not-an-image */
function checkOne(
  bytes: Uint8Array,
  headerBytes: 8 | 24,
  fileName: string,
  what: string,
): OneImage {
  if (bytes.length < headerBytes) throw corrupt(fileName, t('the {what} is cut off', { what }));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes[1] ?? 0;
  if (count === 0 || count > MAX_SEGMENTS) {
    throw new BoardError('not-an-image', `${fileName}: ${count} segments`, {
      details: { file: fileName, reason: t('its header names {count} segments', { count }) },
    });
  }
  const segments: ImageSegment[] = [];
  let at: number = headerBytes;
  let checksum = CHECKSUM_SEED;
  for (let i = 0; i < count; i++) {
    if (at + 8 > bytes.length) throw corrupt(fileName, t('the {what} is cut off', { what }));
    const segment = {
      address: view.getUint32(at, true),
      offset: at + 8,
      length: view.getUint32(at + 4, true),
    };
    at = segment.offset + segment.length;
    if (at > bytes.length) throw corrupt(fileName, t('the {what} is cut off', { what }));
    for (let j = segment.offset; j < at; j++) checksum ^= bytes[j] ?? 0;
    segments.push(segment);
  }
  // The checksum is the last byte of a 16-byte line.
  const checksumAt = at | 15;
  if (checksumAt >= bytes.length) throw corrupt(fileName, t('the {what} is cut off', { what }));
  if (bytes[checksumAt] !== checksum) {
    throw corrupt(fileName, t('the checksum of the {what} is wrong', { what }));
  }
  if (headerBytes === 8) return { chipId: undefined, segments, hasHash: false, minRevision: 0 };
  const hasHash = bytes[23] === 1;
  if (hasHash) {
    const end = checksumAt + 1;
    const stored = bytes.subarray(end, end + SHA256_BYTES);
    const hash = createHash('sha256').update(bytes.subarray(0, end)).digest();
    if (!hash.equals(stored))
      throw corrupt(fileName, t('the SHA-256 of the {what} is wrong', { what }));
  }
  return { chipId: view.getUint16(12, true), segments, hasHash, ...revisionsOf(view) };
}

/**
 * Byte 14 is the least major revision; images of ESP-IDF 5 and later say more in two words after it,
 * and then the second is not 0.
 */
function revisionsOf(view: DataView): Pick<OneImage, 'minRevision' | 'maxRevision'> {
  const [min, max] = [view.getUint16(15, true), view.getUint16(17, true)];
  if (max === 0 || max === 0xffff) return { minRevision: view.getUint8(14) * 100 };
  return { minRevision: min, maxRevision: max };
}

/** The entries of a partition table at `at`, or none where there is no table. */
export function readPartitions(bytes: Uint8Array, at: number): PartitionInfo[] {
  const found: PartitionInfo[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = Math.min(at + TABLE_BYTES, bytes.length);
  for (let p = at; p + ENTRY_BYTES <= end; p += ENTRY_BYTES) {
    if (view.getUint16(p, true) !== 0x50aa) break;
    const label = bytes.subarray(p + 12, p + 28);
    const zero = label.indexOf(0);
    found.push({
      label: new TextDecoder('latin1').decode(zero < 0 ? label : label.subarray(0, zero)),
      type: bytes[p + 2] ?? 0,
      subtype: bytes[p + 3] ?? 0,
      address: view.getUint32(p + 4, true),
      size: view.getUint32(p + 8, true),
    });
  }
  return found;
}

/**
 * An ESP8266 header is 8 bytes, so a segment's load address stands where newer chips have pin and
 * chip fields: it lies in RAM or mapped flash (ESP8266 memory map), which those fields never spell.
 */
export function looksLikeEsp8266(bytes: Uint8Array): boolean {
  const address = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  return (
    (address >= 0x3ffe8000 && address < 0x40000000) ||
    (address >= 0x40100000 && address < 0x40110000) ||
    (address >= 0x40200000 && address < 0x40300000)
  );
}

function esp8266(bytes: Uint8Array, segments: ImageSegment[]): ImageInfo {
  return {
    kind: 'esp-image',
    chipId: undefined,
    chip: chipByName('ESP8266'),
    segments,
    hasHash: false,
    layout: 'single',
    partitions: [],
    minRevision: 0,
    leadBytes: 0,
    size: bytes.length,
  };
}

function corrupt(file: string, reason: string): BoardError {
  return new BoardError('image-corrupt', `${file}: ${reason}`, { details: { file, reason } });
}
