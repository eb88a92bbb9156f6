/**
 * The host's half of a put: frames of bytes, as fast as the line carries them and never more than the
 * board has room for. Below: rawRepl.ts `converse`, receiverCode.ts (the board's half, and what the
 * frames are). Above: transfer.ts.
 */
import { constants, deflateRawSync } from 'node:zlib';
import { BoardError, isBoardError } from '../core/errors';
import { quietJob, throwIfCancelled, type Job } from '../core/job';
import { hashValue, type HashKind } from './contentHash';
import { mayBeItsRate, slowDown, speedUp, type Faster, type RateRequests } from './fasterLine';
import type { Line, RawRepl } from './rawRepl';
import { BOARD_WAIT_MS, END_OF_OUTPUT, MARK, MOST_BYTES, putCode } from './receiverCode';
import { converseStaged } from './stagedCode';

export interface FileToPut {
  /** Absolute, as `boardPath` spells it. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What a board answers to a frame. */
const [DAMAGED, GO_ON, WHOLE] = [0, 1, 2];
/** Kinds of frame, to be added up. */
const [BEGINS, DEFLATED, ENDS, QUIT, RATE, PROOF] = [1, 2, 4, 8, 16, 32];
/**
 * Bytes that may be under way while the board writes its flash. An ESP32 then takes no interrupts:
 * its UART's FIFO of 128 bytes is all there is (ESP32 Technical Reference Manual, UART). This much
 * covers the way of an answer to the host and back, 10 ms at 115200 baud.
 */
const AHEAD = 120;
/** Time to write a block, to make folders, to rename. */
const ANSWER_MS = BOARD_WAIT_MS + 3000;
/** Time to hash a whole file, per byte: a tenth of what an ESP32 does. */
const HASH_MS_PER_BYTE = 0.02;
/** How well a piece has to shrink to be worth the board's work. */
const WORTH = 0.97;

/** What the board can do. */
interface Receiver {
  /** Most bytes of a frame's payload. */
  readonly block: number;
  /** Window for deflate, as a power of two; 0: it cannot inflate. */
  readonly windowBits: number;
  readonly hash: HashKind;
}

interface Frame {
  readonly bytes: Uint8Array;
  readonly file: FileToPut;
  /** Bytes of the file that are there when this frame is answered. */
  readonly done: number;
  readonly ends: boolean;
}

export interface PutOptions {
  /** Called when a file is there, checked and under its name. */
  readonly onFile: (file: FileToPut) => void;
  /** Bytes of a file that are on the board. */
  readonly onProgress: (file: FileToPut, doneBytes: number) => void;
  /** False: nothing is under way while the board writes. For a line that loses bytes. */
  readonly ahead?: boolean;
  /** A rate to try for as long as it takes. */
  readonly faster?: Faster | undefined;
}

/**
 * Puts files in their order; each is whole or untouched. Cancelling leaves those before.
 * @throws BoardError disk-full details { path, needed, free }; put-failed details { path } where one
 *   arrived damaged; python-error where the board's program could not run; cancelled; port-lost
 */
export function putSession(
  repl: RawRepl,
  files: readonly FileToPut[],
  job: Job,
  options: PutOptions,
): Promise<void> {
  const { faster } = options;
  const usual = repl.baudRate;
  const code = putCode(frameMs(usual), faster !== undefined);
  return converseStaged(repl, code, job, async (line) => {
    const ask: RateRequests = {
      change: (rates) => line.write(frame(RATE, rates)),
      prove: (pattern) => line.write(frame(PROOF, pattern)),
      answer: (limitMs) => answer(line, limitMs),
    };
    const receiver = parseReceiver(await answer(line, ANSWER_MS));
    const sender = new Sender(line, options.ahead === false ? 0 : AHEAD);
    const fast = faster !== undefined && (await speedUp(line, faster, ask));
    try {
      for (const file of files)
        if (headerOf(file, receiver).length > receiver.block) throw tooLong(file);
      const frames = framesOf(files, receiver);
      await sender.send(frames, (frame) => {
        options.onProgress(frame.file, frame.done);
        if (frame.ends) options.onFile(frame.file);
        throwIfCancelled(job);
      });
    } catch (error) {
      if (isBoardError(error, 'port-lost')) throw error;
      if (fast && mayBeItsRate(error)) faster.refused('slower');
      await sender.spoil();
      // Bytes were lost: the board waits for the end of a frame. More than it can wait for is sent.
      if (isBoardError(error, 'prompt-timeout')) await line.write(new Uint8Array(64).fill(0xff));
      if (fast) await slowDown(line, usual, ask);
      throw error;
    }
    await line.write(frame(QUIT, new Uint8Array(0)));
    if (fast) await slowDown(line, usual, ask);
  });
}

/** Twice the time of the largest frame on the line, and what a computer may be busy with meanwhile. */
function frameMs(baudRate: number): number {
  return Math.ceil((MOST_BYTES * 10_000 * 2) / baudRate) + 1500;
}

class Sender {
  /** What of a frame the board does not have yet, while it has its beginning. */
  private unsent: Uint8Array = new Uint8Array(0);

  constructor(
    private readonly line: Line,
    private readonly ahead: number,
  ) {}

  async send(frames: Iterator<Frame, void>, done: (frame: Frame) => void): Promise<void> {
    let now = frames.next();
    this.unsent = now.done ? this.unsent : now.value.bytes;
    while (!now.done) {
      await this.line.write(this.unsent);
      this.unsent = new Uint8Array(0);
      const next = frames.next();
      if (!next.done) {
        const { bytes } = next.value;
        if (this.ahead > 0) await this.line.write(bytes.subarray(0, this.ahead));
        this.unsent = bytes.subarray(this.ahead);
      }
      this.judge(now.value, await this.answerTo(now.value));
      done(now.value);
      now = next;
    }
  }

