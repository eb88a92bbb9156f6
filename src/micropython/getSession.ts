/**
 * The host's half of a get: frames, and files, are asked for while others come: the line never rests.
 * Below: rawRepl.ts `converse`, receiverCode.ts (the board's half, and what the frames are).
 * Above: transfer.ts.
 */
import { createHash, type Hash } from 'node:crypto';
import { BoardError, isBoardError } from '../core/errors';
import { quietJob, throwIfCancelled, type Job } from '../core/job';
import { pyString } from './boardCode';
import { crc32 } from './contentHash';
import { mayBeItsRate, slowDown, speedUp, type Faster, type RateRequests } from './fasterLine';
import { answer } from './putSession';
import type { Line, RawRepl } from './rawRepl';
import { END_OF_OUTPUT, getCode, MARK } from './receiverCode';
import { converseStaged } from './stagedCode';

/** Frames of a file that may be asked for and not here yet: one on the line, one request on its way. */
const AHEAD = 2;
/** Files that may be asked for and not here yet. */
const FILES_AHEAD = 4;
/**
 * Bytes of such requests: an ESP32's ring holds 260 while the board is busy sending (mphalport.c,
 * ringbuf of the UART), and what does not fit is lost.
 */
const REQUEST_BYTES = 160;
/** Time for the next frame: to open a file in a large folder, to collect garbage. */
const ANSWER_MS = 10_000;

interface Frame {
  readonly kind: string;
  readonly data: Buffer;
}

/**
 * Reads files in their order and gives each to `onFile`; the next is asked for when that resolves.
 * @throws BoardError file-missing details { path }; port-failed details { path } where one did not
 *   arrive whole; python-error where the board's program could not run; cancelled; port-lost
 */
export function getSession(
  repl: RawRepl,
  paths: readonly string[],
  job: Job,
  onFile: (path: string, bytes: Uint8Array) => Promise<void> | void,
  onProgress: (path: string, doneBytes: number, totalBytes: number) => void,
  faster?: Faster,
): Promise<void> {
  const usual = repl.baudRate;
  return converseStaged(repl, getCode(faster !== undefined), job, async (line) => {
    const say = (letter: string, bytes: Uint8Array): Promise<void> =>
      line.write(Buffer.concat([Buffer.from(letter), bytes]));
    const ask: RateRequests = {
      change: (rates) => say('F', rates),
      prove: (pattern) => say('P', pattern),
      answer: (limitMs) => answer(line, limitMs),
    };
    const fast = faster !== undefined && (await speedUp(line, faster, ask));
    const session = new Session(line, paths);
    try {
      await session.read(job, onFile, onProgress);
    } catch (error) {
      if (fast && mayBeItsRate(error)) faster.refused('slower');
      throw error;
    } finally {
      await session.end();
      if (fast) await slowDown(line, usual, ask);
    }
  });
}

/** What a frame will answer: a file that was begun, or the next piece of the one under way. */
interface Request {
  readonly path: string;
  /** Bytes that were sent. */
  readonly bytes: number;
}

/** A file of several frames. */
interface Large {
  readonly path: string;
  readonly total: number;
  readonly parts: Buffer[];
  readonly hash: Hash;
  done: number;
}

class Session {
  /** What was asked for and has not come, in its order. */
  private readonly asked: Request[] = [];
  /** Paths that are still to be asked for. */
  private readonly left: string[];

  constructor(
    private readonly line: Line,
    paths: readonly string[],
  ) {
    this.left = [...paths];
  }

