/**
 * The files a VM sees: the board's file store under /flash, its built-in modules under /flash/rom, and
 * descriptors 0 to 2 for the line. These are the system calls of the WebAssembly port (musl); there are
 * no others, so nothing of the computer's own files can be reached.
 * Below: fileStore.ts. Above: vmEngine.ts joins them to the VM, which mounts /flash as "/".
 */
import { BLOCK, ERRNO, type FileStore } from './fileStore';
import type { VmMemory } from './vmMemory';

export interface Line {
  /** Text as the VM prints it: a line ends with LF. */
  print(bytes: Uint8Array): void;
  /** Blocks for at least one byte; empty when interrupted. */
  read(limit: number): Uint8Array;
}

interface OpenFile {
  readonly path: string;
  data: Uint8Array;
  size: number;
  position: number;
  dirty: boolean;
  readonly writable: boolean;
  readonly readable: boolean;
  readonly append: boolean;
  readonly listing?: readonly { name: string; directory: boolean }[];
}

const O_CREAT = 0x40;
const O_EXCL = 0x80;
const O_TRUNC = 0x200;
const O_APPEND = 0x400;
const O_DIRECTORY = 0x10000;
const ENTRY_BYTES = 280;
/** Seconds from 1970 to 2000: time on the ESP32 counts from 2000. */
export const EPOCH_2000 = 946684800;
const ROOT = '/flash';
const ROM = '/rom';

type Imports = Record<string, (...args: never[]) => number>;

export class VmFiles {
  private readonly open = new Map<number, OpenFile>();
  private directory = ROOT;

  constructor(
    private readonly store: FileStore,
    private readonly rom: Readonly<Record<string, Uint8Array>>,
    private readonly memory: () => VmMemory,
    private readonly line: Line,
  ) {}

  /** Free bytes of the store, less what open files will need when they are closed. */
  private room(): number {
    let blocks = this.store.usage().free;
    for (const file of this.open.values()) if (file.dirty) blocks -= Math.ceil(file.size / BLOCK);
    return blocks * BLOCK;
  }

  /** `path` as the VM says it, made absolute and normal, without the root; undefined outside of it. */
  private resolve(path: string): string | undefined {
    const parts: string[] = [];
    for (const part of (path.startsWith('/') ? path : `${this.directory}/${path}`).split('/'))
      if (part === '..') parts.pop();
      else if (part && part !== '.') parts.push(part);
    const whole = `/${parts.join('/')}`;
    if (whole !== ROOT && !whole.startsWith(`${ROOT}/`)) return undefined;
    return whole.slice(ROOT.length) || '/';
  }

  private romEntry(path: string): Uint8Array | 'directory' | undefined {
    if (path !== ROM && !path.startsWith(`${ROM}/`)) return undefined;
    const name = path.slice(ROM.length + 1);
    if (name === '') return 'directory';
    const held = this.rom[name];
    if (held !== undefined) return held;
    return Object.keys(this.rom).some((n) => n.startsWith(`${name}/`)) ? 'directory' : undefined;
  }

  private isRom(path: string): boolean {
    return path === ROM || path.startsWith(`${ROM}/`);
  }

  private openFile(name: string, flags: number): number {
    const path = this.resolve(name);
    if (path === undefined) return -ERRNO.ENOENT;
    const access = flags & 3;
    const rom = this.romEntry(path);
    if (this.isRom(path)) {
      if (access !== 0) return -ERRNO.EROFS;
      if (rom === undefined) return -ERRNO.ENOENT;
      if (rom === 'directory') return this.openListing(path, []);
      return this.add({ path, data: rom, flags });
    }
    const info = this.store.stat(path);
    if (info?.kind === 'directory') {
      if (access !== 0) return -ERRNO.EISDIR;
      return this.openListing(path, this.store.list(path));
    }
    if (flags & O_DIRECTORY) return info ? -ERRNO.ENOTDIR : -ERRNO.ENOENT;
    if (!info && !(flags & O_CREAT)) return -ERRNO.ENOENT;
    if (info && flags & O_EXCL) return -ERRNO.EEXIST;
    let data: Uint8Array = new Uint8Array(0);
    if (info && !(flags & O_TRUNC)) {
      const read = this.store.read(path);
      if (typeof read === 'number') return -read;
      data = read;
    } else if (!info) {
      const parent = this.store.stat(path.slice(0, path.lastIndexOf('/')) || '/');
      if (!parent) return -ERRNO.ENOENT;
      if (parent.kind !== 'directory') return -ERRNO.ENOTDIR;
    }
    const fresh = !info || (flags & O_TRUNC) !== 0;
    if (fresh && this.room() < BLOCK && !info) return -ERRNO.ENOSPC;
    return this.add({ path, data, flags, dirty: fresh });
  }

  private openListing(path: string, names: readonly string[]): number {
    const listing = names.map((name) => ({
      name,
      directory: this.store.stat(`${path === '/' ? '' : path}/${name}`)?.kind === 'directory',
    }));
    return this.add({ path, data: new Uint8Array(0), flags: 0, listing });
  }

