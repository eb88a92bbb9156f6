/**
 * The serial loader of a chip: the one in ROM, and, once it was uploaded, the flasher stub that
 * takes its place (stub.ts has the differences).
 * Below: slip, efuse, flashWriter. Above: machine.ts feeds it bytes while the chip is in download mode.
 *
 * Source: Espressif, esptool documentation, "Serial Protocol" (commands, checksum, status bytes).
 */
import { createHash } from 'node:crypto';
import type { Chip } from './chips';
import type { Registers } from './efuse';
import type { Flash } from './flash';
import { FlashWriter, WriteError, type WriteRequest } from './flashWriter';
import { slipFrame, SlipReader } from './slip';
import { type Dialect, FlashReader, romDialect, stubDialect } from './stub';

/** What the loader needs of the board around it. */
export interface LoaderHost {
  readonly chip: Chip;
  readonly flash: Flash;
  readonly registers: Registers;
  /** False: uploads into RAM are refused, as a chip with secure boot refuses them. */
  readonly allowStub: boolean;
  /** True: in secure download mode. It says so when asked, and takes {@link SECURE_OPS} alone. */
  readonly secureDownload?: boolean;
  /** Bytes for the line; `done` once they were carried. */
  send(bytes: Uint8Array, done?: () => void): void;
  /** The chip's own end of the line, in bits per second. */
  setBaudRate(rate: number): void;
  /** Resolves after the time that so many bytes of flash take; not given, they take none. */
  flashTime?(bytes: number): Promise<void>;
  /** Leaves the loader: the chip resets itself and boots from flash. */
  reboot(): void;
}

/** Where the data of a packet starts: direction, op, u16 length, u32 checksum. */
const HEADER = 8;
/** Data packets: u32 length, u32 sequence, two words of zero, then the block. */
const BLOCK_HEADER = 16;
const CHECKSUM_SEED = 0xef;
/** What stands in the value field of the ROM's SYNC answers (traces of esptool with `--trace`). */
const ROM_SYNC_VALUE = 0x2012_0707;

/** Ops whose checksum field counts; the rest send 0. */
const CHECKED_OPS: ReadonlySet<number> = new Set([0x03, 0x07, 0x11]);

/**
 * What a chip in secure download mode still does (ESP-IDF Programming Guide, "Secure Boot v2", "UART
 * ROM download mode"): SYNC, writing the flash, SPI parameters, the rate, and what it is.
 */
const SECURE_OPS: ReadonlySet<number> = new Set([2, 3, 4, 8, 0x0b, 0x0d, 0x0f, 0x10, 0x11, 0x12]);
/** GET_SECURITY_INFO of chips after the ESP32-S2: 20 bytes. */
const SECURITY_INFO = 0x14;
/** Bit 2 of its flags: SECURE_DOWNLOAD_ENABLE. */
const SECURE_DOWNLOAD_FLAG = 1 << 2;

/** Words that an op must bring at least. */
const WORDS: Readonly<Record<number, number>> = {
  0x02: 4,
  0x03: 4,
  0x04: 1,
  0x05: 4,
  0x06: 2,
  0x07: 4,
  0x09: 4,
  0x0a: 1,
  0x0b: 6,
  0x0d: 1,
  0x0e: 2,
  0x0f: 2,
  0x10: 4,
  0x11: 4,
  0x12: 1,
  0x13: 2,
  0xd1: 2,
  0xd2: 4,
};

type Failure = keyof Dialect['status'];

/** Thrown by a command to answer with a status; never leaves this file. */
class Refused extends Error {
  constructor(readonly failure: Failure) {
    super(failure);
  }
}

export class Loader {
  private readonly reader = new SlipReader();
  private dialect: Dialect = romDialect;
  private lastOp = 0;
  private ramLeft = 0;
  private writer: FlashWriter | undefined;
  private reading: FlashReader | undefined;
  /** What went wrong after an answer was out; the next command is answered with it. */
  private late: Failure | undefined;
  /** Packets are answered one after the other; inflating takes a moment. */
  private work: Promise<void> = Promise.resolve();
  /** A reset makes answers of the life before it worthless. */
  private life = 0;

  constructor(private readonly host: LoaderHost) {}

  /** True once the stub runs instead of the ROM. */
  get isStub(): boolean {
    return this.dialect === stubDialect;
  }

  /** Back to the ROM loader as it is after a reset. */
  reset(): void {
    this.life++;
    this.reader.reset();
    this.dialect = romDialect;
    this.lastOp = 0;
    this.writer?.close();
    this.writer = undefined;
    this.reading = undefined;
    this.late = undefined;
    this.ramLeft = 0;
    this.host.registers.reset();
  }

  /** Bytes from the line. Resolves when every packet that ends in them was answered. */
  receive(bytes: Uint8Array): Promise<void> {
    for (const packet of this.reader.push(bytes)) {
      const life = this.life;
      this.work = this.work.then(() =>
        life === this.life ? this.handle(packet, life) : undefined,
      );
    }
    return this.work;
  }

