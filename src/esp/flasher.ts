/**
 * A board in its loader: erase, write, read, verify, and back into the application.
 * Below: loaderSession.ts, loaderCommands.ts, flashWrite.ts, flashRead.ts. Above: board brackets it,
 * operations use it.
 */
import { systemClock, type Clock } from '../core/clock';
import { BoardError, isBoardError, toBoardError } from '../core/errors';
import { throwIfCancelled, type Job } from '../core/job';
import { silentLog, type Log } from '../core/log';
import type { Port } from '../port/port';
import { ROM_BAUD_RATE, type RateMemory } from './baudRates';
import { checkRoom } from './checkImage';
import type { ChipFacts } from './chipFacts';
import { chipByName } from './chips';
import { isErased, readRange } from './flashRead';
import { Tally, writeDiffering } from './flashWrite';
import { LoaderCommands, LoaderRefusal, SECTOR } from './loaderCommands';
import { LoaderSession } from './loaderSession';
import { hardReset } from './reset';
import { SlipLink } from './slipLink';
import { hex } from './words';
import { t } from '../core/words';

export type { ChipFacts } from './chipFacts';

/** `error` with what the flash holds, where nobody has said it. */
function untouched(error: BoardError): BoardError {
  const details = { flash: 'untouched', ...error.details };
  return new BoardError(error.code, error.message, { ...error.options, details });
}

/** How much the ROM erases at a time, so that progress moves and cancel works. */
const ROM_ERASE_STEP = 0x40000;

/**
 * What the flash holds because of this session: what it held before, nothing, a part of what was to
 * be written (then it does not start), or all of it.
 */
export type FlashState = 'untouched' | 'erased' | 'partly' | 'whole';

export interface WriteResult {
  /** Bytes of the image that were written; 0 when it was there already, byte for byte. */
  readonly writtenBytes: number;
  /** Bytes of the image that were there already and were left alone. */
  readonly unchangedBytes: number;
  /** Bytes that went over the line for it. */
  readonly compressedBytes: number;
  readonly milliseconds: number;
}

export interface EnterOptions {
  /**
   * Rate for the work, bits per second; the way in is always 115200. A board that does not follow is
   * spoken to more slowly; `facts` then say so.
   */
  readonly baudRate: number;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Reset sequences to use instead of the ladder (reset.ts says how they are written). */
  readonly resets?: readonly string[];
  /** What boards were found to be able to do; kept by the caller. */
  readonly rates?: RateMemory;
}

export class Bootloader {
  private readonly commands: LoaderCommands;
  private leaving: Promise<void> | undefined;
  private holds: FlashState = 'untouched';

  private constructor(
    private readonly port: Port,
    private readonly session: LoaderSession,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.commands = new LoaderCommands(session, clock);
  }

  /**
   * Resets the board into its loader, finds out what it is, starts the stub where that is possible
   * and goes to `baudRate`. On any failure the board is let back into its application.
   * @throws BoardError no-bootloader (after 6 s on a silent board, never more than 15 s),
   * unsupported (an unknown chip), bootloader-failed, port-lost, port-failed, cancelled
   */
  static async enter(port: Port, options: EnterOptions, job: Job): Promise<Bootloader> {
    throwIfCancelled(job);
    const { clock = systemClock, log = silentLog } = options;
    const link = new SlipLink(port, clock);
    const stopWatching = endOnAbort(link, job);
    try {
      job.progress.report({ message: t('Entering the bootloader') });
      const session = await LoaderSession.open(port, link, { ...options, clock, log });
      return new Bootloader(port, session, clock, log);
    } catch (error) {
      const reason = link.ended ?? toBoardError(error, 'bootloader-failed');
      await release(port, link, clock);
      // Nothing is written on the way in.
      throw isBoardError(reason, 'bootloader-failed') ? untouched(reason) : reason;
    } finally {
      stopWatching();
    }
  }

  get facts(): ChipFacts {
    return this.session.facts;
  }

  /** What the flash holds now; an error thrown from here says it too, as details.flash. */
  get flashState(): FlashState {
    return this.holds;
  }

  /**
   * Erases the whole flash. Without the stub the ROM does it region by region, which takes longer.
   * @throws BoardError unsupported (no stub and the flash size is unknown; secure download mode),
   * and as all here bootloader-failed, port-lost, cancelled
   */
  eraseFlash(job: Job): Promise<void> {
    return this.run(job, async () => {
      const { flashSizeBytes: size, stub, chip } = this.facts;
      const message = t('Erasing');
      if (!stub && (size === undefined || chip === 'ESP8266')) {
        throw new BoardError('unsupported', 'without the stub this chip cannot be erased whole');
      }
      job.progress.report({ message, totalBytes: size });
      this.holds = 'partly';
      if (stub) await this.commands.eraseChip();
      else {
        for (let done = 0; done < size!; done += ROM_ERASE_STEP) {
          job.progress.report({ message, doneBytes: done, totalBytes: size });
          await this.commands.eraseByBeginning(done, Math.min(ROM_ERASE_STEP, size! - done));
        }
      }
      this.holds = 'erased';
      job.progress.report({ message, doneBytes: size, totalBytes: size });
    });
  }

  /**
   * True when nothing of a firmware is there: the first sectors of bootloader, partition table,
   * application and MicroPython's file system are all erased. The chip compares; little is sent.
   */
  isBlank(job: Job): Promise<boolean> {
    return this.run(job, async () => {
      const bootloader = chipByName(this.facts.chip)?.microPythonOffset ?? 0;
      const room = this.facts.flashSizeBytes ?? Infinity;
      for (const offset of [bootloader, 0x8000, 0x10000, 0x200000]) {
        if (offset >= room) continue;
        if (!(await isErased(this.commands, { offset, length: SECTOR }))) return false;
      }
      return true;
    });
  }

