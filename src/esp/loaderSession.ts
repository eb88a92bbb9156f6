/**
 * From a port to a loader that answers: reset, SYNC, which chip, stub, rate, flash chip.
 * Below: esptool-js, webSerialPort.ts, reset.ts. Above: flasher.ts works with what this opened.
 */
import type { ClassicReset, ESPLoader, UsbJtagSerialReset } from 'esptool-js';
import type { Clock } from '../core/clock';
import { BoardError, isBoardError } from '../core/errors';
import type { Log } from '../core/log';
import type { Port } from '../port/port';
import { resetLadder, runResetSequence } from './reset';
import type { SlipLink } from './slipLink';
import { createTransport, loadEsptool } from './webSerialPort';

/** The rate at which every ROM loader begins, bits per second. */
export const ROM_BAUD_RATE = 115200;
/** Attempts of reset and SYNC, as many as esptool makes; about 6 s on a board that stays silent. */
const ATTEMPTS = 7;
/** After this long without a loader it is given up, whatever the board says meanwhile, ms. */
export const ENTER_MS = 15_000;

const SPI_SET_PARAMS = 0x0b;
const SPI_ATTACH = 0x0d;
const MAGIC_REGISTER = 0x40001000;

export interface ChipFacts {
  /** "ESP32", "ESP32-S3". */
  readonly chip: string;
  /** The id an image for this chip carries; -1 for the ESP8266, whose images carry none. */
  readonly chipId: number;
  /** "ESP32-D0WD-V3 (revision 3)". */
  readonly description: string;
  /** Six bytes in hex with colons; empty in secure download mode, which hides it. */
  readonly mac: string;
  readonly revision?: string;
  readonly features: readonly string[];
  readonly crystalMHz?: number;
  readonly flashSizeBytes?: number;
  /** JEDEC id: manufacturer in the low byte. */
  readonly flashId?: number;
  /** True when the flasher stub runs; without it some things are slower or impossible. */
  readonly stub: boolean;
}

export interface LoaderSession {
  readonly loader: ESPLoader;
  readonly link: SlipLink;
  readonly facts: ChipFacts;
}

export interface SessionOptions {
  readonly baudRate: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly resets?: readonly string[];
}

/**
 * Brings the board on `port` into its loader. Ends `link` itself when 15 s pass without one.
 * @throws BoardError no-bootloader (after 6 to 15 s; details { path, seen }), unsupported (an
 * unknown chip), bootloader-failed, or why the link ended
 */
export async function openSession(
  port: Port,
  link: SlipLink,
  options: SessionOptions,
): Promise<LoaderSession> {
  const { clock, log } = options;
  const esptool = await loadEsptool();
  const ladder = options.resets?.length ? options.resets : resetLadder(port.info);
  let rung = 0;
  const step = {
    async reset(): Promise<void> {
      if (link.ended) throw link.ended;
      const sequence = ladder[rung++ % ladder.length] ?? '';
      log.debug(`reset ${sequence}`);
      await link.orEnded(runResetSequence(port, sequence, clock));
    },
  };
  const loader = new esptool.ESPLoader({
    transport: createTransport(esptool, port, link, log, clock),
    baudrate: options.baudRate,
    romBaudrate: ROM_BAUD_RATE,
    terminal: {
      clean: () => undefined,
      writeLine: (line) => log.debug(line.trim()),
      write: (text) => log.debug(text.trim()),
    },
    // The package makes two of these and takes them in turn; each plays the next rung of our ladder.
    resetConstructors: {
      classicReset: () => step as ClassicReset,
      usbJTAGSerialReset: () => step as UsbJtagSerialReset,
    },
  });

  const noLoader = (): BoardError =>
    new BoardError('no-bootloader', `no loader on ${port.info.address}: ${seenIn(link.text)}`, {
      details: { path: port.info.address, seen: seenIn(link.text) },
    });
  const deadline = clock.after(ENTER_MS, () => link.end(noLoader()));
  try {
    await loader.detectChip('default_reset', ATTEMPTS);
  } catch (error) {
    if (link.ended) throw link.ended;
    if (isBoardError(error)) throw error;
    if (
      error instanceof esptool.UnexpectedChipIdError ||
      error instanceof esptool.UnexpectedChipMagicError
    ) {
      throw new BoardError('unsupported', `unknown chip: ${error.message}`, { cause: error });
    }
    log.debug(`loader: ${String(error)}`);
    throw noLoader();
  } finally {
    deadline.dispose();
  }

  const open = !loader.secureDownloadMode;
  const identity = open ? await readIdentity(loader, link, log) : undefined;
  if (open) await startStub(loader, link, log);
  if (open && options.baudRate !== ROM_BAUD_RATE) await changeBaud(loader, port, link, log);
  const flash = open ? await attachFlash(loader, link, log) : {};
  const facts: ChipFacts = {
    chip: loader.chip.CHIP_NAME,
    chipId: loader.chip.IMAGE_CHIP_ID ?? -1,
    description: identity?.description ?? loader.chip.CHIP_NAME,
    mac: identity?.mac ?? '',
    revision: identity?.revision,
    features: identity?.features ?? [],
    crystalMHz: identity?.crystalMHz,
    ...flash,
    stub: loader.IS_STUB,
  };
  log.info(`${facts.description}, ${facts.mac}, stub ${facts.stub ? 'running' : 'not running'}`);
  return { loader, link, facts };
}

