/**
 * The non-volatile storage of an ESP32: keys and values in the flash partition "nvs", in the format of
 * ESP-IDF's own library, so that what `esp32.NVS` keeps survives every reset and any NVS tool reads it.
 * Below: nvsPages.ts. Above: vmHost.ts gives it to firmware/virtual/esp32.py.
 *
 * Source: ESP-IDF Programming Guide, "Non-Volatile Storage Library": keys, namespaces, blobs in chunks.
 */
import type { Region } from './fileStore';
import type { Item, NvsItem } from './nvsPage';
import { NvsPages } from './nvsPages';

/** Error numbers of ESP-IDF (nvs.h: ESP_ERR_NVS_BASE is 0x1100). */
export const NVS_ERROR = {
  notFound: 0x1102,
  typeMismatch: 0x1103,
  notEnoughSpace: 0x1105,
  invalidName: 0x1106,
  keyTooLong: 0x1109,
  invalidLength: 0x110c,
  valueTooLong: 0x110e,
} as const;

const U8 = 0x01;
const I32 = 0x14;
const BLOB_DATA = 0x42;
const BLOB_INDEX = 0x48;
/** Chunks of the other of two versions of a blob begin here, so that the old one lives on meanwhile. */
const SECOND_VERSION = 0x80;
const NO_CHUNK = 0xff;
const LONGEST_KEY = 15;
const MOST_NAMESPACES = 254;

export class Nvs {
  private readonly pages: NvsPages;

  /** @param region whole pages, three at the least; what is no NVS in it is erased */
  constructor(region: Region) {
    this.pages = new NvsPages(region);
    this.dropDoubles();
  }

  /** The number of a namespace, made where it is not there; an error is negative. */
  openNamespace(name: string): number {
    const wrong = keyProblem(name);
    if (wrong) return -wrong;
    const all = this.pages.all().filter((item) => item.namespace === 0 && item.type === U8);
    const found = all.find((item) => item.key === name);
    if (found) return found.data[0]!;
    const index = all.reduce((most, item) => Math.max(most, item.data[0]!), 0) + 1;
    if (index > MOST_NAMESPACES) return -NVS_ERROR.notEnoughSpace;
    const data = Uint8Array.of(index, 255, 255, 255, 255, 255, 255, 255);
    const written = this.pages.append({ namespace: 0, type: U8, chunk: NO_CHUNK, key: name, data });
    return written ? index : -NVS_ERROR.notEnoughSpace;
  }

  /** The value, or its error as `{ error }`. */
  getInt(namespace: number, key: string): number | { error: number } {
    const item = this.find(namespace, key);
    if (!item) return { error: keyProblem(key) || NVS_ERROR.notFound };
    if (item.type !== I32) return { error: NVS_ERROR.notFound };
    return new DataView(item.data.buffer, item.data.byteOffset).getInt32(0, true);
  }

  /** 0 or an error; on return it is in the flash. */
  setInt(namespace: number, key: string, value: number): number {
    const data = new Uint8Array(8).fill(255);
    new DataView(data.buffer).setInt32(0, value, true);
    return this.replace(namespace, key, { namespace, type: I32, chunk: NO_CHUNK, key, data });
  }

  getBlob(namespace: number, key: string): Uint8Array | { error: number } {
    const index = this.find(namespace, key);
    if (index?.type !== BLOB_INDEX) return { error: keyProblem(key) || NVS_ERROR.notFound };
    const { size, count, start } = blobIndex(index.data);
    const bytes = new Uint8Array(size);
    let at = 0;
    for (let n = 0; n < count; n++) {
      const part = this.chunk(namespace, key, start + n);
      if (!part || at + part.data.length > size) return { error: NVS_ERROR.notFound };
      bytes.set(part.data, at);
      at += part.data.length;
    }
    return at === size ? bytes : { error: NVS_ERROR.notFound };
  }