  /**
   * Ends the board's program in the middle: the frame it waits for is filled up with bytes that no
   * check lets through, so that no file comes of it.
   */
  async spoil(): Promise<void> {
    await this.line.write(this.unsent.map((byte) => byte ^ 0xff));
    await this.line.write(frame(QUIT, new Uint8Array(0)));
  }

  private answerTo({ bytes, file, ends }: Frame): Promise<unknown> {
    const wire = (bytes.length * 10_000) / this.line.baudRate;
    return answer(this.line, ANSWER_MS + wire + (ends ? file.bytes.length * HASH_MS_PER_BYTE : 0));
  }

  private judge({ file, ends }: Frame, said: unknown): void {
    const { path } = file;
    if (said === (ends ? WHOLE : GO_ON)) return;
    if (said === DAMAGED) {
      throw new BoardError('put-failed', `${path} did not arrive whole`, { details: { path } });
    }
    const [first, second] = Array.isArray(said) ? (said as unknown[]) : [];
    if (typeof second === 'number') {
      const details = { path, needed: Number(first), free: second };
      throw new BoardError('disk-full', `${path} needs ${Number(first)} bytes`, { details });
    }
    const reason = String(second ?? JSON.stringify(said));
    // An errno is the file system's last word; -1 is no errno, and 125 (ECANCELED) an answer too many.
    const errno = typeof first === 'number' && first > 0 ? first : undefined;
    const details = { path, reason, errno, needed: file.bytes.length };
    const code = errno === 28 ? 'disk-full' : 'put-failed';
    throw new BoardError(code, `${path}: ${reason}`, { details });
  }
}

/** The next answer, whatever a timer prints before it. @throws BoardError prompt-timeout; port-lost */
export async function answer(line: Line, limitMs: number): Promise<unknown> {
  const { inbox, clock } = line;
  const { signal } = quietJob();
  const until = clock.now() + limitMs;
  const found = await inbox.nextMark(MARK, END_OF_OUTPUT, until, signal, (seen) => line.look(seen));
  // The program has ended; `converse` reads why.
  if (found === 'stop') throw new BoardError('put-failed', 'the receiver ended');
  let text = '';
  while (found === 'mark' && !text.endsWith('\n')) {
    const byte = await inbox.exactly(1, until, signal);
    if (!byte) break;
    text += byte.toString('latin1');
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const details = { seen: text.slice(0, 100), reason: 'no-answer' };
    throw new BoardError('prompt-timeout', 'the receiver does not answer', { cause, details });
  }
}

function parseReceiver(said: unknown): Receiver {
  const [block, windowBits, hash] = said as [number, number, HashKind];
  return { block, windowBits, hash };
}

function headerOf({ path, bytes }: FileToPut, { hash }: Receiver): Buffer {
  const [value, name] = [Buffer.from(hashValue(hash, bytes), 'hex'), Buffer.from(path)];
  const head = Buffer.alloc(7);
  head.writeUInt32LE(bytes.length, 0);
  head.writeUInt8(value.length, 4);
  head.writeUInt16LE(name.length, 5);
  return Buffer.concat([head, value, name]);
}

function tooLong({ path }: FileToPut): BoardError {
  const details = { path };
  return new BoardError('put-failed', `${path} is too long a name for one frame`, { details });
}

/** The frames of all files, each made when it is asked for. */
function* framesOf(files: readonly FileToPut[], receiver: Receiver): Generator<Frame, void> {
  /** Bytes of source that have fitted into a block lately. */
  let guess = receiver.block * 3;
  for (const file of files) {
    const { bytes } = file;
    for (let at = 0, first = true; first || at < bytes.length; first = false) {
      const header = first ? headerOf(file, receiver) : Buffer.alloc(0);
      const room = receiver.block - header.length;
      const piece = pieceOf(bytes.subarray(at), room, receiver.windowBits, guess);
      if (piece.deflated) guess = nextGuess(piece, receiver.block);
      at += piece.length;
      const ends = at >= bytes.length;
      const kind = (first ? BEGINS : 0) + (piece.deflated ? DEFLATED : 0) + (ends ? ENDS : 0);
      const payload = Buffer.concat([header, piece.data]);
      yield { bytes: frame(kind, payload), file, done: at, ends };
    }
  }
}

interface Piece {
  readonly data: Uint8Array;
  /** Bytes of the file that are in it. */
  readonly length: number;
  readonly deflated: boolean;
}

/** The front of `rest` that fits into `room` bytes: deflated where that makes it smaller. */
function pieceOf(rest: Uint8Array, room: number, windowBits: number, guess: number): Piece {
  const plain = rest.subarray(0, room);
  if (windowBits > 0) {
    for (let want = Math.min(rest.length, guess); want > 0; want = Math.floor(want / 2)) {
      const source = rest.subarray(0, want);
      const data = deflateRawSync(source, { windowBits, level: constants.Z_BEST_COMPRESSION });
      if (data.length > source.length * WORTH) break;
      if (data.length <= room) return { data, length: want, deflated: true };
    }
  }
  return { data: plain, length: plain.length, deflated: false };
}

/** A little less than what would have filled the block, and never so much that it takes long. */
function nextGuess({ data, length }: Piece, block: number): number {
  const fits = Math.floor(((length * block) / Math.max(1, data.length)) * 0.9);
  return Math.max(block, Math.min(block * 16, fits));
}

function frame(kind: number, payload: Uint8Array): Uint8Array {
  const [low, high] = [payload.length & 0xff, payload.length >> 8];
  return Buffer.concat([Uint8Array.of(kind, low, high, kind ^ low ^ high ^ 0x5a), payload]);
}