  private async handle(packet: Uint8Array, life: number): Promise<void> {
    if (this.reading && packet.length === 4) {
      this.reading.acknowledge(view(packet).getUint32(0, true));
      if (this.reading.finished) this.reading = undefined;
      return;
    }
    // A host that asks for something else has given up reading.
    this.reading = undefined;
    // Anything that is no request (0x00) is not for us: noise, or our own echo.
    if (packet.length < HEADER || packet[0] !== 0) return;
    const op = packet[1]!;
    const late = this.late;
    this.late = undefined;
    try {
      if (late) throw new Refused(late);
      await this.run(op, packet, life);
      this.lastOp = op;
    } catch (error) {
      if (life !== this.life) return;
      const failure: Failure =
        error instanceof Refused || error instanceof WriteError ? error.failure : 'failed';
      // The ROM does not know the op, so its answer still bears the one before: that is how tools
      // tell "no such command" from a command that failed (esptool, UnsupportedCommandError).
      const answered = failure === 'unknown' && !this.isStub ? this.lastOp : op;
      this.answer(answered, { failure });
    }
  }

  private async run(op: number, packet: Uint8Array, life: number): Promise<void> {
    const data = packet.subarray(HEADER);
    const known = op === 0x08 || op in WORDS || (this.isStub && (op === 0xd0 || op === 0xd3));
    const { chip, secureDownload = false } = this.host;
    if (op === SECURITY_INFO && chip.securityInfo) {
      return this.answer(op, { data: securityInfo(chip, secureDownload) });
    }
    if (secureDownload && !SECURE_OPS.has(op)) throw new Refused('unknown');
    const mine = this.isStub ? op !== 0x0e : op < 0xd0;
    if (!known || !mine) throw new Refused('unknown');
    if (view(packet).getUint16(2, true) !== data.length) throw new Refused('length');
    if (data.length < (WORDS[op] ?? 0) * 4) throw new Refused('length');
    const word = (index: number): number => view(data).getUint32(index * 4, true);
    const block = (): Uint8Array => this.checkedBlock(packet, data, word(0));
    switch (op) {
      case 0x02:
        return this.begin(op, word, false, life);
      case 0x03:
        return this.write(op, block(), life);
      case 0x04:
        return this.end(op, word(0));
      case 0x05:
        if (!this.host.allowStub && !this.isStub) throw new Refused('failed');
        this.ramLeft = word(0);
        return this.answer(op);
      case 0x06:
        return this.endRam(op, word(0));
      case 0x07: {
        const bytes = block();
        if (bytes.length > this.ramLeft) throw new Refused('failed');
        this.ramLeft -= bytes.length;
        return this.answer(op);
      }
      case 0x08:
        return this.sync(op);
      case 0x09:
        for (let at = 0; at + 16 <= data.length; at += 16) {
          this.host.registers.write(word(at / 4), word(at / 4 + 1), word(at / 4 + 2));
        }
        return this.answer(op);
      case 0x0a:
        return this.answer(op, { value: this.host.registers.read(word(0)) });
      case 0x0b: // SPI_SET_PARAMS
      case 0x0d: // SPI_ATTACH: there is one flash chip, and it is there
        return this.answer(op);
      case 0x0e: // READ_FLASH of the ROM: at most 64 bytes
        if (word(1) > 64) throw new Refused('read-length');
        return this.answer(op, { data: this.readFlash(word(0), word(1)) });
      case 0x0f:
        return this.changeBaudRate(op, word(0));
      case 0x10:
        return this.begin(op, word, true, life);
      case 0x11:
        return this.write(op, block(), life);
      case 0x12:
        return this.end(op, word(0));
      case 0x13: {
        const digest = createHash('md5').update(this.readFlash(word(0), word(1)));
        const md5 = this.dialect.md5AsText ? Buffer.from(digest.digest('hex')) : digest.digest();
        return this.answer(op, { data: md5 });
      }
      case 0xd0:
        return this.erase(op, 0, this.host.flash.size, life);
      case 0xd1:
        return this.erase(op, word(0), word(1), life);
      case 0xd2: {
        this.readFlash(word(0), word(1));
        if (word(2) === 0 || word(2) > 0x1000) throw new Refused('length');
        this.answer(op);
        const send = (bytes: Uint8Array): void => this.host.send(slipFrame(bytes));
        const range = { offset: word(0), length: word(1) };
        this.reading = new FlashReader(this.host.flash, range, word(2), send);
        if (this.reading.finished) this.reading = undefined;
        return;
      }
      case 0xd3: // RUN_USER_CODE: no answer, the stub is gone
        return this.host.reboot();
    }
  }

  private sync(op: number): void {
    for (let i = 0; i < this.dialect.syncAnswers; i++) {
      this.answer(op, { value: this.isStub ? 0 : ROM_SYNC_VALUE });
    }
  }