  setBlob(namespace: number, key: string, bytes: Uint8Array): number {
    const wrong = keyProblem(key);
    if (wrong) return wrong;
    if (bytes.length > this.pages.room) return NVS_ERROR.valueTooLong;
    const old = this.find(namespace, key);
    const first = old?.type === BLOB_INDEX ? blobIndex(old.data).start : SECOND_VERSION;
    const start = first === 0 ? SECOND_VERSION : 0;
    let count = 0;
    for (let at = 0; at < bytes.length; count++) {
      const room = this.pages.roomForChunk(bytes.length - at);
      const data = bytes.slice(at, at + room);
      const chunk = start + count;
      const written =
        room > 0 && this.pages.append({ namespace, type: BLOB_DATA, chunk, key, data });
      if (!written) {
        for (let n = 0; n < count; n++) this.pages.drop(this.chunk(namespace, key, start + n));
        return NVS_ERROR.notEnoughSpace;
      }
      at += data.length;
    }
    const data = new Uint8Array(8).fill(255);
    new DataView(data.buffer).setUint32(0, bytes.length, true);
    data[4] = count;
    data[5] = start;
    const error = this.replace(namespace, key, {
      namespace,
      type: BLOB_INDEX,
      chunk: NO_CHUNK,
      key,
      data,
    });
    if (error) {
      for (let n = 0; n < count; n++) this.pages.drop(this.chunk(namespace, key, start + n));
    }
    return error;
  }

  /** 0, or an error where there is no such key. */
  eraseKey(namespace: number, key: string): number {
    const item = this.find(namespace, key);
    if (!item) return keyProblem(key) || NVS_ERROR.notFound;
    this.remove(namespace, key, item);
    return 0;
  }

  private find(namespace: number, key: string): Item | undefined {
    return this.pages
      .all()
      .findLast(
        (item) => item.namespace === namespace && item.key === key && item.type !== BLOB_DATA,
      );
  }

  private chunk(namespace: number, key: string, chunk: number): Item | undefined {
    return this.pages
      .all()
      .findLast(
        (item) =>
          item.namespace === namespace &&
          item.key === key &&
          item.type === BLOB_DATA &&
          item.chunk === chunk,
      );
  }

  /** Writes the new value, then lets the old one go: a power cut between leaves one of the two. */
  private replace(namespace: number, key: string, next: NvsItem): number {
    const wrong = keyProblem(key);
    if (wrong) return wrong;
    const same = this.find(namespace, key);
    if (same?.type === next.type && Buffer.compare(same.data, next.data) === 0) return 0;
    if (!this.pages.append(next)) return NVS_ERROR.notEnoughSpace;
    // Looked for again: a full page may have moved it meanwhile.
    const old = this.pages
      .all()
      .find((item) => item.namespace === namespace && item.key === key && item.type !== BLOB_DATA);
    if (old && old !== this.find(namespace, key)) this.remove(namespace, key, old);
    return 0;
  }

  private remove(namespace: number, key: string, item: Item): void {
    this.pages.drop(item);
    if (item.type !== BLOB_INDEX) return;
    const { count, start } = blobIndex(item.data);
    for (let n = 0; n < count; n++) this.pages.drop(this.chunk(namespace, key, start + n));
  }

  /** Two values of one key: the power went between the new one and the end of the old one. */
  private dropDoubles(): void {
    for (const item of this.pages.all()) {
      if (item.type === BLOB_DATA) continue;
      const newest =
        item.namespace === 0
          ? item
          : this.pages
              .all()
              .findLast(
                (one) =>
                  one.namespace === item.namespace &&
                  one.key === item.key &&
                  one.type !== BLOB_DATA,
              );
      if (newest !== item) this.pages.drop(item);
    }
    for (const item of this.pages.all()) {
      if (item.type !== BLOB_DATA) continue;
      const index = this.find(item.namespace, item.key);
      const { count, start } =
        index?.type === BLOB_INDEX ? blobIndex(index.data) : { count: 0, start: 0 };
      if (item.chunk < start || item.chunk >= start + count) this.pages.drop(item);
    }
  }
}

function blobIndex(data: Uint8Array): { size: number; count: number; start: number } {
  const size = new DataView(data.buffer, data.byteOffset).getUint32(0, true);
  return { size, count: data[4]!, start: data[5]! };
}

function keyProblem(key: string): number {
  if (key.length === 0) return NVS_ERROR.invalidName;
  return Buffer.byteLength(key) > LONGEST_KEY ? NVS_ERROR.keyTooLong : 0;
}
