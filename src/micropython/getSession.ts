/**
 * The host's half of a get: one frame is asked for while another comes, so that the line never rests.
 * Below: rawRepl.ts `converse`, receiverCode.ts (the board's half, and what the frames are).
 * Above: transfer.ts.
 */
import { createHash } from 'node:crypto';
import { BoardError, isBoardError } from '../core/errors';
import { quietJob, throwIfCancelled, type Job } from '../core/job';
import { pyString } from './boardCode';
import { crc32 } from './contentHash';
import type { Line, RawRepl } from './rawRepl';
import { END_OF_OUTPUT, getCode, MARK } from './receiverCode';
import { converseStaged } from './stagedCode';

/** Frames that may be asked for and not here yet: one on the line, one request on its way. */
const AHEAD = 2;
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
): Promise<void> {
  return converseStaged(repl, getCode, job, async (line) => {
    const session = new Session(line);
    try {
      for (const path of paths) {
        const report = (done: number, total: number): void => {
          onProgress(path, done, total);
          throwIfCancelled(job);
        };
        throwIfCancelled(job);
        await onFile(path, await session.read(path, report));
      }
    } finally {
      await session.end();
    }
  });
}

class Session {
  /** Frames asked for that have not come. */
  private pending = 0;

  constructor(private readonly line: Line) {}

  async read(path: string, report: (done: number, total: number) => void): Promise<Uint8Array> {
    const name = Buffer.from(pyString(path));
    const length = Buffer.alloc(2);
    length.writeUInt16LE(name.length);
    const next = Buffer.from('N'.repeat(AHEAD));
    await this.ask(Buffer.concat([Buffer.from('O'), length, name, next]), 1 + AHEAD);
    const opened = await this.next(path);
    const total = Number(opened.data.toString());
    report(0, total);
    const parts: Buffer[] = [];
    const hash = createHash('sha256');
    let done = 0;
    for (;;) {
      const { kind, data } = await this.next(path);
      if (kind === 'h') {
        const whole = data.length === 0 ? done === total : data.toString() === hash.digest('hex');
        if (!whole) throw damaged(path);
        await this.drain();
        return new Uint8Array(Buffer.concat(parts));
      }
      parts.push(data);
      hash.update(data);
      done += data.length;
      await this.ask(Buffer.from('N'), 1);
      report(Math.min(done, total), total);
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

  /** Sends requests that `frames` frames answer. */
  private async ask(request: Uint8Array, frames: number): Promise<void> {
    this.pending += frames;
    await this.line.write(request);
  }

  private async drain(): Promise<void> {
    while (this.pending > 0) await this.frame('');
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
    this.pending--;
    if (found === 'stop') {
      this.pending = 0;
      throw new BoardError('port-failed', 'the sender ended', { details: { path } });
    }
    const head = found === 'mark' ? await inbox.exactly(7, until, signal) : undefined;
    const data = head && (await inbox.exactly(head.readUInt16LE(1), until, signal));
    if (!head || !data) {
      this.pending = 0;
      throw new BoardError('prompt-timeout', 'the sender does not answer');
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