  private add(from: {
    path: string;
    data: Uint8Array;
    flags: number;
    dirty?: boolean;
    listing?: OpenFile['listing'];
  }): number {
    let fd = 3;
    while (this.open.has(fd)) fd++;
    const access = from.flags & 3;
    this.open.set(fd, {
      path: from.path,
      data: from.data,
      size: from.data.length,
      position: 0,
      dirty: from.dirty ?? false,
      writable: access !== 0,
      readable: access !== 1,
      append: (from.flags & O_APPEND) !== 0,
      ...(from.listing ? { listing: from.listing } : {}),
    });
    return fd;
  }

  private flush(file: OpenFile): number {
    if (!file.dirty) return 0;
    file.dirty = false;
    return this.store.write(file.path, file.data.subarray(0, file.size));
  }

  private writeTo(file: OpenFile, bytes: Uint8Array): number {
    if (!file.writable) return -ERRNO.EBADF;
    if (file.append) file.position = file.size;
    const end = file.position + bytes.length;
    const more = Math.ceil(end / BLOCK) - (file.dirty ? Math.ceil(file.size / BLOCK) : 0);
    if (more > 0 && this.room() < more * BLOCK) return -ERRNO.ENOSPC;
    if (end > file.data.length) {
      const grown = new Uint8Array(Math.max(end, file.data.length * 2, 256));
      grown.set(file.data.subarray(0, file.size));
      file.data = grown;
    }
    file.data.set(bytes, file.position);
    file.position = end;
    file.size = Math.max(file.size, end);
    file.dirty = true;
    return bytes.length;
  }

  private readFrom(fd: number, limit: number): Uint8Array | number {
    if (fd === 0) return this.line.read(limit);
    const file = this.open.get(fd);
    if (!file || !file.readable) return -ERRNO.EBADF;
    if (file.listing) return -ERRNO.EISDIR;
    const end = Math.min(file.size, file.position + limit);
    const bytes = file.data.subarray(file.position, Math.max(file.position, end));
    file.position += bytes.length;
    return bytes;
  }

  private writeStat(buffer: number, name: string | OpenFile): number {
    const m = this.memory();
    const path = typeof name === 'string' ? this.resolve(name) : name.path;
    if (path === undefined) return -ERRNO.ENOENT;
    const rom = this.romEntry(path);
    const info = this.isRom(path)
      ? rom === undefined
        ? undefined
        : {
            kind: rom === 'directory' ? 'directory' : 'file',
            size: rom === 'directory' ? 0 : Buffer.byteLength(rom),
            modified: EPOCH_2000,
          }
      : this.store.stat(path);
    if (!info && typeof name === 'string') return -ERRNO.ENOENT;
    const size = typeof name === 'string' ? info!.size : name.size;
    const seconds = BigInt(Math.max(0, (info?.modified ?? EPOCH_2000) - EPOCH_2000));
    m.bytes.fill(0, buffer, buffer + 96);
    // Layout of musl's struct stat for wasm32, as the port's own glue writes it.
    m.setU32(buffer + 4, info?.kind === 'directory' ? 0o40777 : 0o100777);
    m.setU32(buffer + 8, 1);
    m.view.setBigInt64(buffer + 24, BigInt(size), true);
    m.setU32(buffer + 32, BLOCK);
    m.setU32(buffer + 36, Math.ceil(size / 512));
    for (const at of [40, 56, 72]) m.view.setBigInt64(buffer + at, seconds, true);
    return 0;
  }

  private changing(name: string, action: (path: string) => number): number {
    const path = this.resolve(name);
    if (path === undefined) return -ERRNO.EACCES;
    if (this.isRom(path)) return -ERRNO.EROFS;
    return -action(path);
  }

  private listInto(fd: number, at: number, count: number): number {
    const m = this.memory();
    const file = this.open.get(fd);
    if (!file?.listing) return -ERRNO.ENOTDIR;
    let written = 0;
    for (; file.position < file.listing.length; file.position++) {
      if (written + ENTRY_BYTES > count) break;
      const entry = file.listing[file.position]!;
      const name = Buffer.from(entry.name);
      m.bytes.fill(0, at, at + ENTRY_BYTES);
      m.view.setBigInt64(at, BigInt(file.position + 1), true);
      m.view.setBigInt64(at + 8, BigInt(file.position + 1), true);
      m.view.setUint16(at + 16, ENTRY_BYTES, true);
      m.bytes[at + 18] = entry.directory ? 4 : 8;
      m.bytes.set(name, at + 19);
      at += ENTRY_BYTES;
      written += ENTRY_BYTES;
    }
    return written;
  }

  /** Closes what a program left open without storing it: a reset does not flush. */
  forget(): void {
    this.open.clear();
  }

