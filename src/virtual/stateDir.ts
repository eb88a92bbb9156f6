/**
 * What a virtual board keeps between two lives: its flash, its MAC address and its chip, in a folder that one
 * process at a time may have.
 * Below: flash.ts, the file system of this computer. Above: main.ts.
 */
import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { BoardError } from '../core/errors';
import { isAlive, isThat, startOf } from '../core/processes';
import { type Chip, type ChipId, chips, isChipId } from './chips';
import { formatMac, MAC_PREFIX } from './efuse';
import { type Flash, openFlash } from './flash';

const BOARD = 'board.json';
const FLASH = 'flash.bin';
/** How often the owner says that it lives, and how old its word may be, in milliseconds. */
const BEAT_MS = 5_000;
const STALE_MS = 20_000;

export interface BoardState {
  readonly flash: Flash;
  /** Six bytes. */
  readonly mac: Uint8Array;
  readonly chip: Chip;
  /** Flushes the flash and lets the folder go. */
  close(): Promise<void>;
}

/**
 * Opens the folder, which is made where it is not there; a new board gets a MAC address of its own
 * and is a `newChip`. One that is there stays what it is.
 * @param like folder of a board that does not run: a new one begins as its copy, with its flash
 * @param beatMs how often the owner says that it lives
 * @throws BoardError 'virtual-failed' when another process has the folder, or it cannot be used
 */
export function openState(
  dir: string,
  newChip: ChipId = 'esp32',
  like?: string,
  beatMs = BEAT_MS,
): BoardState {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw new BoardError('virtual-failed', `cannot make the folder ${dir}`, { cause: error });
  }
  const release = lock(dir, beatMs);
  try {
    const file = join(dir, BOARD);
    const isNew = like !== undefined && !existsSync(file);
    const { mac, chip } = readIdentity(file, isNew ? copyFlash(like, dir) : newChip);
    const flash = openFlash(join(dir, FLASH));
    return {
      flash,
      mac,
      chip,
      close: async () => {
        await flash.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** Copies the flash of the board in `from`. @returns what chip that is */
function copyFlash(from: string, to: string): ChipId {
  const file = join(from, BOARD);
  if (!existsSync(file)) throw new BoardError('virtual-failed', `there is no board in ${from}`);
  const { chip } = readIdentity(file, 'esp32');
  copyFileSync(join(from, FLASH), join(to, FLASH));
  return chip.id;
}

/**
 * A file with the owner's process id and when that began, touched while it lives: a process that was
 * killed leaves its file behind, and its id may be another's by now.
 */
function lock(dir: string, beatMs: number): () => void {
  const file = join(dir, 'board.lock');
  const mine = `${process.pid} ${startOf(process.pid)}`.trim();
  const take = (): boolean => {
    try {
      writeFileSync(file, mine, { flag: 'wx' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw new BoardError('virtual-failed', `cannot write in ${dir}`, { cause: error });
    }
  };
  if (!take()) {
    const owner = ownerOf(file, beatMs);
    if (owner !== undefined) {
      const message = `the virtual board in ${dir} is running already (process ${owner})`;
      throw new BoardError('virtual-failed', message);
    }
    rmSync(file, { force: true });
    if (!take()) throw new BoardError('virtual-failed', `another process took ${dir} just now`);
  }
  const beat = setInterval(() => {
    try {
      const now = new Date();
      utimesSync(file, now, now);
    } catch {
      // The folder was removed under us; there is nothing left to guard.
    }
  }, beatMs);
  beat.unref();
  return () => {
    clearInterval(beat);
    rmSync(file, { force: true });
  };
}

/**
 * The process that has the lock, or undefined when it is gone. A computer that slept lets the lock of
 * a living process grow old: where the system tells when a process began, age says nothing; elsewhere
 * an owner that lives touches its file within a beat of waking up.
 */
function ownerOf(file: string, beat: number): number | undefined {
  try {
    const [pid = '', started = ''] = readFileSync(file, 'utf8').split(' ');
    const owner = Number(pid);
    if (!Number.isInteger(owner) || owner <= 0) return isFresh(file) ? 0 : undefined;
    if (!isAlive(owner)) return undefined;
    if (started) return isThat(owner, started) ? owner : undefined;
    if (isFresh(file)) return owner;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, beat * 1.5);
    return isFresh(file) ? owner : undefined;
  } catch {
    return undefined;
  }
}

const isFresh = (file: string): boolean => Date.now() - statSync(file).mtimeMs < STALE_MS;

/** The board's address and kind, settled at its first start. */
function readIdentity(file: string, newChip: ChipId): { mac: Uint8Array; chip: Chip } {
  let text: string | undefined;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new BoardError('virtual-failed', `cannot read ${file}`, { cause: error });
    }
  }
  if (text === undefined) {
    const mac = Uint8Array.from([...MAC_PREFIX, ...randomBytes(3)]);
    const identity = JSON.stringify({ mac: formatMac(mac), chip: newChip });
    // Whole or not at all: half a file would cost the board its name.
    writeFileSync(`${file}.new`, `${identity}\n`);
    renameSync(`${file}.new`, file);
    return { mac, chip: chips[newChip] };
  }
  const { mac, chip = 'esp32' } = parse(text);
  if (typeof mac !== 'string' || !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac)) {
    throw new BoardError('virtual-failed', `${file} holds no MAC address`);
  }
  if (!isChipId(chip)) throw new BoardError('virtual-failed', `${file} names no chip`);
  const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  return { mac: Uint8Array.from(bytes), chip: chips[chip] };
}

function parse(text: string): { mac?: unknown; chip?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as { mac?: unknown; chip?: unknown };
  } catch {
    return {};
  }
}