/** What the board printed instead of answering, in a few words. */
function seenIn(text: string): string {
  if (/waiting for download/.test(text)) return 'it waits for download but does not answer';
  const boot = [...text.matchAll(/boot:(0x[0-9a-f]+)/gi)].at(-1)?.[1];
  if (boot) return `it started in boot mode ${boot} instead of the loader`;
  return text.trim() ? 'it prints something else' : 'it is silent';
}

type Identity = Pick<ChipFacts, 'description' | 'mac' | 'revision' | 'features' | 'crystalMHz'>;

/** Facts from eFuse and registers; one that cannot be read is left out, the MAC must be there. */
async function readIdentity(loader: ESPLoader, link: SlipLink, log: Log): Promise<Identity> {
  const { chip } = loader;
  const attempt = async <T>(what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (link.ended) throw link.ended;
      log.debug(`${what} cannot be read: ${String(error)}`);
      return undefined;
    }
  };
  const description = await attempt('description', () => chip.getChipDescription(loader));
  const features = await attempt('features', () => chip.getChipFeatures(loader));
  const revision = await attempt('revision', async () => chip.getChipRevision?.(loader));
  const crystalMHz = await attempt('crystal', () => chip.getCrystalFreq(loader));
  const mac = await chip.readMac(loader);
  await chip.postConnect?.(loader);
  return {
    description: description ?? chip.CHIP_NAME,
    features: (features ?? []).map((feature) => feature.trim()).filter((f) => f !== ''),
    revision: revision === undefined ? undefined : String(revision),
    crystalMHz,
    mac: mac.toLowerCase(),
  };
}

/**
 * Uploads the stub; a chip that refuses it goes on with its ROM. Where the chip took the upload and
 * then fell silent, it is reset into the loader again.
 */
async function startStub(loader: ESPLoader, link: SlipLink, log: Log): Promise<void> {
  try {
    await loader.runStub();
    return;
  } catch (error) {
    if (link.ended) throw link.ended;
    log.warn(`the flasher stub does not run, going on without it: ${String(error)}`);
  }
  loader.IS_STUB = false;
  if (await answers(loader, link)) return;
  await loader.transport.disconnect();
  await loader.detectChip('default_reset', ATTEMPTS);
}

/** Goes to the rate asked for; where that fails the loader is left at the ROM's. */
async function changeBaud(loader: ESPLoader, port: Port, link: SlipLink, log: Log): Promise<void> {
  try {
    await loader.changeBaud();
  } catch (error) {
    if (link.ended) throw link.ended;
    // esptool-js comes back by a reset and a new stub: refused again on a chip without one.
    if (!(await answers(loader, link))) throw error;
    log.warn(`the rate stays at ${port.baudRate}: ${String(error)}`);
  }
}

async function answers(loader: ESPLoader, link: SlipLink): Promise<boolean> {
  try {
    await loader.readReg(MAGIC_REGISTER, 500);
    return true;
  } catch {
    if (link.ended) throw link.ended;
    return false;
  }
}

/** Connects the flash chip, asks who it is, and tells the loader how large it is. */
async function attachFlash(
  loader: ESPLoader,
  link: SlipLink,
  log: Log,
): Promise<Pick<ChipFacts, 'flashId' | 'flashSizeBytes'>> {
  // The stub has attached it already; the ROM does not until told, and its message is 8 bytes long.
  if (!loader.IS_STUB && loader.chip.CHIP_NAME !== 'ESP8266') {
    await loader.checkCommand('attach the flash', SPI_ATTACH, new Uint8Array(8));
  }
  let flashId: number;
  try {
    flashId = (await loader.readFlashId()) & 0xffffff;
  } catch (error) {
    if (link.ended) throw link.ended;
    log.warn(`the flash chip's id cannot be read: ${String(error)}`);
    return {};
  }
  if (flashId === 0 || flashId === 0xffffff) {
    throw new BoardError('bootloader-failed', 'the flash chip does not answer', {
      details: { reason: 'flash' },
    });
  }
  const name = loader.DETECTED_FLASH_SIZES[(flashId >> 16) & 0xff];
  const parts = /^(\d+)(KB|MB)$/.exec(name ?? '');
  if (!parts) return { flashId };
  const flashSizeBytes = Number(parts[1]) * (parts[2] === 'MB' ? 1 << 20 : 1 << 10);
  // Id, size, 64 KiB block, 4 KiB sector, 256 byte page, status mask ("Serial Protocol", 0x0b).
  const geometry = [0, flashSizeBytes, 0x10000, 0x1000, 0x100, 0xffff];
  await loader.checkCommand('set the flash size', SPI_SET_PARAMS, words(geometry));
  return { flashId, flashSizeBytes };
}

/** `values` as 32-bit words, low byte first. */
export function words(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, i) => view.setUint32(i * 4, value, true));
  return new Uint8Array(view.buffer);
}
