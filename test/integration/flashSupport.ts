/**
 * One virtual board at its loader, for tests of flashing: its process, its port, its flash as a file.
 * Below: dist/virtual/main.js. Above: flash*.test.ts and the bench.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isBoardError, type BoardErrorCode, type ErrorDetails } from '../../src/core/errors';
import { quietJob, type Job, type ProgressUpdate } from '../../src/core/job';
import { Bootloader, type EnterOptions } from '../../src/esp/flasher';
import type { Port } from '../../src/port/port';
import { Rfc2217Provider } from '../../src/port/rfc2217';

const VIRTUAL = process.env['PARLEY_VIRTUAL_MAIN'] ?? 'dist/virtual/main.js';
/** Why these tests cannot run here, or undefined. */
export const skip = existsSync(VIRTUAL) ? undefined : `${VIRTUAL} has not been built`;
export const MIB = 1 << 20;

export interface LoaderBoard {
  readonly port: Port;
  /** Where its flash lies; a board started with it later is the same board. */
  readonly state: string;
  /** What is in its flash now. */
  flash(): Buffer;
  kill(): void;
}

/** @param state the folder of a board that was there before; it stays */
export async function withBoard<T>(
  flags: readonly string[],
  body: (board: LoaderBoard) => Promise<T>,
  state?: string,
): Promise<T> {
  const folder = state ?? mkdtempSync(join(tmpdir(), 'parley-flash-'));
  const args = [VIRTUAL, '--name', 'flash', '--state', folder, ...flags];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const provider = new Rfc2217Provider();
    const port = await provider.open(provider.add(await addressOf(child)), { baudRate: 115200 });
    const result = await body({
      port,
      state: folder,
      flash: () => readFileSync(join(folder, 'flash.bin')),
      kill: () => child.kill('SIGKILL'),
    });
    await port.close();
    return result;
  } finally {
    if (child.exitCode === null && child.signalCode === null) {
      const exit = new Promise((resolve) => child.once('exit', resolve));
      child.stdin.end();
      child.kill();
      await exit;
    }
    if (!state) rmSync(folder, { recursive: true, force: true });
  }
}

/** A folder for the state of a board that is started more than once; gone after `body`. */
export async function withState(body: (state: string) => Promise<void>): Promise<void> {
  const state = mkdtempSync(join(tmpdir(), 'parley-flash-'));
  try {
    await body(state);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the virtual board ended')));
    if (!child.stdout) throw new Error('no stdout');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { event: string; host: string; port: number };
      if (said.event === 'listening') resolve(`${said.host}:${said.port}`);
    });
  });
}

/** Half noise, half zeros, first byte as an image has it. */
export function firmware(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(randomBytes(length >> 1), length >> 2);
  bytes[0] = 0xe9;
  return bytes;
}

export interface Watched {
  readonly job: Job;
  readonly updates: ProgressUpdate[];
  readonly stop: AbortController;
}

/** A job that keeps what it was told; `onUpdate` may stop it. */
export function watched(onUpdate: (update: ProgressUpdate) => void = () => undefined): Watched {
  const updates: ProgressUpdate[] = [];
  const stop = new AbortController();
  const report = (update: ProgressUpdate): void => {
    updates.push(update);
    onUpdate(update);
  };
  return { job: { signal: stop.signal, progress: { report } }, updates, stop };
}

export const enter = (
  board: LoaderBoard,
  baudRate = 460800,
  options: Partial<EnterOptions> = {},
): Promise<Bootloader> => Bootloader.enter(board.port, { baudRate, ...options }, quietJob());

/** The details of the error with which `work` must end. */
export async function rejectsWith(
  code: BoardErrorCode,
  work: Promise<unknown>,
): Promise<ErrorDetails> {
  let details: ErrorDetails = {};
  await assert.rejects(work, (error) => {
    assert.ok(isBoardError(error), String(error));
    assert.equal(error.code, code, error.message);
    details = error.details;
    return true;
  });
  return details;
}

export function listen(port: Port): () => string {
  let text = '';
  port.onData((bytes) => (text += Buffer.from(bytes).toString('latin1')));
  return () => text;
}

export async function until(done: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!done()) {
    if (Date.now() > end) throw new Error('waited 20 s in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function sha(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