  async read(
    job: Job,
    onFile: (path: string, bytes: Uint8Array) => Promise<void> | void,
    onProgress: (path: string, doneBytes: number, totalBytes: number) => void,
  ): Promise<void> {
    let large: Large | undefined;
    /** Asked for while another was under way: to be asked for again. */
    let refused: string[] = [];
    for (;;) {
      throwIfCancelled(job);
      // The hash of a file is on its way when its last byte is here: the next may be asked for.
      if (!large || (large.done === large.total && refused.length === 0)) await this.begin();
      const request = this.asked[0];
      // It has more in it than it said: it was written to meanwhile.
      if (!request && large) throw damaged(large.path);
      if (!request) return;
      const { path } = request;
      const { kind, data } = await this.next(path);
      if (kind === 'f') {
        onProgress(path, data.length, data.length);
        await onFile(path, new Uint8Array(data));
      } else if (kind === 'w') {
        refused.push(path);
      } else if (kind === 's') {
        const total = Number(data.toString());
        large = { path, total, parts: [], hash: createHash('sha256'), done: 0 };
        onProgress(path, 0, total);
        for (let n = total === 0 ? 1 : AHEAD; n > 0; n--) await this.ask('N', path);
      } else if (kind === 'd' && large) {
        large.parts.push(data);
        large.hash.update(data);
        large.done += data.length;
        if (large.done < large.total) await this.ask('N', path);
        onProgress(path, Math.min(large.done, large.total), large.total);
      } else if (kind === 'h' && large) {
        const { done, total, hash, parts } = large;
        const whole = data.length === 0 ? done === total : data.toString() === hash.digest('hex');
        if (!whole) throw damaged(path);
        large = undefined;
        this.left.unshift(...refused);
        refused = [];
        await onFile(path, new Uint8Array(Buffer.concat(parts)));
      } else throw damaged(path);
    }
  }

  /** Asks for as many files as may be under way. */
  private async begin(): Promise<void> {
    for (;;) {
      const path = this.left[0];
      if (path === undefined) return;
      const name = Buffer.from(pyString(path));
      const length = Buffer.alloc(2);
      length.writeUInt16LE(name.length);
      const request = Buffer.concat([Buffer.from('O'), length, name]);
      const bytes = this.asked.reduce((sum, one) => sum + one.bytes, request.length);
      const many = bytes > REQUEST_BYTES || this.asked.length >= FILES_AHEAD;
      if (many && this.asked.length > 0) return;
      this.left.shift();
      await this.ask(request, path);
    }
  }

  /** Takes what is still on its way, then ends the program. */
  async end(): Promise<void> {
    try {
      await this.drain();
      await this.line.write(Buffer.from('Q'));
    } catch (error) {
      if (isBoardError(error, 'port-lost')) throw error;
      // It has ended already, or its own deadline ends it.
    }
  }

  /** Sends a request that one frame answers. */
  private async ask(request: string | Uint8Array, path: string): Promise<void> {
    const bytes = Buffer.from(request);
    this.asked.push({ path, bytes: bytes.length });
    await this.line.write(bytes);
  }

  private async drain(): Promise<void> {
    while (this.asked.length > 0) await this.frame('');
  }

  private async next(path: string): Promise<Frame> {
    const frame = await this.frame(path);
    if (frame.kind !== 'e') return frame;
    const errno = Number(frame.data.toString());
    const details = { path };
    if (errno === 2) throw new BoardError('file-missing', `no ${path} there`, { details });
    throw new BoardError('port-failed', `${path} cannot be read (errno ${errno})`, { details });
  }

  /** @throws BoardError port-failed where it is damaged; prompt-timeout; port-lost */
  private async frame(path: string): Promise<Frame> {
    const { inbox, clock } = this.line;
    const { signal } = quietJob();
    const until = clock.now() + ANSWER_MS;
    const look = (seen: Uint8Array): void => this.line.look(seen);
    const found = await inbox.nextMark(MARK, END_OF_OUTPUT, until, signal, look);
    this.asked.shift();
    if (found === 'stop') {
      this.asked.length = 0;
      throw new BoardError('port-failed', 'the sender ended', { details: { path } });
    }
    const head = found === 'mark' ? await inbox.exactly(7, until, signal) : undefined;
    const data = head && (await inbox.exactly(head.readUInt16LE(1), until, signal));
    if (!head || !data) {
      this.asked.length = 0;
      throw new BoardError('prompt-timeout', 'the sender does not answer', {
        details: { reason: 'no-answer' },
      });
    }
    const sum = head.readUInt32LE(3);
    if (sum !== 0 && sum !== Number.parseInt(crc32(data), 16)) throw damaged(path);
    return { kind: String.fromCharCode(head[0] ?? 0), data };
  }
}

function damaged(path: string): BoardError {
  const details = { path };
  return new BoardError('port-failed', `${path} did not arrive whole`, { details });
}
