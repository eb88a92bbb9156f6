/**
 * From a port to a loader that answers: reset, SYNC, which chip, stub, rate, flash chip; and the
 * same again at a slower rate where a line turns out to be bad.
 * Below: esptool-js, webSerialPort.ts, reset.ts, baudRates.ts. Above: flasher.ts works with it.
 */
import type { ClassicReset, ESPLoader, UsbJtagSerialReset } from 'esptool-js';
import type { Clock } from '../core/clock';
import { BoardError, isBoardError } from '../core/errors';
import type { Log } from '../core/log';
import type { Port } from '../port/port';
import {
  ROM_BAUD_RATE,
  answers,
  changeRate,
  ratesBelow,
  ratesFrom,
  type RateMemory,
} from './baudRates';
import { readIdentity, type ChipFacts, type Identity } from './chipFacts';
import { resetLadder, runResetSequence } from './reset';
import type { SlipLink } from './slipLink';
import { runUpload } from './stubStart';
import { createTransport, isSilence, loadEsptool } from './webSerialPort';
import { words } from './words';
import { t } from '../core/words';

/** Attempts of reset and SYNC, as many as esptool makes; about 6 s on a board that stays silent. */
const ATTEMPTS = 7;
/** After this long without a loader it is given up, whatever the board says meanwhile, ms. */
export const ENTER_MS = 15_000;

/** How often the stub is tried on a chip that falls silent at it. */
const STUB_ATTEMPTS = 2;

const SPI_SET_PARAMS = 0x0b;
const SPI_ATTACH = 0x0d;

export interface SessionOptions {
  /** Rate to go to, bits per second; a slower one is taken where the board does not follow. */
  readonly baudRate: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Reset sequences to use instead of the ladder (reset.ts says how they are written). */
  readonly resets?: readonly string[];
  /** What boards were found to be able to do. */
  readonly rates?: RateMemory;
}

type Esptool = Awaited<ReturnType<typeof loadEsptool>>;

export class LoaderSession {
  private identity: Identity | undefined;
  private flash: Pick<ChipFacts, 'flashId' | 'flashSizeBytes'> = {};
  private rate = ROM_BAUD_RATE;
  private slowedFrom: number | undefined;

  private constructor(
    private readonly esptool: Esptool,
    readonly loader: ESPLoader,
    private readonly port: Port,
    readonly link: SlipLink,
    private readonly options: SessionOptions,
    /** Which sequence of the ladder comes next. */
    private readonly rung: { next: number },
  ) {}

  /**
   * Brings the board on `port` into its loader. Ends `link` itself when 15 s pass without one.
   * @throws BoardError no-bootloader (after 6 to 15 s; details { path, seen }), unsupported (an
   * unknown chip), bootloader-failed, or why the link ended
   */
  static async open(port: Port, link: SlipLink, options: SessionOptions): Promise<LoaderSession> {
    const esptool = await loadEsptool();
    const rung = { next: 0 };
    const loader = createLoader(esptool, port, link, options, rung);
    const session = new LoaderSession(esptool, loader, port, link, options, rung);
    await session.reach();
    const { log, baudRate: asked, rates } = options;
    if (!loader.secureDownloadMode) session.identity = await readIdentity(loader, link, log);
    const { mac = '' } = session.identity ?? {};
    await session.settle(ratesFrom(rates && mac ? rates.rateFor(mac, asked) : asked));
    const { facts } = session;
    const stub = facts.stub ? 'running' : 'not running';
    log.info(`${facts.description}, ${facts.mac}, stub ${stub}, ${facts.baudRate} baud`);
    return session;
  }

  get facts(): ChipFacts {
    const { loader, identity } = this;
    return {
      chip: loader.chip.CHIP_NAME,
      chipId: loader.chip.IMAGE_CHIP_ID ?? -1,
      description: identity?.description ?? loader.chip.CHIP_NAME,
      mac: identity?.mac ?? '',
      revision: identity?.revision,
      features: identity?.features ?? [],
      crystalMHz: identity?.crystalMHz,
      ...this.flash,
      stub: loader.IS_STUB,
      secureDownload: loader.secureDownloadMode,
      baudRate: this.rate,
      slowedFrom: this.slowedFrom,
    };
  }

  /**
   * Enters the loader once more, at the next slower rate that works.
   * @returns false when there is none
   * @throws BoardError as {@link LoaderSession.open}
   */
  async slower(): Promise<boolean> {
    const rates = ratesBelow(this.rate);
    if (rates.length === 0) return false;
    const from = this.rate;
    this.options.log.warn(`the line is bad at ${from} baud: once more, slower`);
    await this.reach();
    await this.settle(rates, from);
    return true;
  }