  private async begin(
    op: number,
    word: (index: number) => number,
    deflated: boolean,
    life: number,
  ): Promise<void> {
    this.writer?.close();
    this.writer = undefined;
    const [size, blocks, blockSize, offset] = [word(0), word(1), word(2), word(3)];
    if (blockSize === 0 || blockSize > 0x4000) throw new Refused('block-size');
    const limit = deflated ? size : Math.max(size, blocks * blockSize);
    const request: WriteRequest = { offset, size, limit, deflated, erase: this.dialect.erase };
    this.writer = new FlashWriter(this.host.flash, request);
    if (request.erase === 'begin') await this.host.flashTime?.(size);
    if (life === this.life) this.answer(op);
  }

  private async write(op: number, block: Uint8Array, life: number): Promise<void> {
    const writer = this.writer;
    if (!writer) throw new Refused('not-begun');
    const before = writer.written;
    const store = async (): Promise<void> => {
      await writer.write(block);
      await this.host.flashTime?.(writer.written - before);
    };
    if (!this.dialect.answersFirst) {
      await store();
      if (life === this.life) this.answer(op);
      return;
    }
    // All is there: even the checksum at the end of a zlib stream is too much in a block of its own.
    if (op === 0x11 && writer.complete) throw new Refused('too-much');
    this.answer(op);
    try {
      await store();
    } catch (error) {
      if (life === this.life) this.late = error instanceof WriteError ? error.failure : 'failed';
    }
  }

  private end(op: number, stay: number): void {
    const writer = this.writer;
    this.writer = undefined;
    // The ROM was told a size rounded up to whole blocks; only the stub can know that bytes lack.
    if (this.isStub) writer?.finish();
    else writer?.close();
    // The stub stays unless told to reboot; the ROM goes either way: word 1 means "run user code".
    const leave = stay === 0 || !this.isStub;
    this.answer(op, { done: leave ? () => this.host.reboot() : undefined });
  }

  private endRam(op: number, stay: number): void {
    if (this.ramLeft > 0) throw new Refused('failed');
    this.answer(op);
    if (stay !== 0) return;
    // Whatever was uploaded, what runs now is this emulation of the stub, which greets.
    this.dialect = stubDialect;
    this.host.send(slipFrame(Buffer.from('OHAI')));
  }

  private changeBaudRate(op: number, rate: number): void {
    if (rate < 300 || rate > 5_000_000) throw new Refused('failed');
    // The answer goes out at the old rate.
    this.answer(op, { done: () => this.host.setBaudRate(rate) });
  }

  private async erase(op: number, offset: number, length: number, life: number): Promise<void> {
    if (offset % 0x1000 || length % 0x1000) throw new Refused('length');
    if (offset + length > this.host.flash.size) throw new Refused('outside');
    this.host.flash.erase(offset, length);
    await this.host.flashTime?.(length);
    if (life === this.life) this.answer(op);
  }

  private readFlash(offset: number, length: number): Uint8Array {
    if (offset + length > this.host.flash.size) throw new Refused('outside');
    return this.host.flash.read(offset, length);
  }

  /** The block of a data packet, its length and checksum checked. */
  private checkedBlock(packet: Uint8Array, data: Uint8Array, length: number): Uint8Array {
    const block = data.subarray(BLOCK_HEADER);
    if (block.length !== length) throw new Refused('length');
    if (CHECKED_OPS.has(packet[1]!)) {
      const sum = block.reduce((xor, byte) => xor ^ byte, CHECKSUM_SEED);
      if (sum !== view(packet).getUint32(4, true)) throw new Refused('checksum');
    }
    return block;
  }

  private answer(
    op: number,
    options: { value?: number; data?: Uint8Array; failure?: Failure; done?: () => void } = {},
  ): void {
    const data = options.data ?? new Uint8Array(0);
    const out = new Uint8Array(HEADER + data.length + this.dialect.statusBytes);
    out[0] = 1;
    out[1] = op;
    view(out).setUint16(2, data.length + this.dialect.statusBytes, true);
    view(out).setUint32(4, options.value ?? 0, true);
    out.set(data, HEADER);
    if (options.failure) {
      const code = this.dialect.status[options.failure];
      out.set(this.dialect.codeFirst ? [code, 0] : [1, code], HEADER + data.length);
    }
    const life = this.life;
    const done = options.done;
    this.host.send(slipFrame(out), done && (() => (life === this.life ? done() : undefined)));
  }
}

/** Flags, encryption count, seven key purposes, chip id, version of the answer. */
function securityInfo(chip: Chip, secure: boolean): Uint8Array {
  const info = Buffer.alloc(20);
  info.writeUInt32LE(secure ? SECURE_DOWNLOAD_FLAG : 0, 0);
  info.writeUInt32LE(chip.imageChipId, 12);
  return info;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