  /** The system calls, to be given to the VM. Results and arguments as emscripten's glue has them. */
  imports(): { env: Imports; wasi: Imports } {
    const text = (at: number): string => this.memory().text(at);
    const env = {
      __syscall_chdir: (path: number) => {
        const to = this.resolve(text(path));
        if (to === undefined) return -ERRNO.ENOENT;
        const info = this.store.stat(to);
        if (!info) return -ERRNO.ENOENT;
        if (info.kind !== 'directory') return -ERRNO.ENOTDIR;
        this.directory = to === '/' ? ROOT : ROOT + to;
        return 0;
      },
      __syscall_getcwd: (buffer: number, size: number) => {
        const name = Buffer.from(`${this.directory}\0`);
        if (name.length > size) return -ERRNO.EINVAL;
        this.memory().bytes.set(name, buffer);
        return name.length;
      },
      __syscall_mkdirat: (_at: number, path: number) =>
        this.changing(text(path), (p) => this.store.mkdir(p)),
      __syscall_openat: (_at: number, path: number, flags: number) =>
        this.openFile(text(path), flags),
      __syscall_poll: (fds: number, count: number) => {
        const m = this.memory();
        for (let n = 0; n < count; n++)
          m.view.setInt16(fds + 8 * n + 6, m.view.getInt16(fds + 8 * n + 4, true) & 5, true);
        return count;
      },
      __syscall_getdents64: (fd: number, at: number, count: number) => this.listInto(fd, at, count),
      __syscall_renameat: (_a: number, from: number, _b: number, to: number) =>
        this.changing(text(from), (a) => -this.changing(text(to), (b) => this.store.rename(a, b))),
      __syscall_rmdir: (path: number) => this.changing(text(path), (p) => this.store.rmdir(p)),
      __syscall_unlinkat: (_at: number, path: number, flags: number) =>
        this.changing(text(path), (p) =>
          flags & 0x200 ? this.store.rmdir(p) : this.store.remove(p),
        ),
      __syscall_fstat64: (fd: number, buffer: number) => {
        const file = this.open.get(fd);
        return file ? this.writeStat(buffer, file) : -ERRNO.EBADF;
      },
      __syscall_stat64: (path: number, buffer: number) => this.writeStat(buffer, text(path)),
      __syscall_lstat64: (path: number, buffer: number) => this.writeStat(buffer, text(path)),
      __syscall_newfstatat: (_at: number, path: number, buffer: number) =>
        this.writeStat(buffer, text(path)),
      __syscall_statfs64: (_path: number, _size: number, buffer: number) => {
        const m = this.memory();
        const { blocks, free } = this.store.usage();
        m.bytes.fill(0, buffer, buffer + 88);
        m.setU32(buffer + 4, BLOCK);
        m.setU32(buffer + 60, BLOCK);
        m.view.setBigInt64(buffer + 8, BigInt(blocks), true);
        m.view.setBigInt64(buffer + 16, BigInt(free), true);
        m.view.setBigInt64(buffer + 24, BigInt(free), true);
        m.setU32(buffer + 56, 255);
        return 0;
      },
    };
    const vectors = (at: number, count: number): { from: number; length: number }[] => {
      const m = this.memory();
      return Array.from({ length: count }, (_, n) => ({
        from: m.u32(at + 8 * n),
        length: m.u32(at + 8 * n + 4),
      }));
    };
    const wasi = {
      fd_close: (fd: number) => {
        const file = this.open.get(fd);
        if (!file) return fd <= 2 ? 0 : ERRNO.EBADF;
        this.open.delete(fd);
        return this.flush(file);
      },
      fd_sync: (fd: number) => {
        const file = this.open.get(fd);
        return file ? this.flush(file) : 0;
      },
      fd_seek: (fd: number, offset: bigint, whence: number, result: number) => {
        const file = this.open.get(fd);
        if (!file) return fd <= 2 ? 29 : ERRNO.EBADF;
        const base = whence === 0 ? 0 : whence === 1 ? file.position : file.size;
        const position = base + Number(offset);
        if (position < 0) return ERRNO.EINVAL;
        file.position = position;
        this.memory().view.setBigInt64(result, BigInt(position), true);
        return 0;
      },
      fd_read: (fd: number, iov: number, count: number, result: number) => {
        const m = this.memory();
        let total = 0;
        for (const { from, length } of vectors(iov, count)) {
          if (length === 0) continue;
          const bytes = this.readFrom(fd, length);
          if (typeof bytes === 'number') return -bytes;
          m.bytes.set(bytes, from);
          total += bytes.length;
          if (bytes.length < length) break;
        }
        m.setU32(result, total);
        return 0;
      },
      fd_write: (fd: number, iov: number, count: number, result: number) => {
        const m = this.memory();
        let total = 0;
        for (const { from, length } of vectors(iov, count)) {
          if (length === 0) continue;
          const bytes = m.copy(from, length);
          if (fd === 1 || fd === 2) this.line.print(bytes);
          else {
            const file = this.open.get(fd);
            const done = file ? this.writeTo(file, bytes) : -ERRNO.EBADF;
            if (done < 0) return -done;
          }
          total += length;
        }
        m.setU32(result, total);
        return 0;
      },
    };
    return { env, wasi };
  }
}