  /** Reset and SYNC, from nothing; afterwards the ROM listens at its own rate. */
  private async reach(): Promise<void> {
    const { loader, link, port, options } = this;
    const noLoader = (): BoardError =>
      new BoardError('no-bootloader', `no loader on ${port.info.address}: ${seenIn(link.text)}`, {
        details: { path: port.info.address, seen: seenIn(link.text) },
      });
    const deadline = options.clock.after(ENTER_MS, () => link.end(noLoader()));
    loader.IS_STUB = false;
    try {
      await loader.detectChip('default_reset', ATTEMPTS);
    } catch (error) {
      if (link.ended) throw link.ended;
      if (isBoardError(error)) throw error;
      const { UnexpectedChipIdError, UnexpectedChipMagicError } = this.esptool;
      if (error instanceof UnexpectedChipIdError || error instanceof UnexpectedChipMagicError) {
        throw new BoardError('unsupported', `unknown chip: ${error.message}`, { cause: error });
      }
      options.log.debug(`loader: ${String(error)}`);
      throw noLoader();
    } finally {
      deadline.dispose();
    }
    // What worked is the first to be tried the next time.
    this.rung.next--;
    this.rate = ROM_BAUD_RATE;
  }

  /**
   * Stub, rate and flash chip. Of `rates` the first that works is taken; the last must be the ROM's.
   * @param from a faster rate that was used and given up
   */
  private async settle(rates: readonly number[], from?: number): Promise<void> {
    const { loader, link, options } = this;
    const { clock, log } = options;
    if (loader.secureDownloadMode) return;
    for (const [tried, rate] of rates.entries()) {
      // Nobody knows at which rate a lost loader listens: only a reset brings it back.
      if (tried > 0) await this.reach();
      await this.startStub();
      if (rate === ROM_BAUD_RATE || (await changeRate(loader, link, rate, clock, log))) {
        this.rate = rate;
        break;
      }
    }
    const vain = from ?? rates[0];
    if (vain !== undefined && vain !== this.rate) {
      log.warn(`${vain} baud is too fast for this board or its cable; ${this.rate} works`);
      this.slowedFrom ??= vain;
      const { mac } = this.facts;
      if (mac) options.rates?.remember(mac, options.baudRate, this.rate);
    }
    this.flash = await attachFlash(loader, link, log);
  }

  /**
   * Uploads the stub; a chip that refuses it goes on with its ROM. Where it fell silent nobody knows
   * which of the two listens, so it is reset and tried once more, and then left to the ROM.
   */
  private async startStub(): Promise<void> {
    const { loader, link, options } = this;
    for (let attempt = 1; ; attempt++) {
      try {
        return void (await loader.runStub());
      } catch (error) {
        if (link.ended) throw link.ended;
        loader.IS_STUB = false;
        const why = t('the flasher stub does not run: {error}', { error: String(error) });
        if (!isSilence(error) && (await answers(loader, link))) {
          options.log.warn(`${why}; going on without it`);
          return;
        }
        options.log.warn(`${why}; resetting the chip`);
        await this.reach();
        if (attempt < STUB_ATTEMPTS) continue;
        // Lines that reset nothing leave the chip where it was: SYNC told who answers.
        loader.IS_STUB = loader['syncStubDetected'];
        return;
      }
    }
  }
}

/** esptool-js's loader over `link`, which plays our reset sequences in turn. */
function createLoader(
  esptool: Esptool,
  port: Port,
  link: SlipLink,
  { baudRate, resets, clock, log }: SessionOptions,
  rung: { next: number },
): ESPLoader {
  const ladder = resets?.length ? resets : resetLadder(port.info);
  const step = {
    async reset(): Promise<void> {
      if (link.ended) throw link.ended;
      const sequence = ladder[rung.next++ % ladder.length] ?? '';
      log.debug(`reset ${sequence}`);
      await link.orEnded(runResetSequence(port, sequence, clock));
    },
  };
  const loader = new esptool.ESPLoader({
    transport: createTransport(esptool, port, link, log, clock),
    baudrate: baudRate,
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
  loader.memFinish = (entry) => runUpload(loader, link, entry);
  return loader;
}

/** What the board printed instead of answering, in a few words. */
function seenIn(text: string): string {
  if (/waiting for download/.test(text)) return t('it waits for download but does not answer');
  const boot = [...text.matchAll(/boot:(0x[0-9a-f]+)/gi)].at(-1)?.[1];
  if (boot) return t('it started in boot mode {boot} instead of the loader', { boot });
  return text.trim() ? t('it prints something else') : t('it is silent');
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
