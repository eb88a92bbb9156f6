/**
 * Reads the flash back. Erased regions are not read: the chip tells them by MD5, and most of a
 * board's flash is erased. Below: loaderCommands.ts. Above: flasher.ts.
 */
import { BoardError, isBoardError } from '../core/errors';
import type { Job } from '../core/job';
import { joined, md5, regionsOf, type Range } from './flashWrite';
import { COMMAND_MS, SLOW_READ, type LoaderCommands } from './loaderCommands';
import { words } from './words';
import { t } from '../core/words';

const MESSAGE = t('Reading');
/** A piece that came damaged is read again, so many times in all. */
const ATTEMPTS = 3;

/**
 * The bytes of `range`; each piece is compared with the MD5 that the chip computes of it.
 * @throws BoardError unsupported (a ROM without a read command), verify-failed
 */
export async function readRange(
  commands: LoaderCommands,
  range: Range,
  job: Job,
): Promise<Uint8Array> {
  const out = new Uint8Array(range.length).fill(0xff);
  let done = 0;
  const report = (bytes: number): void => {
    job.progress.report({ message: MESSAGE, doneBytes: done + bytes, totalBytes: range.length });
  };
  report(0);
  const wanted: Range[] = [];
  for (const region of regionsOf(range)) {
    if (await isErased(commands, region)) done += region.length;
    else wanted.push(region);
    report(0);
  }
  for (const piece of joined(wanted)) {
    const bytes = await readPiece(commands, piece, report);
    out.set(bytes, piece.offset - range.offset);
    done += piece.length;
    report(0);
  }
  return out;
}

/** True when the range holds nothing but 0xFF. */
export async function isErased(commands: LoaderCommands, range: Range): Promise<boolean> {
  const erased = md5(new Uint8Array(range.length).fill(0xff));
  return (await commands.md5(range.offset, range.length)) === erased;
}

async function readPiece(
  commands: LoaderCommands,
  piece: Range,
  report: (bytes: number) => void,
): Promise<Uint8Array> {
  if (!commands.facts.stub) return readSlow(commands, piece, report);
  for (let attempt = 1; ; attempt++) {
    try {
      return await readFast(commands, piece, report);
    } catch (error) {
      if (commands.link.ended || attempt === ATTEMPTS) throw error;
      if (!(await commands.inStep())) throw error;
    }
  }
}

async function readFast(
  commands: LoaderCommands,
  { offset, length }: Range,
  report: (bytes: number) => void,
): Promise<Uint8Array> {
  const { link } = commands;
  const out = new Uint8Array(length);
  await commands.beginRead(offset, length);
  for (let done = 0; done < length;) {
    const packet = await link.receive(COMMAND_MS);
    if (packet.length === 0 || done + packet.length > length) {
      throw new BoardError('bootloader-failed', 'the loader sent more than was asked for');
    }
    out.set(packet, done);
    done += packet.length;
    await link.send(words([done]));
    report(done);
  }
  const digest = Buffer.from(await link.receive(COMMAND_MS)).toString('hex');
  if (digest !== md5(out)) throw new BoardError('verify-failed', 'what was read came damaged');
  return out;
}

async function readSlow(
  commands: LoaderCommands,
  { offset, length }: Range,
  report: (bytes: number) => void,
): Promise<Uint8Array> {
  const out = new Uint8Array(length);
  const end = commands.facts.flashSizeBytes ?? Infinity;
  for (let done = 0; done < length; done += SLOW_READ) {
    // Always a whole block: a ROM answers with 64 bytes whatever it is asked for (esptool).
    const from = Math.min(offset + done, end - SLOW_READ);
    let block: Uint8Array;
    try {
      block = await commands.readSlow(from);
    } catch (cause) {
      if (done > 0 || isBoardError(cause) || commands.link.ended) throw cause;
      throw new BoardError('unsupported', 'without the stub this chip cannot be read', { cause });
    }
    const count = Math.min(SLOW_READ, length - done);
    const skip = offset + done - from;
    out.set(block.subarray(skip, skip + count), done);
    report(done + count);
  }
  if ((await commands.md5(offset, length)) !== md5(out)) {
    throw new BoardError('verify-failed', 'what was read came damaged');
  }
  return out;
}
