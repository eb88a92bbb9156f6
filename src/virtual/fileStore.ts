/**
 * The files of a virtual board, kept in its flash: directories, names, contents, surviving any reset.
 * Below: a region of flash (or of memory in tests). Above: vmFiles.ts gives it to MicroPython.
 *
 * This is NOT littlefs: an image read back with esptool cannot be mounted elsewhere. The format is:
 * - 4 KiB blocks. Blocks 0-15 and 16-31 are two banks of metadata, one of them in force; the rest is data.
 * - A bank is a header {magic, version, sequence, CRC} and a log of records {length, type, CRC, payload}.
 *   The bank with the higher sequence counts. A record that is not whole ends the log.
 * - A file is written to free blocks first; the record that names them makes it so, in one step. So a
 *   power cut leaves the old file or the new one, never a mixture.
 * - When a bank is full, what lives is written to the other one, and its header last.
 */

export interface Region {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
  /** Bits go from 1 to 0 only, as in NOR flash. */
  program(offset: number, bytes: Uint8Array): void;
  erase(offset: number, length: number): void;
}

export interface FileInfo {
  readonly kind: 'file' | 'directory';
  /** Bytes; 0 for a directory. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly modified: number;
}

/** The error numbers a file operation answers (POSIX, as the ESP32 prints them); 0 is success. */
export const ERRNO = {
  ENOENT: 2,
  EIO: 5,
  EBADF: 9,
  EACCES: 13,
  EEXIST: 17,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENOSPC: 28,
  EROFS: 30,
  ENOTEMPTY: 39,
  ENAMETOOLONG: 36,
} as const;

export const BLOCK = 4096;
const BANK_BLOCKS = 16;
const DATA_START = 2 * BANK_BLOCKS;
const MAGIC = 0x53465650;
const VERSION = 1;
const HEADER = 16;
const MAX_NAME = 255;

const TYPE_FILE = 1;
const TYPE_DIRECTORY = 2;
const TYPE_REMOVE = 3;
const TYPE_RENAME = 4;

interface Entry {
  readonly kind: 'file' | 'directory';
  readonly size: number;
  readonly modified: number;
  readonly crc: number;
  readonly blocks: readonly number[];
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** CRC-32 of IEEE 802.3, of `bytes`. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let n = 0; n < bytes.length; n++) crc = CRC_TABLE[(crc ^ bytes[n]!) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** What a MicroPython that finds no file system writes into a new one (its `inisetup`). */
const FIRST_BOOT = `# This file is executed on every boot (including wake-boot from deepsleep)
#import esp
#esp.osdebug(None)
#import webrepl
#webrepl.start()
`;

/** Paths are absolute and normal: "/", "/boot.py", "/lib/umqtt". */
export class FileStore {
  private entries = new Map<string, Entry>();
  private used: Uint8Array;
  private bank = 0;
  private sequence = 0;
  private logEnd = HEADER;

  private constructor(
    private readonly region: Region,
    private readonly now: () => number,
  ) {
    this.used = new Uint8Array(region.size / BLOCK);
  }

  /** @param now seconds since 1970 */
  static open(region: Region, now: () => number = () => Math.floor(Date.now() / 1000)): FileStore {
    const store = new FileStore(region, now);
    const banks = [0, 1]
      .map((bank) => ({ bank, sequence: store.headerOf(bank) }))
      .filter((b) => b.sequence > 0)
      .sort((a, b) => b.sequence - a.sequence);
    const [newest] = banks;
    if (newest) store.load(newest.bank, newest.sequence);
    else {
      store.entries.clear();
      store.switchBank();
      store.write('/boot.py', Buffer.from(FIRST_BOOT));
    }
    return store;
  }

  stat(path: string): FileInfo | undefined {
    if (path === '/') return { kind: 'directory', size: 0, modified: 0 };
    return this.entries.get(path);
  }

  /** Names in a directory, in the order of creation; empty when it is none. */
  list(path: string): string[] {
    const prefix = path === '/' ? '/' : `${path}/`;
    const names: string[] = [];
    for (const name of this.entries.keys())
      if (name.startsWith(prefix) && !name.includes('/', prefix.length))
        names.push(name.slice(prefix.length));
    return names;
  }

  /** The contents, or an error number: ENOENT, EISDIR, or EIO when the flash does not hold them whole. */
  read(path: string): Uint8Array | number {
    const entry = this.entries.get(path);
    if (!entry) return path === '/' ? ERRNO.EISDIR : ERRNO.ENOENT;
    if (entry.kind === 'directory') return ERRNO.EISDIR;
    const bytes = new Uint8Array(entry.size);
    entry.blocks.forEach((block, n) => {
      const at = n * BLOCK;
      bytes.set(this.region.read(block * BLOCK, Math.min(BLOCK, entry.size - at)), at);
    });
    return crc32(bytes) === entry.crc ? bytes : ERRNO.EIO;
  }

  /** Writes the file whole, in place of the one before. 0 or an error number; then the old one stays. */
  write(path: string, bytes: Uint8Array): number {
    const wrong = this.mayCreate(path);
    if (wrong) return wrong;
    const old = this.entries.get(path);
    if (old?.kind === 'directory') return ERRNO.EISDIR;
    const blocks = this.allocate(Math.ceil(bytes.length / BLOCK));
    if (!blocks) return ERRNO.ENOSPC;
    blocks.forEach((block, n) => {
      this.eraseIfNeeded(block);
      this.region.program(block * BLOCK, bytes.subarray(n * BLOCK, (n + 1) * BLOCK));
    });
    const entry: Entry = {
      kind: 'file',
      size: bytes.length,
      modified: this.now(),
      crc: crc32(bytes),
      blocks,
    };
    return this.commit(encodeEntry(path, entry), () => {
      this.entries.set(path, entry);
    });
  }

  mkdir(path: string): number {
    if (this.stat(path)) return ERRNO.EEXIST;
    const wrong = this.mayCreate(path);
    if (wrong) return wrong;
    const entry: Entry = { kind: 'directory', size: 0, modified: this.now(), crc: 0, blocks: [] };
    return this.commit(encodeEntry(path, entry), () => void this.entries.set(path, entry));
  }

  /** Removes a file. */
  remove(path: string): number {
    const entry = this.stat(path);
    if (!entry) return ERRNO.ENOENT;
    if (entry.kind === 'directory') return ERRNO.EISDIR;
    return this.commit(encodePaths(TYPE_REMOVE, path), () => void this.entries.delete(path));
  }

  /** Removes an empty directory. */
  rmdir(path: string): number {
    const entry = this.stat(path);
    if (!entry) return ERRNO.ENOENT;
    if (entry.kind !== 'directory') return ERRNO.ENOTDIR;
    if (path === '/') return ERRNO.EINVAL;
    if (this.list(path).length > 0) return ERRNO.ENOTEMPTY;
    return this.commit(encodePaths(TYPE_REMOVE, path), () => void this.entries.delete(path));
  }

  /** Renames a file or a directory with all in it; a file at `to` is replaced in the same step. */
  rename(from: string, to: string): number {
    const entry = this.stat(from);
    if (!entry) return ERRNO.ENOENT;
    if (from === to) return 0;
    if (from === '/' || to.startsWith(`${from}/`)) return ERRNO.EINVAL;
    const wrong = this.mayCreate(to);
    if (wrong) return wrong;
    const target = this.stat(to);
    if (target?.kind === 'directory') {
      if (entry.kind !== 'directory') return ERRNO.EISDIR;
      if (this.list(to).length > 0) return ERRNO.ENOTEMPTY;
    } else if (target && entry.kind === 'directory') return ERRNO.ENOTDIR;
    return this.commit(encodePaths(TYPE_RENAME, from, to), () => this.moved(from, to));
  }

  /** Blocks of {@link BLOCK} bytes: how many there are, and how many are free. */
  usage(): { readonly blocks: number; readonly free: number } {
    let free = 0;
    for (let n = DATA_START; n < this.used.length; n++) if (!this.used[n]) free++;
    return { blocks: this.used.length, free };
  }

  private mayCreate(path: string): number {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (!name) return ERRNO.EISDIR;
    if (Buffer.byteLength(name) > MAX_NAME || Buffer.byteLength(path) > 1024)
      return ERRNO.ENAMETOOLONG;
    const parent = this.stat(path.slice(0, path.lastIndexOf('/')) || '/');
    if (!parent) return ERRNO.ENOENT;
    return parent.kind === 'directory' ? 0 : ERRNO.ENOTDIR;
  }

  private moved(from: string, to: string): void {
    for (const [path, entry] of [...this.entries]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.entries.delete(path);
      this.entries.set(to + path.slice(from.length), entry);
    }
  }

  private allocate(count: number): number[] | undefined {
    const blocks: number[] = [];
    for (let n = DATA_START; n < this.used.length && blocks.length < count; n++)
      if (!this.used[n]) blocks.push(n);
    return blocks.length === count ? blocks : undefined;
  }

  private eraseIfNeeded(block: number): void {
    const bytes = this.region.read(block * BLOCK, BLOCK);
    if (bytes.some((b) => b !== 0xff)) this.region.erase(block * BLOCK, BLOCK);
  }

  private markUsed(): void {
    this.used.fill(0);
    this.used.fill(1, 0, DATA_START);
    for (const entry of this.entries.values())
      for (const block of entry.blocks) this.used[block] = 1;
  }

  /** Writes the record, then does `apply`; 0, or ENOSPC with nothing changed. */
  private commit(record: Uint8Array, apply: () => void): number {
    const bankEnd = BANK_BLOCKS * BLOCK;
    if (this.logEnd + record.length > bankEnd) {
      if (this.liveBytes() + record.length > bankEnd) return ERRNO.ENOSPC;
      this.switchBank();
    }
    this.region.program(this.bank * bankEnd + this.logEnd, record);
    this.logEnd += record.length;
    apply();
    this.markUsed();
    return 0;
  }

  private liveBytes(): number {
    let bytes = HEADER;
    for (const [path, entry] of this.entries) bytes += encodeEntry(path, entry).length;
    return bytes;
  }

  /** Writes all that lives into the other bank; its header, last, puts it in force. */
  private switchBank(): void {
    const next = this.sequence === 0 ? 0 : 1 - this.bank;
    const base = next * BANK_BLOCKS * BLOCK;
    for (let n = 0; n < BANK_BLOCKS; n++) this.eraseIfNeeded(next * BANK_BLOCKS + n);
    let at = HEADER;
    for (const [path, entry] of this.entries) {
      const record = encodeEntry(path, entry);
      this.region.program(base + at, record);
      at += record.length;
    }
    const header = Buffer.alloc(HEADER);
    header.writeUInt32LE(MAGIC, 0);
    header.writeUInt32LE(VERSION, 4);
    header.writeUInt32LE(this.sequence + 1, 8);
    header.writeUInt32LE(crc32(header.subarray(0, 12)), 12);
    this.region.program(base, header);
    this.bank = next;
    this.sequence++;
    this.logEnd = at;
    this.markUsed();
  }

  /** The bank's sequence number, or 0 where there is no whole header. */
  private headerOf(bank: number): number {
    const header = Buffer.from(this.region.read(bank * BANK_BLOCKS * BLOCK, HEADER));
    if (header.readUInt32LE(0) !== MAGIC || header.readUInt32LE(4) !== VERSION) return 0;
    return header.readUInt32LE(12) === crc32(header.subarray(0, 12)) ? header.readUInt32LE(8) : 0;
  }

  private load(bank: number, sequence: number): void {
    this.bank = bank;
    this.sequence = sequence;
    const log = Buffer.from(this.region.read(bank * BANK_BLOCKS * BLOCK, BANK_BLOCKS * BLOCK));
    let at = HEADER;
    while (at + 8 <= log.length) {
      const length = log.readUInt16LE(at);
      if (length === 0xffff || at + 8 + length > log.length) break;
      const payload = log.subarray(at + 8, at + 8 + length);
      if (crc32(payload) !== log.readUInt32LE(at + 4)) break;
      this.replay(log[at + 2]!, payload);
      at += (8 + length + 3) & ~3;
    }
    this.logEnd = at;
    this.markUsed();
    // A record that was cut off cannot be written over: go on in the other bank.
    if (log.subarray(at).some((b) => b !== 0xff)) this.switchBank();
  }

  private replay(type: number, payload: Buffer): void {
    const length = payload.readUInt16LE(0);
    const path = payload.toString('utf8', 2, 2 + length);
    const rest = payload.subarray(2 + length);
    if (type === TYPE_REMOVE) this.entries.delete(path);
    else if (type === TYPE_RENAME) this.moved(path, rest.toString('utf8'));
    else {
      const blocks: number[] = [];
      for (let at = 12; at + 2 <= rest.length; at += 2) blocks.push(rest.readUInt16LE(at));
      this.entries.set(path, {
        kind: type === TYPE_DIRECTORY ? 'directory' : 'file',
        size: rest.readUInt32LE(0),
        modified: rest.readUInt32LE(4),
        crc: rest.readUInt32LE(8),
        blocks,
      });
    }
  }
}

function encodeRecord(type: number, payload: Buffer): Uint8Array {
  const record = Buffer.alloc((8 + payload.length + 3) & ~3);
  record.writeUInt16LE(payload.length, 0);
  record[2] = type;
  record.writeUInt32LE(crc32(payload), 4);
  payload.copy(record, 8);
  return record;
}

function encodePath(path: string): Buffer {
  const name = Buffer.from(path);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(name.length);
  return Buffer.concat([length, name]);
}

function encodePaths(type: number, path: string, other = ''): Uint8Array {
  return encodeRecord(type, Buffer.concat([encodePath(path), Buffer.from(other)]));
}

function encodeEntry(path: string, entry: Entry): Uint8Array {
  const rest = Buffer.alloc(12 + entry.blocks.length * 2);
  rest.writeUInt32LE(entry.size, 0);
  rest.writeUInt32LE(entry.modified >>> 0, 4);
  rest.writeUInt32LE(entry.crc, 8);
  entry.blocks.forEach((block, n) => rest.writeUInt16LE(block, 12 + n * 2));
  const type = entry.kind === 'directory' ? TYPE_DIRECTORY : TYPE_FILE;
  return encodeRecord(type, Buffer.concat([encodePath(path), rest]));
}