  /**
   * Brings `image` to `offset`: what is there already is left alone (the chip tells by MD5, a region
   * at a time), the rest is written, compressed, and the chip compares the MD5 of the whole. Erases
   * the sectors it writes and no others. Mode, frequency and size in the image's header stay as they
   * are. Where the line turns out to be bad it goes on at a slower rate. Progress is in bytes of the
   * image, those that were there already counted as done.
   * @param offset a multiple of 4096
   * @throws BoardError verify-failed, image-too-large, wrong-offset (inside a sector), unsupported
   * (secure download mode)
   */
  writeFlash(image: Uint8Array, offset: number, job: Job): Promise<WriteResult> {
    return this.run(job, async () => {
      if (offset % SECTOR !== 0) {
        const reason = t('{offset} is not the start of a sector', { offset: hex(offset) });
        throw new BoardError('wrong-offset', reason, { details: { reason } });
      }
      const data = padded(image);
      checkRoom(data.length, offset, this.facts);
      const start = this.clock.now();
      const before = this.holds;
      const target = { offset, data, imageBytes: image.length };
      const tally = new Tally();
      const begun = (): void => void (this.holds = 'partly');
      await this.persistently(() => writeDiffering(this.commands, target, tally, begun, job));
      const { writtenBytes, compressedBytes } = tally;
      this.holds = writtenBytes === 0 && before === 'untouched' ? 'untouched' : 'whole';
      return {
        writtenBytes,
        unchangedBytes: image.length - writtenBytes,
        compressedBytes,
        milliseconds: this.clock.now() - start,
      };
    });
  }

  /**
   * Reads `length` bytes from `offset`; what comes is compared by MD5. Erased regions cost next to
   * nothing. Without the stub it is slow: 64 bytes at a time.
   * @throws BoardError unsupported (secure download mode; no stub, and a ROM without the slow read),
   * verify-failed, image-too-large (beyond the end of the flash)
   */
  readFlash(offset: number, length: number, job: Job): Promise<Uint8Array> {
    return this.run(job, () => {
      checkRoom(length, offset, this.facts);
      return readRange(this.commands, { offset, length }, job);
    });
  }

  /**
   * Lets go of the loader: back to 115200, a pulse on EN, and the application starts. Never throws;
   * a second call waits for the first.
   */
  leave(): Promise<void> {
    this.leaving ??= release(this.port, this.session.link, this.clock);
    return this.leaving;
  }

  /**
   * `attempt` until it succeeds: what failed is tried once more as it was, then at each slower rate.
   * What verify finds wrong is not the line's fault: it is written once more and then told.
   */
  private async persistently(attempt: () => Promise<void>): Promise<void> {
    for (let failures = 0; ;) {
      try {
        return await attempt();
      } catch (error) {
        if (this.session.link.ended) throw error;
        const unverified = isBoardError(error, 'verify-failed');
        const refused = error instanceof LoaderRefusal || isBoardError(error, 'bootloader-failed');
        if (!unverified && !refused) throw error;
        this.log.warn(`writing: ${String(error)}; once more`);
        failures++;
        if (failures === 1 && (await this.commands.inStep())) continue;
        if (unverified || !(await this.session.slower())) throw error;
        failures = 0;
      }
    }
  }

  /** One piece of work: cancelled with the job, and a session that ended is left at once. */
  private async run<T>(job: Job, work: () => Promise<T>): Promise<T> {
    const { link } = this.session;
    if (link.ended) throw link.ended;
    const stopWatching = endOnAbort(link, job);
    try {
      if (link.ended) throw link.ended;
      if (this.facts.secureDownload) throw secureDownload();
      return await work();
    } catch (error) {
      const reason = link.ended ?? toBoardError(error, 'bootloader-failed');
      if (link.ended) await this.leave();
      throw this.withState(reason);
    } finally {
      stopWatching();
    }
  }

  /** `error`, with what the flash holds now. */
  private withState(error: BoardError): BoardError {
    const details = { ...error.details, flash: this.holds };
    return new BoardError(error.code, error.message, { ...error.options, details });
  }
}

/** A chip that lets nobody read: what is written could not be verified, nor compared before. */
function secureDownload(): BoardError {
  return new BoardError('unsupported', 'the chip is in secure download mode', {
    details: { reason: 'secure' },
  });
}

/** Ends `link` when the job is cancelled; the answer stops watching. */
function endOnAbort(link: SlipLink, job: Job): () => void {
  const onAbort = (): void => link.end(new BoardError('cancelled', 'cancelled by the user'));
  if (job.signal.aborted) onAbort();
  else job.signal.addEventListener('abort', onAbort, { once: true });
  return () => job.signal.removeEventListener('abort', onAbort);
}

/** Stops listening and starts the application. A port that is gone, or has no lines, is no fault. */
async function release(port: Port, link: SlipLink, clock: Clock): Promise<void> {
  const lost = isBoardError(link.ended, 'port-lost');
  link.end(new BoardError('bootloader-failed', 'the loader was left'));
  if (lost) return;
  const nothing = (): void => undefined;
  if (port.baudRate !== ROM_BAUD_RATE) await port.setBaudRate(ROM_BAUD_RATE).catch(nothing);
  await hardReset(port, clock).catch(nothing);
}

/** `image` filled up with 0xFF to whole words, as the flash wants it. */
function padded(image: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(image.length / 4) * 4).fill(0xff);
  out.set(image);
  return out;
}
